#pragma once

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <corymb/core/errors.hpp>
#include <corymb/core/types.hpp>
#include <corymb/io/csv.hpp>
#include <corymb/io/npy.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "fuzz/targets.hpp"

namespace corymb_fuzz {

inline void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error(what);
}

/// A file in memory, with a path.
class MemoryFile {
 public:
  explicit MemoryFile(Bytes content) : descriptor_(memfd_create("corymb", MFD_CLOEXEC)) {
    require(descriptor_ >= 0, "memfd_create");
    require(write(descriptor_, content.data(), content.size()) == static_cast<ssize_t>(content.size()), "write");
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

/// A path to write to, in a folder of this process.
inline std::string output_path() {
  struct Folder {
    Folder() {
      std::error_code ignored;
      const bool in_memory = std::filesystem::is_directory("/dev/shm", ignored);
      name = ((in_memory ? "/dev/shm" : std::filesystem::temp_directory_path()) / "corymb_fuzz_XXXXXX").string();
      require(mkdtemp(name.data()) != nullptr, "mkdtemp");
    }
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(name, ignored);
    }
    std::string name;
  };
  static const Folder folder;
  return folder.name + "/written";
}

/// What f returns; nothing if it refuses the file.
template <class F>
auto accepted(F&& f) -> std::optional<decltype(f())> {
  const auto check = [](std::string_view message) {
    require(message.size() < 1000, "the message is long");
    for (const char c : message)
      require(static_cast<unsigned char>(c) >= ' ' && c != '\x7f', "a control character in: " + std::string(message));
  };
  try {
    return f();
  } catch (const corymb::IoError& error) {
    check(error.what());
  } catch (const corymb::InvalidArgument& error) {
    check(error.what());
  }
  return std::nullopt;
}

/// The same numbers; any NaN is any other one.
template <class T>
bool same_values(const corymb::RowMatrix<T>& a, const corymb::RowMatrix<T>& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         std::equal(a.data(), a.data() + a.size(), b.data(), [](T x, T y) {
           return x == y ? std::signbit(x) == std::signbit(y) : std::isnan(x) && std::isnan(y);
         });
}

template <class T>
void require_same_npy(const corymb::RowMatrix<T>& values) {
  const std::string path = output_path();
  corymb::write_npy(path, values);
  const corymb::RowMatrix<T> again = corymb::read_npy<T>(path);
  require(again.rows() == values.rows() && again.cols() == values.cols(), "write_npy, read_npy: shape");
  const std::size_t bytes = static_cast<std::size_t>(values.size()) * sizeof(T);
  require(bytes == 0 || std::memcmp(again.data(), values.data(), bytes) == 0, "write_npy, read_npy: bits");
}

/// Names with a line break cannot be written.
template <class T>
void require_same_csv(const corymb::CsvTable<T>& table, char delimiter = ',') {
  if (table.values.size() == 0) return;
  for (const std::string& name : table.names)
    if (name.find_first_of("\r\n") != name.npos) return;
  const std::string path = output_path();
  corymb::write_csv(path, table.values, {.delimiter = delimiter, .names = table.names});
  using corymb::CsvHeader;
  const CsvHeader header = table.names.empty() ? CsvHeader::absent : CsvHeader::present;
  const auto again = corymb::read_csv<T>(path, {.delimiter = delimiter, .header = header, .comment = '\0'});
  require(same_values(again.values, table.values), "write_csv, read_csv: values");
  require(again.names == table.names, "write_csv, read_csv: names");
}

/// Takes the line of options from the input.
inline corymb::CsvOptions csv_options(Bytes& input) {
  const auto end = std::ranges::find(input, std::uint8_t{'\n'});
  const std::string line(input.begin(), end);
  input = {end == input.end() ? end : end + 1, input.end()};
  const auto character = [&](std::size_t i) { return i < line.size() && line[i] != '0' ? line[i] : '\0'; };
  corymb::CsvOptions options;
  options.delimiter = character(0);
  if (character(1) == 'p') options.header = corymb::CsvHeader::present;
  if (character(1) == 'a') options.header = corymb::CsvHeader::absent;
  options.comment = character(2);
  for (std::size_t begin = 3; begin < line.size();) {
    const std::size_t slash = std::min(line.find('/', begin), line.size());
    options.columns.push_back(line.substr(begin, slash - begin));
    begin = slash + 1;
  }
  return options;
}

}  // namespace corymb_fuzz
