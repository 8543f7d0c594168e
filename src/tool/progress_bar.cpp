#include "progress_bar.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace corymb::tool {
namespace {

bool shows_bars() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && (terminal == nullptr || std::string_view(terminal) != "dumb");
}

int terminal_width() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string format(const char* pattern, double value) {
  char text[40];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

}  // namespace

std::string progress_line(std::string_view name, const Progress& progress, int width) {
  std::string line = std::string(name) + ": " + std::string(progress.stage) + " ";
  std::string after = std::to_string(progress.step);
  if (progress.steps > 0) after += "/" + std::to_string(progress.steps);
  if (!std::isnan(progress.objective)) after += ", objective " + format("%.6g", progress.objective);
  after += ", " + format("%.1f", progress.elapsed) + " s";
  const int room = std::min(30, width - static_cast<int>(line.size() + after.size()) - 3);
  if (progress.steps > 0 && room >= 5) {
    const double share = static_cast<double>(progress.step) / static_cast<double>(progress.steps);
    const int filled = std::clamp(static_cast<int>(share * room), 0, room);
    line += "[" + std::string(static_cast<std::size_t>(filled), '#') +
            std::string(static_cast<std::size_t>(room - filled), ' ') + "] ";
  }
  line += after;
  return line.substr(0, static_cast<std::size_t>(std::max(width, 0)));
}

ProgressBar::ProgressBar(std::string_view name) : name_(name), on_terminal_(shows_bars()) {}

ProgressBar::~ProgressBar() {
  if (drawn_) draw("");
}

void ProgressBar::show(const Progress& progress) {
  if (!on_terminal_ || Clock::now() < next_) return;
  next_ = Clock::now() + std::chrono::milliseconds(100);
  draw(progress_line(name_, progress, terminal_width() - 1));
  drawn_ = true;
}

void ProgressBar::draw(const std::string& line) {
  // To the beginning of the line, and clear it: terminals have known these since the VT100.
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
}

}  // namespace corymb::tool
