#pragma once

#include <cstdint>
#include <string>
#include <vector>

// What the object files of this project exchange: nothing that depends on compiler flags or on the mode of corymb.

inline constexpr int points = 2000, dimensions = 5, clusters = 3;

/// points × dimensions values in three groups far apart; point i is of group i % clusters.
inline std::vector<double> make_points() {
  std::vector<double> values;
  std::uint32_t state = 1;
  for (int i = 0; i < points; ++i)
    for (int j = 0; j < dimensions; ++j) {
      state = state * 1664525U + 1013904223U;
      const double noise = static_cast<double>(state >> 8) / (1 << 24) - 0.5;
      values.push_back(10.0 * (i % clusters) + noise);
    }
  return values;
}

struct Outcome {
  std::vector<std::int32_t> labels;     ///< of all points
  std::vector<std::int32_t> predicted;  ///< of the first ten points, from the centroids alone
  double inertia = 0;
  bool eigen_works = false;
  bool caught = false;    ///< a mistake was reported with the library's own exception
  std::string type_name;  ///< of a type of the library, which names the mode
};

/// Whether the labels are exactly the groups, under any numbering, and the prediction repeats them.
inline bool is_right(const Outcome& outcome) {
  const auto& label = outcome.labels;
  if (label.size() != static_cast<std::size_t>(points) || outcome.predicted.size() != 10) return false;
  for (std::size_t i = 0; i < label.size(); ++i)
    if (label[i] < 0 || label[i] >= clusters || label[i] != label[i % clusters]) return false;
  for (std::size_t i = 0; i < outcome.predicted.size(); ++i)
    if (outcome.predicted[i] != label[i]) return false;
  const bool different = label[0] != label[1] && label[1] != label[2] && label[0] != label[2];
  return different && outcome.eigen_works && outcome.caught && outcome.inertia > 0 &&
         outcome.inertia < 0.25 * points * dimensions;
}
