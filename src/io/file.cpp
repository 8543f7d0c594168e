#include "io/file.hpp"

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/errors.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <new>
#include <system_error>
#include <vector>

#include "io/formats.hpp"
#include "io/utf8.hpp"

#if defined(CORYMB_WITH_ZLIB)
#include <zlib.h>
#endif

namespace corymb::compiled {
namespace {

namespace fs = std::filesystem;

std::string error_text(int error) { return std::generic_category().message(error); }

/// The length of the UTF-8 character that a text begins with; 0 if it is none, or one that controls a terminal or ends
/// a line.
std::size_t printable_length(std::string_view text) {
  const auto [length, code] = first_character(text);
  const bool controls = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool breaks_line = code == 0x2028 || code == 0x2029;
  const bool reorders = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return controls || breaks_line || reorders ? 0 : length;
}

}  // namespace

std::string excerpt(std::string_view text) {
  constexpr std::size_t longest = 40;
  std::string shown = "'";
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = printable_length(text.substr(at));
    if (at + std::max<std::size_t>(length, 1) > longest) break;
    if (length == 0)
      shown += '?';
    else
      shown.append(text, at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return shown + (at < text.size() ? "...'" : "'");
}

#if defined(CORYMB_WITH_ZLIB)

bool reads_gzip() { return true; }

class InputFile::Inflater {
 public:
  explicit Inflater(InputFile& file) : file_(file) {
    if (inflateInit2(&stream_, gzip_only) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Compressed bytes that have been read already; at most a buffer full, and before the first read().
  void start_with(std::string_view bytes) {
    std::memcpy(input_, bytes.data(), bytes.size());
    stream_.next_in = input_;
    stream_.avail_in = static_cast<uInt>(bytes.size());
  }

  std::size_t read(char* to, std::size_t bytes) {
    std::size_t done = 0;
    while (done < bytes && !ended_) {
      const bool has_input = stream_.avail_in > 0 || refill();
      if (between_members_) {  // a file may consist of several compressed ones
        ended_ = !has_input;
        if (ended_) break;
        inflateReset(&stream_);
        between_members_ = false;
      }
      if (!has_input) file_.fail("truncated: the gzip data end too early");
      const std::size_t wanted = std::min<std::size_t>(bytes - done, std::numeric_limits<uInt>::max());
      stream_.next_out = reinterpret_cast<Bytef*>(to + done);
      stream_.avail_out = static_cast<uInt>(wanted);
      const int state = inflate(&stream_, Z_NO_FLUSH);
      done += wanted - stream_.avail_out;
      if (state == Z_MEM_ERROR) throw std::bad_alloc();
      if (state != Z_OK && state != Z_STREAM_END)
        file_.fail(std::string("damaged gzip data") + (stream_.msg ? std::string(": ") + stream_.msg : ""));
      between_members_ = state == Z_STREAM_END;
    }
    return done;
  }

 private:
  static constexpr int gzip_only = 15 + 16;  // zlib's code for the largest window in a gzip wrapper

  bool refill() {
    stream_.next_in = input_;
    stream_.avail_in = static_cast<uInt>(file_.read_stored(input_, sizeof input_));
    return stream_.avail_in > 0;
  }

  InputFile& file_;
  z_stream stream_ = {};
  bool between_members_ = false;
  bool ended_ = false;
  Bytef input_[std::size_t{1} << 18];
};

#else

bool reads_gzip() { return false; }

class InputFile::Inflater {
 public:
  explicit Inflater(InputFile& file) {
    file.fail("is compressed with gzip, and this build of corymb has no zlib; decompress it first");
  }
  void start_with(std::string_view) {}
  std::size_t read(char*, std::size_t) { return 0; }
};

#endif

InputFile::InputFile(const std::string& path) : path_(path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) fail("is a folder");
  file_.reset(std::fopen(path.c_str(), "rb"));
  if (!file_) fail("cannot be opened: " + error_text(errno));
  if (fs::is_regular_file(status)) {
    std::error_code failed;
    const std::uintmax_t size = fs::file_size(path, failed);
    if (!failed) most_bytes_ = size;
  }

  head_size_ = read_stored(head_, head_room);
  if (head().substr(0, 2) == "\x1f\x8b") {
    stored_bytes_ = most_bytes_.value_or(0);
    inflater_ = std::make_unique<Inflater>(*this);
    inflater_->start_with(head());
    // Deflate makes at most 1032 bytes of one.
    if (most_bytes_) *most_bytes_ = std::min(*most_bytes_, ~std::uint64_t{0} / 1032) * 1032;
    head_size_ = read_content(head_, head_room);
  }
}

InputFile::~InputFile() = default;

std::size_t InputFile::read_stored(void* to, std::size_t bytes) {
  const std::size_t done = std::fread(to, 1, bytes, file_.get());
  if (done < bytes && std::ferror(file_.get())) fail("cannot be read: " + error_text(errno));
  return done;
}

std::size_t InputFile::read_content(void* to, std::size_t bytes) {
  return inflater_ ? inflater_->read(static_cast<char*>(to), bytes) : read_stored(to, bytes);
}

std::size_t InputFile::read(void* to, std::size_t bytes) {
  const std::size_t from_head = std::min(bytes, head_size_ - head_used_);
  if (from_head > 0) std::memcpy(to, head_ + head_used_, from_head);
  head_used_ += from_head;
  if (from_head == bytes) return bytes;
  return from_head + read_content(static_cast<char*>(to) + from_head, bytes - from_head);
}

bool InputFile::may_hold(std::uint64_t bytes) const {
  if (most_bytes_ && bytes > *most_bytes_) return false;
  if (!inflater_ || bytes <= believed_ratio * stored_bytes_) return true;
  InputFile again(path_);
  std::vector<char> ignored(std::size_t{1} << 16);
  while (bytes > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, ignored.size()));
    if (again.read(ignored.data(), wanted) < wanted) return false;
    bytes -= wanted;
  }
  return true;
}

void InputFile::require_memory(double bytes) const {
  if (bytes > static_cast<double>(detail::physical_memory()))
    fail("needs " + detail::readable_bytes(bytes) + " of memory, more than this machine has");
}

void InputFile::fail_without_memory(double bytes) const {
  fail("needs " + detail::readable_bytes(bytes) + " of memory, more than is free");
}

Text InputFile::read_all() {
  Text text;
  // One byte more than the size of a plain file, so that its end is met without growing.
  std::size_t capacity = std::size_t{1} << 20;
  if (most_bytes_ && !inflater_) capacity = static_cast<std::size_t>(*most_bytes_) + 1;
  for (;;) {
    require_memory(static_cast<double>(capacity));
    char* grown = static_cast<char*>(std::realloc(text.data.get(), capacity));
    if (!grown) fail_without_memory(static_cast<double>(capacity));
    static_cast<void>(text.data.release());
    text.data.reset(grown);
    text.size += read(grown + text.size, capacity - text.size);
    if (text.size < capacity) return text;
    capacity *= 2;
  }
}

void InputFile::fail(const std::string& what, std::int64_t line, std::int64_t column) const {
  throw IoError(path_, line, column, what);
}

OutputFile::OutputFile(const std::string& path) : path_(path), target_(path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) fail("it is a folder");
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    file_.reset(std::fopen(path.c_str(), "wb"));
    if (!file_) fail(error_text(errno));
    return;
  }
  std::error_code failed;
  if (fs::is_symlink(fs::symlink_status(path, ignored))) {
    const fs::path real = fs::canonical(path, failed);
    if (failed) fail(failed.message());
    target_ = real.string();
  }
  constexpr int most_attempts = 1000;  // names taken by other writers, or left by killed ones
  for (int attempt = 0; !file_; ++attempt) {
    const std::string name = target_ + "." + std::to_string(attempt) + ".tmp";
    file_.reset(std::fopen(name.c_str(), "wbx"));
    if (file_)
      temporary_ = name;
    else if (errno != EEXIST || attempt == most_attempts)
      fail(error_text(errno));
  }
}

OutputFile::~OutputFile() {
  file_.reset();
  if (!temporary_.empty()) std::remove(temporary_.c_str());
}

void OutputFile::write(const void* data, std::size_t bytes) {
  if (bytes == 0) return;  // an empty matrix has no memory to point to
  if (std::fwrite(data, 1, bytes, file_.get()) != bytes) fail(error_text(errno));
}

void OutputFile::commit() {
  if (std::fclose(file_.release()) != 0) fail(error_text(errno));
  if (temporary_.empty()) return;
  std::error_code failed;
  fs::rename(temporary_, target_, failed);
  if (failed) fail(failed.message());
  temporary_.clear();
}

void OutputFile::fail(const std::string& reason) const { throw IoError(path_, 0, 0, "cannot be written: " + reason); }

namespace {

template <class T>
void read_any(const std::string& path, FileFormat file_format, const CsvFormat& csv_format,
              const MatrixMemory<T>& memory, std::vector<std::string>& names) {
  check_csv_format(csv_format);
  InputFile file(path);
  const bool any = file_format == FileFormat::any;
  if (file_format == FileFormat::npy || (any && is_npy(file)))
    read_npy(file, csv_format.columns, memory);
  else if (file_format == FileFormat::idx || (any && is_idx(file)))
    read_idx(file, csv_format.columns, memory);
  else
    read_csv(file, csv_format, memory, names);
}

}  // namespace

#define CORYMB_DEFINE_READER(T)                                                                  \
  void read_matrix(const std::string& path, FileFormat file_format, const CsvFormat& csv_format, \
                   const MatrixMemory<T>& memory, std::vector<std::string>& names) {             \
    read_any(path, file_format, csv_format, memory, names);                                      \
  }
CORYMB_DEFINE_READER(float)
CORYMB_DEFINE_READER(double)
CORYMB_DEFINE_READER(std::int32_t)
CORYMB_DEFINE_READER(std::ptrdiff_t)

}  // namespace corymb::compiled
