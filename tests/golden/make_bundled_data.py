#!/usr/bin/env python3
"""Makes the bundled data headers and what their tests compare with.

    python3 tests/golden/make_bundled_data.py

Needs scikit-learn (iris, wine, digits) and R (faithful, and its iris to compare with); nothing is fetched. Writes
include/corymb/datasets/detail/{iris,wine,digits,old_faithful}_data.hpp and tests/datasets/bundled_checksums.hpp.
"""

import math
import subprocess
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits, load_iris, load_wine

ROOT = Path(__file__).resolve().parents[2]
DETAIL = ROOT / "include/corymb/datasets/detail"


def from_r(expression):
    """A numeric matrix that R computes, exactly."""
    code = f'x <- as.matrix({expression}); cat(sprintf("%.17g", t(x)), ncol(x))'
    done = subprocess.run(["Rscript", "--vanilla", "-e", code], check=True, capture_output=True, text=True)
    *values, columns = done.stdout.split()
    return np.array(values, dtype=float).reshape(-1, int(columns))


def load(name):
    """Points (float64, C order) and labels (None for old_faithful) of a bundled data set."""
    if name == "old_faithful":
        return from_r("datasets::faithful"), None
    data = {"iris": load_iris, "wine": load_wine, "digits": load_digits}[name]()
    return np.ascontiguousarray(data.data, dtype=np.float64), data.target


NAMES = ["iris", "wine", "digits", "old_faithful"]


def header(lines):
    first = ["#pragma once", "", "// Made by tests/golden/make_bundled_data.py. Do not edit.", ""]
    return "\n".join(first + lines) + "\n"


def in_library(includes, lines):
    return header(
        ["#include <corymb/core/config.hpp>", ""]
        + ([f"#include <{i}>" for i in includes] + [""] if includes else [])
        + ["CORYMB_BEGIN", "namespace detail {", "// clang-format off", ""]
        + lines
        + ["", "// clang-format on", "}  // namespace detail", "CORYMB_END"]
    )


def write_values(name, points):
    """One row of the matrix per line, each value in its shortest form."""
    rows = [", ".join(np.format_float_positional(v, trim="-") for v in row) + "," for row in points]
    assert (np.array([[float(v) for v in row.rstrip(",").split(", ")] for row in rows]) == points).all()
    lines = [f"inline constexpr double {name}_values[] = {{", *rows, "};"]
    (DETAIL / f"{name}_data.hpp").write_text(in_library([], lines))


def write_digits(points, labels):
    """One image per line, one character per value: 0 to 9, then a = 10 to g = 16. In blocks, because a compiler need
    not accept a literal above 65536 characters."""
    assert ((points >= 0) & (points <= 16) & (points == np.floor(points))).all()
    images = ['    "' + "".join("0123456789abcdefg"[int(v)] for v in row) + '"' for row in points]
    lines = ["inline constexpr std::string_view digits_pixels[] = {"]
    for begin in range(0, len(images), 1000):
        block = images[begin:begin + 1000]
        block[-1] += ","
        lines += block
    lines += ["};", ""]
    text = "".join(map(str, labels))
    lines += ["inline constexpr std::string_view digits_labels ="]
    lines += [f'    "{text[i:i + 100]}"' for i in range(0, len(text), 100)]
    lines[-1] += ";"
    (DETAIL / "digits_data.hpp").write_text(in_library(["string_view"], lines))


def write_checksums(data):
    """Per column: the sum, and the sum of (row number from 1) × value, which notices exchanged rows."""
    lines = ["namespace bundled_checksums {", "// clang-format off", ""]
    for name, points in data.items():
        number = np.arange(1, len(points) + 1)
        for what, columns in (("sums", points.T), ("moments", (points * number[:, None]).T)):
            values = [repr(math.fsum(column)) for column in columns]
            lines.append(f"inline constexpr double {name}_{what}[] = {{")
            lines += ["    " + ", ".join(values[i:i + 8]) + "," for i in range(0, len(values), 8)]
            lines += ["};"]
    lines += ["", "// clang-format on", "}  // namespace bundled_checksums"]
    (ROOT / "tests/datasets/bundled_checksums.hpp").write_text(header(lines))


def main():
    loaded = {name: load(name) for name in NAMES}
    points = {name: pair[0] for name, pair in loaded.items()}
    assert (points["iris"] == from_r("datasets::iris[, 1:4]")).all(), "scikit-learn and R disagree on iris"
    for name, sizes in (("iris", [50, 50, 50]), ("wine", [59, 71, 48])):
        assert (loaded[name][1] == np.repeat([0, 1, 2], sizes)).all()
    for name in ("iris", "wine", "old_faithful"):
        write_values(name, points[name])
    write_digits(*loaded["digits"])
    write_checksums(points)


if __name__ == "__main__":
    main()
