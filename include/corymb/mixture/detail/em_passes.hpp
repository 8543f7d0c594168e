#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/mixture/detail/missing_entries.hpp>
#include <corymb/mixture/detail/row_block.hpp>

#include <algorithm>

CORYMB_BEGIN
namespace detail {

// Passes over the rows.

/// Calls use(block) for the rows of a group, a block of them after the other.
template <class T, class Use>
void for_each_block(const RowGroup<T>& group, Index k, bool noise, bool student, const Use& use) {
  RowBlock block(k, noise, student, group.cols(), group.size);
  const Index rows = RowBlock::capacity(k, group.cols());
  for (Index first = 0; first < group.size; first += rows) {
    block.load(group, first, std::min(first + rows, group.size));
    use(block);
  }
}

/// The densities of the components in the columns of a group.
class DensitiesOfColumns {
 public:
  explicit DensitiesOfColumns(const GaussianMixture& model) : model_(model), all_(model) {}

  /// Calls use(components), of the columns that the group has.
  template <class T, class Use>
  void with(const RowGroup<T>& group, const Use& use) const {
    if (group.complete)
      use(all_);
    else
      use(ComponentDensities(marginal(model_, group.columns)));
  }

 private:
  const GaussianMixture& model_;
  const ComponentDensities all_;
};

/// Calls f(block, i) for every row, number block.row(i), when its posterior probabilities are known.
template <class T, class F>
void for_each_posterior(const Points<T>& X, const GaussianMixture& model, const Execution& execution, const F& f) {
  const Index k = model.means.rows(), d = model.means.cols();
  const DensitiesOfColumns densities(model);
  const MixtureRows<T> rows(X, nullptr, model.integrate_missing);
  const Chunks chunks = rows.chunks(d);
  parallel_for(resolve_threads(execution.threads), chunks.count(), [&](Index chunk) {
    rows.for_each_group(chunks.begin(chunk), chunks.end(chunk), [&](const RowGroup<T>& group) {
      densities.with(group, [&](const ComponentDensities& components) {
        for_each_block(group, k, model.noise_proportion > 0, components.student(), [&](RowBlock& block) {
          block.find_posteriors(components, model.proportions);
          for (Index i = 0; i < block.size(); ++i) f(block, i);
        });
      });
    });
  });
}

/// E step: finds the most probable component of each row, and the sums for the M step. Rows without any entry have
/// weight 0.
template <class T>
MixtureSums expectation(const MixtureRows<T>& rows, const GaussianMixture& model, Memberships memberships, int threads,
                        Labels& labels) {
  const Index k = model.means.rows(), d = model.means.cols();
  const CovarianceFamily family = family_of(model.covariance);
  const bool student = model.degrees_of_freedom.size() > 0;
  const DensitiesOfColumns densities(model);
  const auto add_group = [&](const RowGroup<T>& group, const ComponentDensities& components, MixtureSums& sums) {
    for_each_block(group, k, model.noise_proportion > 0, student, [&](RowBlock& block) {
      block.find_posteriors(components, model.proportions);
      for (Index i = 0; i < block.size(); ++i) {
        labels[block.row(i)] = block.label(i);
        const double w = block.weight(i);
        if (w == 0) continue;
        sums.log_likelihood += w * block.log_density(i);
        sums.classification_log_likelihood += w * block.largest(i);
      }
      if (group.cols() == 0) return;
      if (memberships == Memberships::hard) block.set_memberships([&](Index i) { return block.label(i); });
      if (student) block.scale_rows(components, sums);
      block.add_moments(components.means(), sums);
    });
  };
  const auto of_rows = [&](Index begin, Index end) {
    MixtureSums sums(family, k, d, student);
    rows.for_each_group(begin, end, [&](const RowGroup<T>& group) {
      densities.with(group, [&](const ComponentDensities& components) {
        if (group.complete) return add_group(group, components, sums);
        MixtureSums observed(family, k, group.cols(), student);
        add_group(group, components, observed);
        if (group.cols() > 0) ExpectedEntries(model, group.columns).add(observed, sums);
      });
    });
    return sums;
  };
  return parallel_sum(threads, rows.chunks(MixtureSums::size(family, k, d)), MixtureSums(family, k, d, student),
                      of_rows);
}

/// The sums where each row goes with its label alone, for a family of covariances and references that need not be
/// those of a model.
/// @param X       no entry is missing
/// @param weight  by row, or null for all one
template <class T>
MixtureSums sums_of_labels(const Points<T>& X, const double* weight, const Labels& labels,
                           const CovarianceFamily& family, const RowMatrix<double>& references, int threads) {
  const Index k = references.rows(), d = X.cols();
  const Eigen::MatrixXd columns = padded_columns(references);
  const MixtureRows<T> rows(X, weight, false);
  const auto of_rows = [&](Index begin, Index end) {
    MixtureSums sums(family, k, d, false);
    rows.for_each_group(begin, end, [&](const RowGroup<T>& group) {
      for_each_block(group, k, false, false, [&](RowBlock& block) {
        block.set_memberships([&](Index i) { return labels[block.row(i)]; });
        block.add_moments(columns, sums);
      });
    });
    return sums;
  };
  return parallel_sum(threads, rows.chunks(MixtureSums::size(family, k, d)), MixtureSums(family, k, d, false), of_rows);
}

/// The means of the rows of each label, k × d: references for sums of the same labels. Those of labels without rows are
/// `otherwise`.
template <class T>
RowMatrix<double> means_of_labels(const Points<T>& X, const double* weight, const Labels& labels, Index k,
                                  const Vector& otherwise, int threads) {
  RowMatrix<double> means = otherwise.transpose().replicate(k, 1);
  const MixtureSums sums = sums_of_labels(X, weight, labels, family_of(Covariance::spherical), means, threads);
  for (Index c = 0; c < k; ++c)
    if (sums.weight[c] > 0) means.row(c) += sums.first.col(c).head(X.cols()).transpose() / sums.weight[c];
  return means;
}

}  // namespace detail
CORYMB_END
