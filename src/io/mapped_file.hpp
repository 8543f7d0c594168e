#pragma once

#include <corymb/core/errors.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#define CORYMB_MAPS_FILES
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#include <fstream>
#include <mutex>
#endif

namespace corymb::compiled {

/// A regular file of which any part can be seen. Large parts are seen through a map of the file into memory, of which
/// no more is resident than the piece being looked at. Small ones are read, which takes a quarter of the time where
/// they are all over the file; so are large ones where there is no map, or no address space for it.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::uint64_t size() const { return size_; }

  /// Calls f(const std::byte* bytes, std::size_t count) for one piece after the other of the bytes [begin, end), which
  /// the file had when it was opened. Pieces are multiples of 8 bytes, the last one excepted; they need not be aligned.
  template <class F>
  void for_each_piece(std::uint64_t begin, std::uint64_t end, F&& f) const {
    if (map_ && end - begin >= worth_mapping)
      for_each_mapped_piece(begin, end, f);
    else
      for_each_read_piece(begin, end, f);
  }

 private:
  static constexpr std::uint64_t piece = std::uint64_t{1} << 22;
  static constexpr std::uint64_t worth_mapping = std::uint64_t{1} << 20;
  // Of what will be wanted soon, the system is told in time. (To tell it that access is sequential does harm: measured
  // on Linux, a file that was not cached came through its map many times more slowly than without any advice.)
  static constexpr std::uint64_t ahead = std::uint64_t{1} << 23;

  template <class F>
  void for_each_mapped_piece(std::uint64_t begin, std::uint64_t end, F&& f) const {
    if (current_size() < end) fail_shortened();  // touching a page beyond the end would kill the process
    will_need(begin, begin + ahead);
    for (std::uint64_t at = begin; at < end;) {
      const std::uint64_t next = std::min(at + piece, end);
      will_need(at + ahead, next + ahead);
      f(map_ + at, static_cast<std::size_t>(next - at));
      drop(at, next);
      at = next;
    }
  }

  template <class F>
  void for_each_read_piece(std::uint64_t begin, std::uint64_t end, F&& f) const {
    std::vector<std::byte> buffer(static_cast<std::size_t>(std::min(end - begin, piece)));
    for (std::uint64_t at = begin; at < end;) {
      const auto count = static_cast<std::size_t>(std::min(end - at, piece));
      read(at, buffer.data(), count);
      f(buffer.data(), count);
      at += count;
    }
  }

  std::uint64_t current_size() const;
  void will_need(std::uint64_t begin, std::uint64_t end) const;
  void drop(std::uint64_t begin, std::uint64_t end) const;
  void read(std::uint64_t at, std::byte* to, std::size_t count) const;

  static std::string error_text() { return std::generic_category().message(errno); }
  [[noreturn]] void fail(const std::string& what) const { throw IoError(path_, 0, 0, what); }
  [[noreturn]] void fail_shortened() const { fail("cannot be read: it has become shorter since it was opened"); }

  std::string path_;
  std::uint64_t size_ = 0;
  const std::byte* map_ = nullptr;

#if defined(CORYMB_MAPS_FILES)
  struct Descriptor {
    ~Descriptor() {
      if (number >= 0) close(number);
    }
    int number;
  };

  void advise(std::uint64_t begin, std::uint64_t end, int advice) const {
    static const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    begin -= begin % page;
    end = std::min(end, size_);
    // A failure changes nothing but the time.
    if (begin < end) madvise(const_cast<std::byte*>(map_ + begin), static_cast<std::size_t>(end - begin), advice);
  }

  Descriptor descriptor_;
#else
  mutable std::ifstream stream_;
  mutable std::mutex mutex_;  // of the stream
#endif
};

#if defined(CORYMB_MAPS_FILES)

inline MappedFile::MappedFile(const std::string& path)
    : path_(path), descriptor_{open(path.c_str(), O_RDONLY | O_CLOEXEC)} {
  if (descriptor_.number < 0) fail("cannot be opened: " + error_text());
  size_ = current_size();
  if (size_ < worth_mapping || size_ > SIZE_MAX) return;
  void* const start = mmap(nullptr, static_cast<std::size_t>(size_), PROT_READ, MAP_PRIVATE, descriptor_.number, 0);
  if (start != MAP_FAILED) map_ = static_cast<const std::byte*>(start);
}

inline MappedFile::~MappedFile() {
  if (map_) munmap(const_cast<std::byte*>(map_), static_cast<std::size_t>(size_));
}

inline std::uint64_t MappedFile::current_size() const {
  struct stat status;
  if (fstat(descriptor_.number, &status) != 0) fail("cannot be read: " + error_text());
  return static_cast<std::uint64_t>(status.st_size);
}

inline void MappedFile::will_need(std::uint64_t begin, std::uint64_t end) const {
  constexpr std::uint64_t step = std::uint64_t{1} << 17;  // Linux cuts one request to what it reads ahead by itself
  for (end = std::min(end, size_); begin < end; begin += step)
    advise(begin, std::min(begin + step, end), MADV_WILLNEED);
}

/// Together with neighbours that the system may have mapped at the same time.
inline void MappedFile::drop(std::uint64_t begin, std::uint64_t end) const {
  constexpr std::uint64_t group = std::uint64_t{1} << 21;
  advise(begin - begin % group, (end / group + 1) * group, MADV_DONTNEED);
}

inline void MappedFile::read(std::uint64_t at, std::byte* to, std::size_t count) const {
  while (count > 0) {
    const ssize_t done = pread(descriptor_.number, to, count, static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("cannot be read: " + error_text());
    if (done == 0) fail_shortened();
    at += static_cast<std::uint64_t>(done);
    to += done;
    count -= static_cast<std::size_t>(done);
  }
}

#else

inline MappedFile::MappedFile(const std::string& path) : path_(path), stream_(path, std::ios::binary | std::ios::ate) {
  if (!stream_) fail("cannot be opened");
  size_ = static_cast<std::uint64_t>(std::streamoff{stream_.tellg()});
}

inline MappedFile::~MappedFile() = default;
inline std::uint64_t MappedFile::current_size() const { return size_; }
inline void MappedFile::will_need(std::uint64_t, std::uint64_t) const {}
inline void MappedFile::drop(std::uint64_t, std::uint64_t) const {}

inline void MappedFile::read(std::uint64_t at, std::byte* to, std::size_t count) const {
  const std::lock_guard lock(mutex_);
  stream_.clear();
  stream_.seekg(static_cast<std::streamoff>(at));
  stream_.read(reinterpret_cast<char*>(to), static_cast<std::streamsize>(count));
  if (!stream_) fail_shortened();
}

#endif

}  // namespace corymb::compiled
