#include <corymb/datasets/bundled.hpp>
#include <corymb/density/optics.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "density/optics_golden_values.hpp"

namespace optics_golden_test {
namespace {

using namespace corymb;

RowMatrix<double> points_of(std::string_view name) {
  if (name == "iris") return (10 * iris().points.array()).round();  // whole numbers: no ties but for equal distances
  return name == "wine" ? wine().points : RowMatrix<double>(digits().points.topRows(250));
}

OpticsResult result_of(const optics_golden::Case& golden) {
  return optics(
      points_of(golden.data), golden.min_samples,
      {.metric = golden.metric == "manhattan" ? Metric::manhattan : Metric::euclidean, .max_eps = golden.max_eps});
}

std::string letters(const Labels& labels) {
  std::string text;
  for (const std::int32_t label : labels)
    text += label == noise ? '.' : static_cast<char>(label < 26 ? 'a' + label : 'A' + label - 26);
  return text;
}

void expect_near(const Vector& actual, std::span<const double> expected) {
  ASSERT_EQ(actual.size(), static_cast<Index>(expected.size()));
  for (Index i = 0; i < actual.size(); ++i) {
    const double value = expected[static_cast<std::size_t>(i)];
    if (std::isinf(value))
      EXPECT_EQ(actual[i], value);
    else
      EXPECT_NEAR(actual[i], value, 1e-13 * value) << i;
  }
}

TEST(OpticsGolden, OrderingsAreThoseOfScikitLearn) {
  for (const auto& golden : optics_golden::cases) {
    SCOPED_TRACE(std::string(golden.data) + ", min_samples " + std::to_string(golden.min_samples));
    const OpticsResult result = result_of(golden);
    EXPECT_TRUE(std::ranges::equal(result.ordering, golden.ordering));
    EXPECT_TRUE(std::ranges::equal(result.predecessor, golden.predecessor));
    expect_near(result.reachability, golden.reachability);
    expect_near(result.core_distances, golden.core_distances);
    EXPECT_EQ(letters(cut(result, golden.eps)), golden.cut);
  }
}

TEST(OpticsGolden, XiClustersAreThoseOfScikitLearn) {
  for (const auto& golden : optics_golden::xis) {
    const auto& of = optics_golden::cases[golden.of];
    SCOPED_TRACE(std::string(of.data) + ", xi " + std::to_string(golden.xi));
    const XiClusters clusters = xi_clusters(result_of(of), {.xi = golden.xi,
                                                            .min_cluster_size = golden.min_cluster_size,
                                                            .predecessor_correction = golden.predecessor_correction});
    EXPECT_EQ(letters(clusters.labels), golden.labels);
    EXPECT_TRUE(std::ranges::equal(clusters.hierarchy, golden.intervals,
                                   [](const auto& a, const auto& b) { return a.begin == b.begin && a.end == b.end; }))
        << clusters.hierarchy.size() << " and " << golden.intervals.size();
  }
}

}  // namespace
}  // namespace optics_golden_test
