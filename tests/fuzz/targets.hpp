#pragma once

#include <cstdint>
#include <span>

// One function per reader. Each reads any bytes as a file of its format, in every type, and requires that the file is
// refused with an IoError or InvalidArgument of one line, or that what was read is read again from what is written of
// it. It returns whether a reader accepted the file, and throws where the library breaks a promise.
//
// With CORYMB_FUZZ=ON and clang each becomes a program fuzz_READER, which takes libFuzzer's arguments, e.g.
//   fuzz_csv -max_len=4096 -rss_limit_mb=1024 -malloc_limit_mb=256 -max_total_time=120 NEW_INPUTS tests/fuzz/corpus/csv
// New inputs go to the first folder; test_fuzz reads the corpus in every run of the tests. Its files are named ok-*
// where a reader must accept them, bad-* where all must refuse, found-* where a fuzzer found something once.
namespace corymb_fuzz {

using Bytes = std::span<const std::uint8_t>;

/// The first line is the options: delimiter ('0' = detect), header ('p', 'a', else detect), comment ('0' = none), and
/// the columns with '/' between them; the file follows.
bool csv(Bytes input);

bool npy(Bytes input);

bool idx(Bytes input);

/// Files of labels and of row numbers.
bool labels(Bytes input);

/// The format is seen from the content. The first line is a 'z' where the file is to be compressed, anything else where
/// it is not, followed by options as for csv.
bool matrix(Bytes input);

}  // namespace corymb_fuzz
