#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// Files as the readers and writers see them. Everything here throws IoError with the path.
namespace corymb::compiled {

/// The beginning of a text in quotes, fit for one line of a message.
std::string excerpt(std::string_view text);

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FileHandle = std::unique_ptr<std::FILE, CloseFile>;

/// The whole content of a file. From malloc: the memory is not cleared and can grow in place.
struct Text {
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };
  std::unique_ptr<char, Free> data;
  std::size_t size = 0;
};

/// A file read from its beginning to its end; content compressed with gzip is seen decompressed.
class InputFile {
 public:
  explicit InputFile(const std::string& path);
  ~InputFile();

  /// The first bytes of the content: 8, or fewer where there are no more. They are not consumed.
  std::string_view head() const { return {head_, head_size_}; }

  /// Reads the next bytes; fewer than asked for only at the end of the content.
  std::size_t read(void* to, std::size_t bytes);

  /// Everything that has not been read.
  Text read_all();

  /// No content can be larger than this; empty where nothing is known, e.g. for a pipe.
  std::optional<std::uint64_t> most_bytes() const { return most_bytes_; }

  /// False if the whole content, of a regular file, is known to have fewer bytes than these. Compressed content is
  /// believed to have them where that is usual for a file of its size, and else decompressed once to see it.
  bool may_hold(std::uint64_t bytes) const;

  /// Fails if the machine does not have that much memory.
  void require_memory(double bytes) const;

  [[noreturn]] void fail_without_memory(double bytes) const;

  [[noreturn]] void fail(const std::string& what, std::int64_t line = 0, std::int64_t column = 0) const;

 private:
  class Inflater;

  std::size_t read_stored(void* to, std::size_t bytes);
  std::size_t read_content(void* to, std::size_t bytes);

  static constexpr std::size_t head_room = 8;
  static constexpr std::uint64_t believed_ratio = 16;  // of content to compressed bytes

  std::string path_;
  FileHandle file_;
  std::optional<std::uint64_t> most_bytes_;
  std::uint64_t stored_bytes_ = 0;      // of a compressed regular file
  std::unique_ptr<Inflater> inflater_;  // null where the file is not compressed
  char head_[head_room];
  std::size_t head_size_ = 0;
  std::size_t head_used_ = 0;
};

/// A file written under a temporary name in the same folder, which commit() renames. Without commit() an existing
/// file stays as it was and nothing is left behind. What exists and is no regular file is written to directly.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(const void* data, std::size_t bytes);
  void commit();

 private:
  [[noreturn]] void fail(const std::string& reason) const;

  std::string path_;       // as the caller named it
  std::string target_;     // symbolic links followed
  std::string temporary_;  // empty where there is nothing to rename
  FileHandle file_;
};

}  // namespace corymb::compiled
