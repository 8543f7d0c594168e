#pragma once

#include <corymb/core/execution.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace corymb::tool {

/// One line on standard error that shows how far an algorithm is; nothing at all where standard error is no terminal.
/// The line is removed when the bar goes.
class ProgressBar {
 public:
  explicit ProgressBar(std::string_view name);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Draws at most ten times a second, and nothing of what takes less than a fifth of one.
  void show(const Progress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  void draw(const std::string& line);

  std::string name_;
  bool on_terminal_;
  bool drawn_ = false;
  Clock::time_point next_ = Clock::now() + std::chrono::milliseconds(200);
};

/// The text of the bar in at most `width` columns, e.g. "kmeans: lloyd [####    ] 120/300, objective 78.85, 3.2 s".
std::string progress_line(std::string_view name, const Progress& progress, int width);

}  // namespace corymb::tool
