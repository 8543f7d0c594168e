#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/linalg.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/metrics/detail/contingency.hpp>

#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Throws for the first row that is no distribution over the clusters.
template <class T>
void check_memberships(std::string_view function, const Points<T>& rows, std::string_view name) {
  for (Index i = 0; i < rows.rows(); ++i) {
    double sum = 0;
    for (Index j = 0; j < rows.cols(); ++j) {
      const auto value = static_cast<double>(rows(i, j));
      if (!(value >= 0) || std::isinf(value))
        reject(function, std::string(name) + "(" + to_text(i) + ", " + to_text(j) + ") = " + to_text(value) +
                             " must be finite and ≥ 0");
      sum += value;
    }
    if (!(std::abs(sum - 1) <= 1e-4))
      reject(function, std::string(name) + ": the memberships of row " + to_text(i) + " add up to " + to_text(sum) +
                           "; they must add up to 1");
  }
}

/// Rows [begin, end) in double, each divided by its sum, so that marginals fit exactly.
template <class T>
Eigen::MatrixXd distributions(const Points<T>& rows, Index begin, Index end) {
  Eigen::MatrixXd block(end - begin, rows.cols());
  for (Index i = begin; i < end; ++i) {
    double sum = 0;
    for (Index j = 0; j < rows.cols(); ++j) sum += static_cast<double>(rows(i, j));
    for (Index j = 0; j < rows.cols(); ++j) block(i - begin, j) = static_cast<double>(rows(i, j)) / sum;
  }
  return block;
}

}  // namespace detail

template <class DerivedTruth, class DerivedPredicted>
ContingencyTable soft_contingency_table(const Eigen::DenseBase<DerivedTruth>& truth,
                                        const Eigen::DenseBase<DerivedPredicted>& predicted, const Vector& weights,
                                        const Execution& execution) {
  constexpr std::string_view function = "soft_contingency_table";
  const Points<typename DerivedTruth::Scalar> t(truth);
  const Points<typename DerivedPredicted::Scalar> p(predicted);
  if (t.rows() != p.rows())
    detail::reject(function, "truth has " + detail::to_text(t.rows()) + " rows, predicted has " +
                                 detail::to_text(p.rows()) + "; they must agree");
  detail::require_threads(function, execution.threads);
  detail::check_weights(function, weights, t.rows());
  detail::check_memberships(function, t, "truth");
  detail::check_memberships(function, p, "predicted");

  // Slices keep the copies small; a chunk adds up its own, and chunks are added in order.
  constexpr Index slice = 256;
  const Eigen::MatrixXd zero = Eigen::MatrixXd::Zero(t.cols(), p.cols());
  const Eigen::MatrixXd counts =
      parallel_sum(resolve_threads(execution.threads), Chunks(t.rows(), slice, 16), zero, [&](Index begin, Index end) {
        Eigen::MatrixXd sum = zero;
        for (Index first = begin; first < end; first += slice) {
          const Index last = std::min(first + slice, end);
          Eigen::MatrixXd u = detail::distributions(t, first, last);
          if (weights.size() > 0) u.array().colwise() *= weights.segment(first, last - first).array();
          const Eigen::MatrixXd v = detail::distributions(p, first, last);
          detail::one_thread([&] { sum.noalias() += u.transpose() * v; });
        }
        return sum;
      });

  std::vector<std::int64_t> row_labels(static_cast<std::size_t>(t.cols())),
      column_labels(static_cast<std::size_t>(p.cols()));
  std::iota(row_labels.begin(), row_labels.end(), 0);
  std::iota(column_labels.begin(), column_labels.end(), 0);
  std::vector<ContingencyCell> cells;
  for (Index row = 0; row < counts.rows(); ++row)
    for (Index column = 0; column < counts.cols(); ++column)
      if (counts(row, column) > 0) cells.push_back({row, column, counts(row, column)});
  return detail::table_of_cells(std::move(cells), row_labels, column_labels, NoisePolicy::cluster);
}

CORYMB_END
