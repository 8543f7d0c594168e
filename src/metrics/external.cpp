#include <corymb/metrics/detail/count_labels.hpp>
#include <corymb/metrics/detail/expected_information.hpp>
#include <corymb/metrics/detail/information_numbers.hpp>
#include <corymb/metrics/detail/matching.hpp>
#include <corymb/metrics/detail/overlap_numbers.hpp>
#include <corymb/metrics/detail/pair_numbers.hpp>

namespace corymb::compiled {

void count_labels(const LabelsView& truth, const LabelsView& predicted, const CountSettings& settings,
                  ReceiveContingency receive, void* context) {
  detail::count_labels(truth, predicted, settings, receive, context);
}

PairNumbers pair_numbers(const ContingencyView& table) { return detail::pair_numbers(table); }
InformationNumbers information_numbers(const ContingencyView& table) { return detail::information_numbers(table); }
double expected_mutual_information(const ContingencyView& table) { return detail::expected_mutual_information(table); }
OverlapNumbers overlap_numbers(const ContingencyView& table) { return detail::overlap_numbers(table); }
double match_clusters(const ContingencyView& table, std::ptrdiff_t* row_of_column) {
  return detail::match_clusters(table, row_of_column);
}

}  // namespace corymb::compiled
