#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <corymb/io/csv.hpp>
#include <corymb/io/idx.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/matrix.hpp>
#include <corymb/io/npy.hpp>

#include <array>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "io/binary_files.hpp"
#include "io/support.hpp"

// Files that are damaged or made to do harm: each is one error of one line, and takes no memory but that of its bytes.

namespace hostile_test {
namespace {

using corymb::Index;

constexpr std::uint64_t mebibyte = 1 << 20;

/// Sanitizers reserve address space that no limit allows.
constexpr bool memory_can_be_limited() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return false;
#endif
#endif
  return true;
}

/// A gzip file of fixed Huffman codes (RFC 1951, 3.2.6), in which 13 bits repeat a byte 258 times. It has no checksum,
/// because nobody reads that far.
class Bomb {
 public:
  explicit Bomb(std::string_view start) {
    bits(0b011, 3);  // the last block, with fixed codes
    for (const char c : start) literal(static_cast<unsigned char>(c));
  }

  /// Appends about that many copies of the last byte.
  std::string inflating_to(std::uint64_t bytes) {
    for (std::uint64_t done = 0; done < bytes; done += 258) {
      code(0b11000101, 8);  // length 258
      code(0b00000, 5);     // distance 1
    }
    code(0, 7);  // the end
    bits(0, 7);
    return std::move(file_);
  }

 private:
  void bits(unsigned value, int count) {  // the lowest first
    for (int i = 0; i < count; ++i) {
      byte_ |= (value >> i & 1) << used_;
      if (++used_ < 8) continue;
      file_ += static_cast<char>(byte_);
      byte_ = 0;
      used_ = 0;
    }
  }
  void code(unsigned value, int count) {  // the highest first
    while (count > 0) bits(value >> --count & 1, 1);
  }
  void literal(unsigned value) {
    if (value < 144)
      code(0b00110000 + value, 8);
    else
      code(0b110010000 + value - 144, 9);
  }

  std::string file_ = bytes_of("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03");
  unsigned byte_ = 0;
  int used_ = 0;
};

class HostileFiles : public IoTest {
 protected:
  /// What every reader says to a file: the message of its IoError without the path, or "read".
  static std::array<std::string, 7> answers(const std::string& path) {
    const std::function<void()> readers[] = {
        [&] { corymb::read_matrix<double>(path); },
        [&] { corymb::read_matrix<float>(path, {.columns = {"1"}}); },
        [&] { corymb::read_csv(path); },
        [&] { corymb::read_npy(path); },
        [&] { corymb::read_idx(path); },
        [&] { corymb::read_labels(path); },
        [&] { corymb::read_rows(path); },
    };
    std::array<std::string, 7> result;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = answer(path, readers[i]);
    return result;
  }

  static std::string answer(const std::string& path, const std::function<void()>& read) {
    try {
      read();
    } catch (const corymb::IoError& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with(path + ":")) << message;
      EXPECT_LT(message.size(), path.size() + 400);
      for (const char c : message) EXPECT_TRUE(static_cast<unsigned char>(c) >= ' ' && c != '\x7f') << message;
      return message.substr(path.size());
    }
    return "read";
  }

  /// What f returns in a process that may take only `limit` more bytes of memory than it has.
  static std::string in_little_memory(std::uint64_t limit, const std::function<std::string()>& f) {
    int ends[2];
    if (pipe(ends) != 0) return "no pipe";
    const pid_t child = fork();
    if (child == 0) {
      std::uint64_t pages = 0;
      std::ifstream("/proc/self/statm") >> pages;
      const rlim_t most = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + limit;
      const rlimit limits{most, most};
      std::string text;
      try {
        text = pages > 0 && setrlimit(RLIMIT_AS, &limits) == 0 ? f() : "memory was not limited";
      } catch (const std::exception& error) {
        text = std::string("thrown: ") + error.what();
      }
      const bool written = write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
      _exit(written ? 0 : 1);
    }
    close(ends[1]);
    std::string text;
    char buffer[512];
    for (ssize_t count = 0; (count = read(ends[0], buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(count));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? text : "exit status " + std::to_string(WEXITSTATUS(status));
  }

  /// Requires that each reader refuses a file, with little memory where that can be had.
  static void expect_refused(const std::string& path, std::uint64_t limit = 64 * mebibyte) {
    const auto refused = [&]() -> std::string {
      for (const std::string& said : answers(path))
        if (said == "read") return "a reader accepted it";
      return testing::Test::HasFailure() ? "a bad message" : "refused";
    };
    EXPECT_EQ(memory_can_be_limited() ? in_little_memory(limit, refused) : refused(), "refused");
  }
};

const std::string small_npy = npy(dict("<i2", false, "(3, 1)"), bytes_of("\x01\x00\x02\x00\x03\x00"));
const std::string small_idx = idx(0x0b, {3, 1}, bytes_of("\x00\x01\x00\x02\x00\x03"));
const std::string small_csv = "# note\nx,\"y \"\"z\"\"\"\n1,-2.5e1\nnan,\"4\"\n";
// gzip.compress(b"x\n1\n2\n", mtime=0) of Python 3.11.
const std::string small_gzip = bytes_of(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\xe0\x32\xe4\x32\xe2\x02\x00\xd3\x91\xa6\x54\x06\x00\x00\x00");

TEST_F(HostileFiles, TruncatedAtAnyByte) {
  for (const std::string& whole : {small_npy, small_idx, small_gzip}) {
    if (whole[0] == '\x1f' && !corymb::compiled::reads_gzip()) continue;
    EXPECT_EQ(answers(file("whole", whole))[0], "read");
    EXPECT_EQ(answers(file("whole", whole))[5], "read");
    for (std::size_t size = 0; size < whole.size(); ++size)
      for (const std::string& said : answers(file("part", whole.substr(0, size)))) EXPECT_NE(said, "read") << size;
  }
  // A shorter text may be a table too.
  EXPECT_EQ(answers(file("whole", small_csv))[0], "read");
  for (std::size_t size = 0; size < small_csv.size(); ++size) answers(file("part", small_csv.substr(0, size)));
}

TEST_F(HostileFiles, WithAnyByteChanged) {
  for (const std::string& whole : {small_npy, small_idx, small_gzip, small_csv})
    for (std::size_t at = 0; at < whole.size(); ++at)
      for (const int bits : {0x01, 0x10, 0x80, 0xff}) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ bits);
        answers(file("damaged", damaged));
      }
}

TEST_F(HostileFiles, ThatClaimToBeLarge) {
  const std::string data(64, '\0');
  const std::uint32_t most = ~std::uint32_t{0};
  for (const char* type : {"|u1", "<i8", ">f4"})
    for (const bool fortran : {false, true})
      for (const char* shape :
           {"(10000000000,)", "(100000, 100000)", "(1, 10000000000)", "(9223372036854775807,)",
            "(9223372036854775807, 9223372036854775807)", "(4294967296, 4294967296)", "(9223372036854775808,)",
            "(18446744073709551616,)", "(18446744073709551617, 64)", "(-1,)", "(-1, -64)", "(64, -1)"})
        expect_refused(file("a.npy", npy(dict(type, fortran, shape), data)));
  for (const int type : {0x08, 0x0c, 0x0e})
    for (const std::vector<std::uint32_t>& sizes : {std::vector<std::uint32_t>{most},
                                                    {100'000, 100'000},
                                                    {1, most},
                                                    {most, most},
                                                    {most, most, most},
                                                    {1, 1U << 31, 1U << 31, 4},
                                                    {2, 1U << 31, 1U << 31},
                                                    {1U << 31, 1U << 31, 4}})
      expect_refused(file("a.idx", idx(type, sizes, data)));
  expect_refused(file("dimensions.idx", idx(0x08, std::vector<std::uint32_t>(255, most), data)));
  expect_refused(file("sizes.idx", bytes_of("\x00\x00\x08\xff\x00\x00\x00\x01")));
}

TEST_F(HostileFiles, WithAHugeHeader) {
  expect_refused(file("length.npy", bytes_of("\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr': '<f8'")));
  expect_refused(file("limit.npy", bytes_of("\x93NUMPY\x02\x00\x00\x00\x10\x00{'descr': '<f8'")));
  const std::string blanks(1 << 20, ' ');
  expect_refused(file("blanks.npy", npy(blanks, "", 2)));
  std::string sizes = "(1";
  for (int i = 0; i < 200'000; ++i) sizes += ", 1";
  expect_refused(file("shape.npy", npy(dict("<f8", false, sizes + ")"), std::string(8, '\0'), 2)));
  expect_refused(file("key.npy", npy("{'" + std::string(500'000, 'x') + "': 1}", "", 2)));
  expect_refused(file("type.npy", npy(dict(std::string(500'000, '\n'), false, "(1,)"), std::string(8, '\0'), 2)));
}

// NPY and IDX are refused by their own readers; read as text they are no better.
TEST_F(HostileFiles, WithTheWrongMagic) {
  for (const std::string& whole : {small_npy, small_idx})
    for (std::size_t at = 0; at < (whole == small_npy ? 6 : 3); ++at) {
      std::string damaged = whole;
      damaged[at] = '\x7f';
      expect_refused(file("a", damaged));
    }
}

TEST_F(HostileFiles, OfTextThatClaimsColumns) {
  std::string text(400'000, ',');
  for (int i = 0; i < 100'000; ++i) text += "\n1";
  expect_refused(file("delimiters", text), 128 * mebibyte);
  expect_refused(file("names", "x" + text), 128 * mebibyte);
  expect_refused(file("quotes", std::string(400'000, '"')));
  expect_refused(file("digits", std::string(4'000'000, '7')));
  expect_refused(file("escapes",
                      "1\n\x1b]0;title\x07\x9b"
                      "31m\xe2\x80\xae\xe2\x80\xa8\n"));
}

TEST_F(HostileFiles, AreQuotedOnOneLine) {
  const std::string many(39, 'a');
  const std::pair<std::string, std::string> cases[] = {
      {"L\xc3\xa4nge \xe2\x82\xac \xf0\x9f\x8c\xbc", "'L\xc3\xa4nge \xe2\x82\xac \xf0\x9f\x8c\xbc'"},
      {"\x1b]t\x07\x9b\xc2\x85\xe2\x80\xae",
       "'?]t" + std::string(7, '?') + "'"},  // a terminal's title, a line end, ...
      {"x\xc0\x8a\xe0\x82\x85\xed\xa0\x80\xf5\x80\x80\x80", "'x" + std::string(12, '?') + "'"},  // no characters
      {many + "\xc3\xa4", "'" + many + "...'"},
      {many + "b", "'" + many + "b'"},
      {many + "\xc3", "'" + many + "?'"},
  };
  for (const auto& [text, shown] : cases) {
    const std::string name = file("a", "1\n" + text + "\n");
    EXPECT_EQ(failure(name, [&] { corymb::read_csv(name); }).message, ":2:1: " + shown + " is not a number");
  }
}

class HostileGzip : public HostileFiles {
 protected:
  void SetUp() override {
    if (!corymb::compiled::reads_gzip()) GTEST_SKIP() << "built without zlib";
  }
};

TEST_F(HostileGzip, InflatesToWhatIsSaid) {
  std::string zeros = Bomb(npy(dict("|u1", false, "(517, 1)"), bytes_of("\0"))).inflating_to(516);
  const std::string name = file("a.npy.gz", zeros);
  // Everything is there but the checksum.
  EXPECT_EQ(failure(name, [&] { corymb::read_npy(name); }).message, ": truncated: the gzip data end too early");
}

TEST_F(HostileGzip, InflatesToMoreThanItsHeaderClaims) {
  const std::uint64_t size = 100 * mebibyte;
  const std::string array = file("a.npy.gz", Bomb(npy(dict("<f8", false, "(2,)"), bytes_of("\0"))).inflating_to(size));
  const std::string items = file("a.idx.gz", Bomb(idx(0x08, {2, 3}, bytes_of("\0"))).inflating_to(size));
  expect_refused(array);
  expect_refused(items);
  EXPECT_EQ(failure(array, [&] { corymb::read_matrix(array); }).message, ": more data follow shape (2) of '<f8'");
  EXPECT_EQ(failure(items, [&] { corymb::read_matrix(items); }).message, ": more data follow shape (2, 3) of uint8");
}

// Compressed data can be a thousand times larger than the file, which is why the size of the file refutes nothing.
TEST_F(HostileGzip, InflatesToLessThanItsHeaderClaims) {
  const std::uint64_t size = 8 * mebibyte;
  const std::string array =
      file("a.npy.gz", Bomb(npy(dict("|u1", true, "(10000, 4000)"), bytes_of("\0"))).inflating_to(size));
  const std::string items = file("a.idx.gz", Bomb(idx(0x08, {10'000, 4'000}, bytes_of("\0"))).inflating_to(size));
  expect_refused(array);
  expect_refused(items);
  EXPECT_TRUE(failure(array, [&] { corymb::read_matrix(array); }).message.starts_with(": truncated"));
}

TEST_F(HostileGzip, NeedsMoreMemoryThanThereIs) {
  if (!memory_can_be_limited()) GTEST_SKIP() << "memory cannot be limited here";
  const std::uint64_t size = 65 * mebibyte;
  const std::string zeros = file("zeros.gz", Bomb(bytes_of("\0")).inflating_to(size));
  const std::string lines = file("lines.gz", Bomb("1\n").inflating_to(size));
  const std::string digits = file("digits.gz", Bomb("1").inflating_to(size));
  for (const std::string& name : {zeros, lines, digits}) expect_refused(name, 32 * mebibyte);
  EXPECT_EQ(in_little_memory(48 * mebibyte, [&] { return answer(lines, [&] { corymb::read_csv(lines); }); }),
            ": needs 64 MiB of memory, more than is free");
  // The array is as large as it says, only its values do not fit.
  const std::string array =
      file("a.npy.gz", Bomb(npy(dict("|u1", false, "(8192, 8192)"), bytes_of("\0"))).inflating_to(size));
  EXPECT_EQ(in_little_memory(256 * mebibyte, [&] { return answer(array, [&] { corymb::read_npy(array); }); }),
            ": needs 512 MiB of memory, more than is free");
}

// A plain file can be that large without taking any space.
TEST_F(HostileFiles, NeedMoreMemoryThanThereIs) {
  const std::string array = file("a.npy", npy(dict("|u1", false, "(10000000000000,)"), ""));
  const std::string text = file("a.csv", "1,2,3,4,5,6\n");
  for (const std::string& name : {array, text}) {
    std::error_code failed;
    std::filesystem::resize_file(name, std::filesystem::file_size(name) + 10'000'000'000'000, failed);
    if (failed) GTEST_SKIP() << "no file can be that large here";
  }
  EXPECT_EQ(failure(array, [&] { corymb::read_npy(array); }).message,
            ": needs 72.8 TiB of memory, more than this machine has");
  EXPECT_EQ(failure(text, [&] { corymb::read_csv(text); }).message,
            ": needs 9.1 TiB of memory, more than this machine has");
}

}  // namespace
}  // namespace hostile_test
