#include <corymb/datasets/bundled.hpp>
#include <corymb/io/npy.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <sstream>

#include "tool/tool_test.hpp"

namespace terminal_test {
namespace {

using corymb_test::Outcome;

/// A pseudo-terminal, and what a program has written to it.
class Terminal {
 public:
  explicit Terminal(unsigned short columns) {
    master_ = posix_openpt(O_RDWR | O_NOCTTY);
    if (master_ < 0 || grantpt(master_) != 0 || unlockpt(master_) != 0) return;
    name_ = ptsname(master_);
    slave_ = open(name_.c_str(), O_RDWR | O_NOCTTY);  // kept open: what was written stays readable
    const winsize size = {24, columns, 0, 0};
    ioctl(slave_, TIOCSWINSZ, &size);
  }
  ~Terminal() {
    close(slave_);
    close(master_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  bool works() const { return slave_ >= 0; }
  const std::string& name() const { return name_; }

  /// What has been written by now; waits for a first byte so long.
  std::string read(int wait_ms) {
    std::string text;
    pollfd waiting = {master_, POLLIN, 0};
    while (poll(&waiting, 1, text.empty() ? wait_ms : 0) == 1) {
      char buffer[4096];
      const ssize_t count = ::read(master_, buffer, sizeof buffer);
      if (count <= 0) break;
      text.append(buffer, static_cast<std::size_t>(count));
    }
    return text;
  }

 private:
  int master_ = -1;
  int slave_ = -1;
  std::string name_;
};

class ToolTerminal : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    corymb::write_npy("points.npy", corymb::digits().points);
    setenv("TERM", "xterm", 1);
  }

  // A fit that would take hours.
  pid_t start_long_fit(const Terminal& terminal) const {
    return start(
        {"kmeans", "points.npy", "-k", "40", "--restarts", "2147483647", "--threads", "1", "--labels", "labels"}, "",
        terminal.name());
  }
};

TEST_F(ToolTerminal, ShowsAProgressBarAndRemovesIt) {
  Terminal terminal(60);
  if (!terminal.works()) GTEST_SKIP() << "there are no pseudo-terminals";
  const pid_t process = start_long_fit(terminal);
  std::string shown;
  for (int i = 0; i < 200 && shown.size() < 300; ++i) shown += terminal.read(1000);
  kill(process, SIGINT);
  const Outcome outcome = wait(process);
  shown += terminal.read(0);
  EXPECT_EQ(outcome.exit_code, 130);

  const std::string to_clear = "\r\033[K";
  std::size_t bars = 0;
  ASSERT_TRUE(shown.starts_with(to_clear)) << shown;
  EXPECT_TRUE(shown.ends_with(to_clear)) << shown;
  for (std::size_t at = 0; at < shown.size();) {
    at += to_clear.size();
    const std::size_t end = std::min(shown.find(to_clear, at), shown.size());
    const std::string line = shown.substr(at, end - at);
    at = end;
    if (line.empty()) continue;
    ++bars;
    EXPECT_LE(line.size(), 59u) << line;
    EXPECT_TRUE(line.starts_with("kmeans: ")) << line;
    EXPECT_TRUE(line.ends_with(" s")) << line;
    EXPECT_NE(line.find('/'), std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  }
  EXPECT_GE(bars, 2u);
  EXPECT_EQ(files(), (std::vector<std::string>{"labels", "points.npy"}));
}

TEST_F(ToolTerminal, ShortFitsAndPlainTerminalsShowNothing) {
  Terminal terminal(60);
  if (!terminal.works()) GTEST_SKIP() << "there are no pseudo-terminals";
  EXPECT_EQ(wait(start({"kmeans", "points.npy", "-k", "1", "--max-iterations", "1"}, "", terminal.name())).exit_code,
            0);
  EXPECT_EQ(terminal.read(0), "");

  setenv("TERM", "dumb", 1);
  const pid_t process = start_long_fit(terminal);
  EXPECT_EQ(terminal.read(1500), "");
  kill(process, SIGINT);
  EXPECT_EQ(wait(process).exit_code, 130);
  EXPECT_EQ(terminal.read(0), "");
}

TEST_F(ToolTerminal, NarrowTerminalsGetShortLines) {
  Terminal terminal(24);
  if (!terminal.works()) GTEST_SKIP() << "there are no pseudo-terminals";
  const pid_t process = start_long_fit(terminal);
  const std::string shown = terminal.read(60'000);
  kill(process, SIGINT);
  EXPECT_EQ(wait(process).exit_code, 130);
  EXPECT_LE(shown.substr(0, shown.find("\r", 1)).size(), 4 + 23u) << shown;
  EXPECT_NE(shown, "");
}

}  // namespace
}  // namespace terminal_test
