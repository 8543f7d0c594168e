#include <corymb/datasets/bundled.hpp>
#include <corymb/hierarchy/agglomerative.hpp>

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "hierarchy/agglomerative_golden_values.hpp"

namespace agglomerative_golden_test {
namespace {

using namespace corymb;

RowMatrix<double> points_of(const agglomerative_golden::Case& golden) {
  if (golden.data == "iris") return iris().points;
  if (golden.data == "wine") return wine().points;
  RowMatrix<double> points = digits().points.topRows(250);
  if (golden.linkage == "single") return points;
  for (Index i = 0; i < points.rows(); ++i)
    for (Index j = 0; j < points.cols(); ++j)
      points(i, j) += static_cast<double>((i * 37 + j * 101 + i * j * 13) % 1009) / 4096;
  return points;
}

std::string letters(const Labels& labels) {
  std::string text;
  for (const std::int32_t label : labels) text += static_cast<char>(label < 26 ? 'a' + label : 'A' + label - 26);
  return text;
}

TEST(AgglomerativeGolden, HierarchiesAreThoseOfScipy) {
  const std::map<std::string_view, Linkage> linkages = {{"single", Linkage::single},
                                                        {"complete", Linkage::complete},
                                                        {"average", Linkage::average},
                                                        {"weighted", Linkage::weighted},
                                                        {"ward", Linkage::ward}};
  for (const auto& golden : agglomerative_golden::cases) {
    SCOPED_TRACE(std::string(golden.data) + ", " + std::string(golden.linkage) + ", " + std::string(golden.metric));
    AgglomerativeOptions options;
    if (golden.metric == "cityblock") options.metric = Metric::manhattan;
    const Dendrogram tree = agglomerative(points_of(golden), linkages.at(golden.linkage), options);
    ASSERT_EQ(tree.merges.size(), golden.heights.size());
    for (std::size_t m = 0; m < tree.merges.size(); ++m)
      ASSERT_NEAR(tree.merges[m].height, golden.heights[m], 1e-11 * golden.heights[m]) << m;
    EXPECT_EQ(letters(cut_into(tree, golden.clusters)), golden.labels);
  }
}

}  // namespace
}  // namespace agglomerative_golden_test
