// expected: LabelRange
#include <corymb/core/types.hpp>
#include <corymb/metrics/external.hpp>

#include <vector>

double score(const std::vector<ENTRY(int, double)>& truth, const corymb::Labels& labels) {
  return corymb::adjusted_rand_index(truth, labels);
}
