#pragma once

#include <gtest/gtest.h>

#include <sys/types.h>
#include <filesystem>
#include <string>
#include <vector>

namespace corymb_test {

using Arguments = std::vector<std::string>;

struct Outcome {
  int exit_code = -1;  // -1: ended by a signal
  std::string out;
  std::string err;
};

/// Each test works in a new, empty folder.
class ToolTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Starts the tool without waiting for it; standard output and error go to files, or where the test wants them.
  pid_t start(const Arguments& arguments, const std::string& out = "", const std::string& err = "") const;
  /// Waits for a started tool.
  Outcome wait(pid_t process) const;
  Outcome run(const Arguments& arguments, const std::string& out = "") const { return wait(start(arguments, out)); }

  /// A mistake: exit code 2, one line on standard error, nothing on standard output.
  void expect_error(const Arguments& arguments, const std::string& message) const;

  static void write(const std::string& name, const std::string& content);
  static std::string read(const std::string& name);
  /// The names of the files in the folder, sorted.
  static std::vector<std::string> files();

 private:
  std::filesystem::path base_;      // holds the folder of the test, and beside it what the tool printed
  std::filesystem::path previous_;  // working folder
};

}  // namespace corymb_test
