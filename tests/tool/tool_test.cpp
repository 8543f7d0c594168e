#include "tool_test.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

extern char** environ;

namespace corymb_test {

namespace fs = std::filesystem;

void ToolTest::SetUp() {
  std::string name = ::testing::TempDir() + "corymb_tool_XXXXXX";
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  base_ = name;
  previous_ = fs::current_path();
  fs::create_directory(base_ / "work");
  fs::current_path(base_ / "work");
}

void ToolTest::TearDown() {
  fs::current_path(previous_);
  fs::remove_all(base_);
}

pid_t ToolTest::start(const Arguments& arguments, const std::string& out, const std::string& err) const {
  std::vector<std::string> words = {CORYMB_TOOL};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.empty() ? (base_ / "out").c_str() : out.c_str(), flags, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.empty() ? (base_ / "err").c_str() : err.c_str(), flags | O_NOCTTY,
                                   0600);
  pid_t process = -1;
  EXPECT_EQ(posix_spawn(&process, CORYMB_TOOL, &actions, nullptr, argv.data(), environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  return process;
}

Outcome ToolTest::wait(pid_t process) const {
  int status = 0;
  EXPECT_EQ(waitpid(process, &status, 0), process);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(base_ / "out"), read(base_ / "err")};
}

void ToolTest::expect_error(const Arguments& arguments, const std::string& message) const {
  const Outcome outcome = run(arguments);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "corymb: " + message + "\n");
}

void ToolTest::write(const std::string& name, const std::string& content) {
  std::ofstream(name, std::ios::binary) << content;
}

std::string ToolTest::read(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> ToolTest::files() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(".")) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace corymb_test
