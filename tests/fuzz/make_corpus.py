#!/usr/bin/env python3
"""Writes the seeds of the fuzzers, ok-* and bad-*, into corpus/READER; what fuzzers found (found-*) stays."""
import gzip
import pathlib
import struct

corpus = pathlib.Path(__file__).parent / "corpus"


def npy(descr, shape, data, fortran=False, version=1, header=None):
    text = header or f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    text = (text + "\n").encode()
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text + data


def idx(code, sizes, data, dims=None):
    head = bytes([0, 0, code, len(sizes) if dims is None else dims])
    return head + b"".join(struct.pack(">I", size) for size in sizes) + data


def doubles(*values, order="<"):
    return struct.pack(f"{order}{len(values)}d", *values)


def compressed(data):
    return gzip.compress(data, mtime=0)


table = b"x,y,class\n1,2.5,a\n-3e2,.5,\"b, c\"\n"
csv_files = {  # name: (options, content)
    "ok-plain": (b"0d#", b"1.5,-2\n3,4e2\n"),
    "ok-header": (b"0d#", b"x,\"y \"\"z\"\"\"\n1,2\n3,4"),
    "ok-byte-order-mark": (b"0d#", b"\xef\xbb\xbf# note\r\n\r\nx;y\r\n1;2\r\n"),
    "ok-blanks": (b" a0", b"  1 \t 2\n 3  4  \n"),
    "ok-tabs": (b"\ta#", b"1\t2\n3\t4\n"),
    "ok-special-numbers": (b"0d#", b"nan,NA,inf\n-inf,+1,1e-400\n-0,\"7\",1.\n"),
    "ok-one-column": (b"0d#", b"7\n8\n"),
    "ok-numbers-as-names": (b",p0", b"2020,2021\n1,2\n"),
    "ok-columns-by-number": (b"0d#2/1", table),
    "ok-columns-by-name": (b",d#y/x", table),
    "ok-columns-without-header": (b",d#2-3", b"a,1,2\nb,3,4\n"),
    "ok-columns-empty-fields": (b",a02", b",1,\n,2,\n"),
    "bad-text": (b"0d#", b"1,2\n3,four\n"),
    "bad-ragged": (b"0d#", b"1,2\n3\n"),
    "bad-empty-field": (b"0d#", b"1,2\n3,\n"),
    "bad-quote": (b"0d#", b"1,\"2\n3,4\n"),
    "bad-empty": (b"0d#", b""),
    "bad-header-only": (b"0d#", b"x,y\n"),
    "bad-binary": (b"0d#", b"1\x002,\x00\n"),
    "bad-out-of-range": (b"0d#", b"1e999\n"),
    "bad-delimiter": (b"ed#", b"1e2\n"),
    "bad-comment": (b",d,", b"1,2\n"),
    "bad-column-missing": (b"0d#z", table),
    "bad-column-too-large": (b"0d#99999999999999999999", table),
    "bad-columns-backwards": (b"0d#2-1", table),
    "bad-column-twice": (b"0d#1/x", table),
    "bad-column-of-text": (b"0d#class", table),
    "bad-zero-byte-in-name": (b",p#", b"first_name,a\x00b\n1,2\n"),
}

six = doubles(1, -2.5, 3, 4, 5e300, 3.14159)
npy_files = {
    "ok-float64": npy("<f8", "(2, 3)", six),
    "ok-float64-fortran": npy("<f8", "(2, 3)", six, fortran=True),
    "ok-float64-big-endian": npy(">f8", "(3,)", doubles(1, 2, 3, order=">"), version=2),
    "ok-float32": npy("<f4", "(2, 2)", struct.pack("<4f", 1, 2, 3, 4), version=3),
    "ok-int16-fortran": npy(">i2", "(2, 2)", struct.pack(">4h", 1, -2, 3, 4), fortran=True),
    "ok-uint64": npy("<u8", "(2,)", struct.pack("<2Q", 1, 2**64 - 1)),
    "ok-bool": npy("|b1", "(3,)", b"\x00\x01\x02"),
    "ok-empty": npy("<i4", "(0, 3)", b""),
    "ok-empty-huge": npy("<i4", "(0, 4611686018427387904)", b""),
    "ok-no-columns": npy("<f4", "(9223372036854775807, 0)", b""),
    "ok-gzip": compressed(npy("<f8", "(2, 3)", six)),
    "bad-truncated": npy("<f8", "(2, 3)", six)[:-1],
    "bad-trailing": npy("<f8", "(2, 3)", six + b"\0"),
    "bad-negative": npy("<f8", "(-2, 3)", six),
    "bad-overflow": npy("<f8", "(4294967296, 4294967296)", six),
    "bad-huge": npy("|u1", "(9223372036854775807,)", six),
    "bad-dimensions": npy("<f8", "(1, 2, 3)", six),
    "bad-type": npy("<c16", "(3,)", six),
    "bad-version": npy("<f8", "(2, 3)", six, version=9),
    "bad-header": npy("", "", six, header="{'descr': '<f8', 'fortran_order': False, 'shape': (2"),
    "bad-header-length": b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{",
    "bad-gzip-huge": compressed(npy("|u1", "(4000, 4000)", bytes(9000))),
}

idx_files = {
    "ok-labels": idx(8, [5], bytes([0, 9, 1, 255, 4])),
    "ok-images": idx(8, [3, 2, 2], bytes(range(12))),
    "ok-int8": idx(9, [2], b"\x80\x7f"),
    "ok-int16": idx(11, [2, 1], struct.pack(">2h", -300, 300)),
    "ok-int32": idx(12, [1, 2], struct.pack(">2i", -(2**31), 2**31 - 1)),
    "ok-float32": idx(13, [2], struct.pack(">2f", 1.5, -2)),
    "ok-float64": idx(14, [2, 3], doubles(1, -2.5, 3, 4, 5e300, 3.14159, order=">")),
    "ok-empty": idx(8, [0, 28, 28], b""),
    "ok-empty-item": idx(8, [3, 0, 28], b""),
    "ok-zero-and-huge": idx(8, [2**32 - 1, 2**32 - 1, 2**32 - 1, 0, 2**32 - 1], b""),
    "ok-gzip": compressed(idx(8, [3, 2, 2], bytes(range(12)))),
    "bad-truncated": idx(8, [3, 2, 2], bytes(11)),
    "bad-trailing": idx(8, [3, 2, 2], bytes(13)),
    "bad-no-dimensions": idx(8, [], b"\x01"),
    "bad-sizes-missing": idx(8, [3, 2], b"", dims=200),
    "bad-overflow": idx(8, [1] + [2**32 - 1] * 4, bytes(64)),
    "bad-overflow-without-rows": idx(8, [0] + [2**32 - 1] * 4, b""),
    "bad-huge": idx(14, [2**32 - 1, 2**31], bytes(64)),
    "bad-type": idx(10, [1], b"\x01"),
    "bad-magic": b"\x00\x01" + idx(8, [1], b"\x01")[2:],
    "bad-gzip-huge": compressed(idx(8, [4000, 4000], bytes(9000))),
}

label_files = {
    "ok-text": b"# classes\nlabel\n0\n-1\n\"7\"\n",
    "ok-real-text": b"0.0\n-1.000e+00\n7e0\n",
    "ok-large-rows": b"0\n9007199254740993\n",
    "ok-npy": npy("<i8", "(3,)", struct.pack("<3q", 5, 0, 2**40)),
    "ok-npy-column": npy("|i1", "(3, 1)", b"\x00\xff\x07"),
    "ok-idx": idx(8, [4], b"\x05\x00\x04\x01"),
    "ok-idx-int32": idx(12, [2], struct.pack(">2i", 70000, -1)),
    "ok-gzip": compressed(b"1\n2\n3\n"),
    "bad-fraction": b"0\n1.5\n",
    "bad-not-finite": b"inf\n",
    "bad-text": b"0\ncat\n",
    "bad-two-columns": b"0,1\n",
    "bad-large": b"99999999999999999999\n",
    "bad-npy-floats": npy("<f8", "(6,)", six),
    "bad-npy-large": npy("<u8", "(1,)", b"\xff" * 8),
    "bad-idx-floats": idx(13, [1], b"\0" * 4),
    "bad-idx-images": idx(8, [2, 2], b"\0" * 4),
}

matrix_files = {  # name: (first line, content)
    "ok-csv": (b"-0d#", b"1,2\n3,4\n"),
    "ok-csv-columns": (b"-0d#y/1", table),
    "ok-csv-gzip": (b"z0d#", b"1,2\n3,4\n"),
    "ok-npy-columns": (b"-0d#3/1-2", npy("<f8", "(2, 3)", six)),
    "ok-npy-fortran-columns": (b"-0d#2-3", npy("<f8", "(2, 3)", six, fortran=True)),
    "ok-npy-gzip": (b"z0d#", npy(">i4", "(2, 2)", struct.pack(">4i", 1, 2, 3, 4), fortran=True)),
    "ok-idx-columns": (b"-0d#4/2", idx(8, [3, 2, 2], bytes(range(12)))),
    "ok-idx-gzip": (b"z0d#1-3", idx(11, [2, 3], struct.pack(">6h", *range(6)))),
    "ok-real-gzip": (b"-0d#", compressed(b"x,y\n1,2\n3,4.5\n")),
    "ok-two-gzip-members": (b"-0d#", compressed(b"x,y\n1,2\n") + compressed(b"3,4.5\n")),
    "bad-npy-column-name": (b"-0d#x", npy("<f8", "(2, 3)", six)),
    "bad-npy-column-too-large": (b"-0d#2-4", npy("<f8", "(2, 3)", six)),
    "bad-idx-column-twice": (b"-0d#1-3/2", idx(8, [2, 4], bytes(8))),
    "bad-gzip-truncated": (b"-0d#", compressed(b"x,y\n1,2\n3,4.5\n")[:-9]),
    "bad-gzip-damaged": (b"-0d#", compressed(b"x,y\n1,2\n3,4.5\n")[:12] + b"\xff" * 9),
    "bad-gzip-trailing": (b"-0d#", compressed(b"1,2\n") + b"garbage"),
    "bad-gzip-of-zeros": (b"-0d#", compressed(bytes(2_000_000))),
    "bad-gzip-in-gzip": (b"z0d#", compressed(b"1,2\n")),
    "bad-gzip-npy-bomb": (b"-0d#", compressed(npy("<f8", "(2,)", bytes(2_000_000)))),
    "bad-gzip-header-only": (b"-0d#", b"\x1f\x8b"),
}

for reader, files in [("csv", csv_files), ("npy", npy_files), ("idx", idx_files), ("labels", label_files),
                      ("matrix", matrix_files)]:
    folder = corpus / reader
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        content = content if isinstance(content, bytes) else content[0] + b"\n" + content[1]
        assert len(content) < 4096, name
        (folder / name).write_bytes(content)
