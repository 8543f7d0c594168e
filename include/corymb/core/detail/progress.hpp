#pragma once

#include <corymb/core/execution.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string_view>

CORYMB_BEGIN
namespace detail {

/// Progress::objective where it is not known.
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Calls the progress callback, if there is one, and counts the time since the call began.
class ProgressReporter {
 public:
  explicit ProgressReporter(const ProgressCallback& callback) : callback_(callback) {}

  /// Whether there is a callback.
  bool is_heard() const { return static_cast<bool>(callback_); }

  bool operator()(std::string_view stage, std::int64_t step, std::int64_t steps, double objective) const {
    if (!callback_) return true;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
    return callback_(Progress{stage, step, steps, objective, elapsed.count()});
  }

 private:
  const ProgressCallback& callback_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace detail
CORYMB_END
