#include <corymb/datasets/bundled.hpp>
#include <corymb/density/dbscan.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "density/dbscan_golden_values.hpp"

namespace dbscan_golden_test {
namespace {

using namespace corymb;

/// As tests/golden/dbscan.py makes it.
RowMatrix<double> lattice() {
  std::int64_t state = 1;
  RowMatrix<double> rows(400, 2);
  for (Index i = 0; i < 400; ++i)
    for (Index j = 0; j < 2; ++j) {
      state = (state * 1103515245 + 12345) % (std::int64_t{1} << 31);
      rows(i, j) = static_cast<double>(j == 0 ? i % 20 : i / 20) + static_cast<double>(state) * 0x1p-31;
    }
  return rows;
}

RowMatrix<double> points_of(std::string_view name) {
  if (name == "lattice") return lattice();
  return (name == "iris" ? iris() : name == "wine" ? wine() : name == "digits" ? digits() : old_faithful()).points;
}

Metric metric_of(std::string_view name) {
  return name == "manhattan" ? Metric::manhattan : name == "chebyshev" ? Metric::chebyshev : Metric::euclidean;
}

TEST(DbscanGolden, LabelsAreThoseOfScikitLearn) {
  for (const auto& golden : dbscan_golden::cases) {
    const RowMatrix<double> X = points_of(golden.data);
    const Metric metric = metric_of(golden.metric);
    for (const DbscanAlgorithm algorithm :
         {DbscanAlgorithm::grid, DbscanAlgorithm::kd_tree, DbscanAlgorithm::ball_tree, DbscanAlgorithm::brute_force}) {
      if (algorithm == DbscanAlgorithm::grid && X.cols() > 4) continue;
      if (algorithm == DbscanAlgorithm::ball_tree && metric == Metric::euclidean) continue;
      const auto result = dbscan(X, golden.eps, golden.min_points, {.metric = metric, .algorithm = algorithm});
      std::string labels;
      for (const std::int32_t label : result.labels) labels += label == noise ? '.' : static_cast<char>('a' + label);
      EXPECT_EQ(labels, golden.labels) << golden.data << ", eps " << golden.eps << ", algorithm "
                                       << static_cast<int>(algorithm);
    }
  }
}

}  // namespace
}  // namespace dbscan_golden_test
