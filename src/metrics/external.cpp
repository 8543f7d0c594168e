#include <corymb/metrics/detail/count_labels.hpp>
#include <corymb/metrics/detail/matching.hpp>
#include <corymb/metrics/detail/scores.hpp>

namespace corymb::compiled {

void count_labels(const LabelsView& truth, const LabelsView& predicted, ReceiveContingency receive, void* context) {
  detail::count_labels(truth, predicted, receive, context);
}

double adjusted_rand_index(const ContingencyView& table) { return detail::adjusted_rand_index(table); }

double normalized_mutual_information(const ContingencyView& table) {
  return detail::normalized_mutual_information(table);
}

double match_clusters(const ContingencyView& table, std::ptrdiff_t* row_of_column) {
  return detail::match_clusters(table, row_of_column);
}

}  // namespace corymb::compiled
