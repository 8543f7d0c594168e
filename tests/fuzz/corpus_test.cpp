#include <gtest/gtest.h>
#include <corymb/io/detail/compiled.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/targets.hpp"

namespace {

namespace fs = std::filesystem;

void replay(const std::string& reader, bool (*target)(corymb_fuzz::Bytes)) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(CORYMB_FUZZ_CORPUS) / reader)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  EXPECT_FALSE(paths.empty());
  for (const fs::path& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(stream), {}};
    const std::vector<std::uint8_t> bytes(content.begin(), content.end());
    const std::string name = path.filename().string();
    try {
      const bool accepted = target(bytes);
      const bool readable = corymb::compiled::reads_gzip() || name.find("gzip") == name.npos;
      if (name.starts_with("ok-")) {
        EXPECT_TRUE(accepted || !readable) << path;
      } else if (name.starts_with("bad-")) {
        EXPECT_FALSE(accepted) << path;
      }
    } catch (const std::exception& error) {
      ADD_FAILURE() << path << ": " << error.what();
    }
  }
}

TEST(Corpus, Csv) { replay("csv", corymb_fuzz::csv); }
TEST(Corpus, Npy) { replay("npy", corymb_fuzz::npy); }
TEST(Corpus, Idx) { replay("idx", corymb_fuzz::idx); }
TEST(Corpus, Labels) { replay("labels", corymb_fuzz::labels); }
TEST(Corpus, Matrix) { replay("matrix", corymb_fuzz::matrix); }

}  // namespace
