#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <corymb/core/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

/// A folder of its own for every test.
class IoTest : public ::testing::Test {
 protected:
  IoTest() {
    std::string name = (std::filesystem::temp_directory_path() / "corymb_io_XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
    folder_ = name;
  }
  ~IoTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  /// Writes a file and returns its path.
  std::string file(const std::string& name, std::string_view bytes) const {
    std::filesystem::remove(path(name));  // some file systems wait for the disk where a file is overwritten
    std::ofstream(path(name), std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path(name);
  }

  static std::string content(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::ptrdiff_t files_in_folder() const {
    return std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator());
  }

  /// The IoError that f throws, whose path must be the one given; its message comes without the path.
  struct Failure {
    std::int64_t line = -1;
    std::int64_t column = -1;
    std::string message = "nothing was thrown";
  };
  template <class F>
  static Failure failure(const std::string& path, F&& f) {
    try {
      f();
    } catch (const corymb::IoError& error) {
      EXPECT_EQ(error.path, path);
      std::string message = error.what();
      EXPECT_EQ(message.substr(0, path.size()), path);
      return {error.line, error.column, message.substr(path.size())};
    }
    return {};
  }

 private:
  std::filesystem::path folder_;
};

/// A string literal that may hold zero bytes.
template <std::size_t size>
std::string bytes_of(const char (&literal)[size]) {
  return {literal, size - 1};
}
