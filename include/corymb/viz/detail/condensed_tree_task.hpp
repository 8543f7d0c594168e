#pragma once

#include <corymb/viz/detail/picture.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace corymb::compiled {

enum class TreeAxisScale { automatic, linear, logarithmic };

/// What a picture of a condensed tree shows; the vectors are those of CondensedTree, in the order that it promises.
struct CondensedTreeTask {
  std::ptrdiff_t clusters = 0;
  const std::int32_t* parent = nullptr;
  const double* birth = nullptr;
  const double* death = nullptr;
  std::ptrdiff_t rows = 0;
  const std::int32_t* row_cluster = nullptr;
  const double* row_lambda = nullptr;
  const double* weights = nullptr;  ///< one per row, or nothing: all 1
  std::ptrdiff_t labels = 0;
  const std::int32_t* selected = nullptr;  ///< by label
  std::vector<std::string> cluster_names;
  std::string title;
  bool distance = false;  ///< the axis shows 1 / λ
  TreeAxisScale scale = TreeAxisScale::automatic;
  bool legend = true;
  double width = 0;
  double height = 0;
};

CORYMB_EXPORT Picture condensed_tree_plot(const CondensedTreeTask& task);

}  // namespace corymb::compiled
