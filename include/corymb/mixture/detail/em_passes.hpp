#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/mixture/detail/row_block.hpp>
#include <corymb/preprocess/detail/column_statistics.hpp>

#include <algorithm>

CORYMB_BEGIN
namespace detail {

// Passes over the rows.

/// Calls use(block) for the rows [begin, end), a block of them after the other.
template <class T, class Use>
void for_each_block(const Points<T>& X, const double* weight, Index k, bool noise, Index begin, Index end,
                    const Use& use) {
  RowBlock block(k, noise, X.cols(), end - begin);
  const Index rows = RowBlock::capacity(k, X.cols());
  for (Index first = begin; first < end; first += rows) {
    block.load(X, weight, first, std::min(first + rows, end));
    use(block);
  }
}

/// Calls f(block, i) for every row, number block.begin() + i, when its posterior probabilities are known.
template <class T, class F>
void for_each_posterior(const Points<T>& X, const GaussianMixture& model, const Execution& execution, const F& f) {
  const ComponentDensities components(model);
  const Chunks chunks(X.rows());
  parallel_for(resolve_threads(execution.threads), chunks.count(), [&](Index chunk) {
    for_each_block(X, nullptr, components.k(), model.noise_proportion > 0, chunks.begin(chunk), chunks.end(chunk),
                   [&](RowBlock& block) {
                     block.find_posteriors(components, model.proportions);
                     for (Index i = 0; i < block.size(); ++i) f(block, i);
                   });
  });
}

/// E step: finds the most probable component of each row, and the sums for the M step.
/// @param weight  by row, or null for all one
template <class T>
MixtureSums expectation(const Points<T>& X, const double* weight, const GaussianMixture& model, Memberships memberships,
                        int threads, Labels& labels) {
  const Index k = model.means.rows(), d = X.cols();
  const CovarianceFamily family = family_of(model.covariance);
  const ComponentDensities components(model);
  const auto of_rows = [&](Index begin, Index end) {
    MixtureSums sums(family, k, d);
    for_each_block(X, weight, k, model.noise_proportion > 0, begin, end, [&](RowBlock& block) {
      block.find_posteriors(components, model.proportions);
      for (Index i = 0; i < block.size(); ++i) {
        labels[block.begin() + i] = block.label(i);
        const double w = block.weight(i);
        if (w == 0) continue;
        sums.log_likelihood += w * block.log_density(i);
        sums.classification_log_likelihood += w * block.largest(i);
      }
      if (memberships == Memberships::hard) block.set_memberships([&](Index i) { return block.label(i); });
      block.add_moments(components.means(), sums);
    });
    return sums;
  };
  return parallel_sum(threads, chunks_of_rows(X.rows(), MixtureSums::size(family, k, d)), MixtureSums(family, k, d),
                      of_rows);
}

/// The same sums where each row goes with its label alone, for a family of covariances and references that need not be
/// those of a model.
template <class T>
MixtureSums sums_of_labels(const Points<T>& X, const double* weight, const Labels& labels,
                           const CovarianceFamily& family, const RowMatrix<double>& references, int threads) {
  const Index k = references.rows(), d = X.cols();
  const Eigen::MatrixXd columns = padded_columns(references);
  const auto of_rows = [&](Index begin, Index end) {
    MixtureSums sums(family, k, d);
    for_each_block(X, weight, k, false, begin, end, [&](RowBlock& block) {
      block.set_memberships([&](Index i) { return labels[block.begin() + i]; });
      block.add_moments(columns, sums);
    });
    return sums;
  };
  return parallel_sum(threads, chunks_of_rows(X.rows(), MixtureSums::size(family, k, d)), MixtureSums(family, k, d),
                      of_rows);
}

}  // namespace detail
CORYMB_END
