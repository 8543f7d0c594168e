#include <corymb/datasets/bundled.hpp>
#include <corymb/density/hdbscan.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "density/hdbscan_golden_values.hpp"

namespace hdbscan_golden_test {
namespace {

using namespace corymb;

TEST(HdbscanGolden, ClustersOfIrisAreThoseOfR) {
  for (const auto& golden : hdbscan_golden::iris_cases) {
    const HdbscanResult result = hdbscan(iris().points, {.min_cluster_size = golden.min_points});
    std::string labels;
    for (const std::int32_t label : result.labels) labels += label == noise ? '.' : static_cast<char>('a' + label);
    EXPECT_EQ(labels, golden.labels) << golden.min_points;
  }
}

}  // namespace
}  // namespace hdbscan_golden_test
