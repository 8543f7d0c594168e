#pragma once

#include <corymb/viz/detail/picture.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace corymb::compiled {

/// What a picture of a hierarchy shows; nodes as Merge has them.
struct DendrogramTask {
  std::ptrdiff_t rows = 0;
  std::vector<std::int32_t> a, b, size;  ///< by merge
  std::vector<double> merge_height;
  const std::int32_t* labels = nullptr;  ///< by row, or nothing
  std::int32_t clusters = 0;             ///< labels
  std::optional<double> cut;             ///< where the line is
  std::ptrdiff_t most_leaves = 0;
  std::vector<std::string> row_names;
  std::vector<std::string> cluster_names;
  std::string title;
  bool legend = true;
  double width = 0;
  double height = 0;
};

CORYMB_EXPORT Picture dendrogram_plot(const DendrogramTask& task);

}  // namespace corymb::compiled
