#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

// What the programs that time whole fits share.
namespace bench {

/// The parts of a list separated by commas.
inline std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

/// Data to cluster: a file, or n rows of d generated columns where there is none.
struct Workload {
  std::string name;
  std::string file;
  std::ptrdiff_t n = 0, d = 0, k = 0;
  std::string rows;  // file of row numbers to start from; empty = random ones
};

/// DATA.npy,K[,INITIAL_ROWS.npy]
inline Workload parse_workload(const std::string& word) {
  const std::vector<std::string> parts = split(word);
  if (parts.size() < 2 || parts.size() > 3) throw std::invalid_argument(word + " is not DATA.npy,K[,INITIAL_ROWS.npy]");
  return {std::filesystem::path(parts[0]).filename().stem().string(),
          parts[0],
          0,
          0,
          std::stol(parts[1]),
          parts.size() == 3 ? parts[2] : ""};
}

/// The values of options, one after the other.
class Words {
 public:
  Words(int count, char** words) : words_(words + 1, words + count) {}

  bool next(std::string& word) {
    if (at_ == words_.size()) return false;
    word = words_[at_++];
    return true;
  }
  std::string value_of(const std::string& option) {
    std::string value;
    if (!next(value)) throw std::invalid_argument(option + " needs a value");
    return value;
  }
  std::vector<int> numbers_of(const std::string& option) {
    std::vector<int> numbers;
    for (const std::string& part : split(value_of(option))) numbers.push_back(std::stoi(part));
    return numbers;
  }

 private:
  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

inline double median_seconds(int repeats, const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + repeats / 2, seconds.end());
  return seconds[static_cast<std::size_t>(repeats / 2)];
}

}  // namespace bench
