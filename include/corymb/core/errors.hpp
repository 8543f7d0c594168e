#pragma once

#include <corymb/core/config.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

// The exceptions stand outside the inline namespace: the compiled library throws them, and a consumer with any flags
// must be able to catch them. They hold nothing whose layout depends on flags.
namespace corymb {

/// A mistake of the caller, found before any work: function, parameter, value, rule.
class CORYMB_EXPORT InvalidArgument : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// The arguments are legal but no usable answer exists, e.g. because values overflow.
class CORYMB_EXPORT NumericalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A one-shot algorithm was stopped by its progress callback. Iterative ones return Status::cancelled instead.
class CORYMB_EXPORT Cancelled : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Thrown before an allocation that would exceed Execution::memory_limit. The message names a cheaper way.
class CORYMB_EXPORT MemoryLimitExceeded : public std::runtime_error {
 public:
  MemoryLimitExceeded(const std::string& message, std::uint64_t required_bytes, std::uint64_t limit_bytes)
      : std::runtime_error(message), required(required_bytes), limit(limit_bytes) {}
  std::uint64_t required;  ///< estimated bytes
  std::uint64_t limit;     ///< bytes allowed
};

/// A file that cannot be read or written. Line and column count from 1; 0 where they make no sense.
class CORYMB_EXPORT IoError : public std::runtime_error {
 public:
  IoError(const std::string& file, std::int64_t at_line, std::int64_t at_column, const std::string& what)
      : std::runtime_error(describe(file, at_line, at_column, what)), path(file), line(at_line), column(at_column) {}
  std::string path;
  std::int64_t line;
  std::int64_t column;

 private:
  static std::string describe(const std::string& file, std::int64_t at_line, std::int64_t at_column,
                              const std::string& what) {
    std::string message = file;
    if (at_line > 0) message.append(1, ':').append(std::to_string(at_line));
    if (at_line > 0 && at_column > 0) message.append(1, ':').append(std::to_string(at_column));
    return message.append(": ").append(what);
  }
};

}  // namespace corymb
