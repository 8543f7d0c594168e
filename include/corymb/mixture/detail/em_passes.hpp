#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/mixture/detail/mixture_sums.hpp>
#include <corymb/preprocess/detail/column_statistics.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

CORYMB_BEGIN
namespace detail {

// Passes over the rows, in blocks that stay in the cache with what is computed of them.

/// Rows of a block: few enough that a d × rows matrix stays in the first caches, whatever the number of threads.
inline Index rows_of_block(Index d) { return std::clamp<Index>(8192 / d, 8, 128); }

/// x − reference, for the rows of a block, as columns.
template <class T, class Reference>
void subtract(const Points<T>& X, Index begin, Index end, const Reference& reference, Eigen::MatrixXd& differences) {
  differences.resize(X.cols(), end - begin);
  for (Index i = begin; i < end; ++i) {
    const T* x = X.row(i);
    for (Index j = 0; j < X.cols(); ++j) differences(j, i - begin) = static_cast<double>(x[j]) - reference[j];
  }
}

/// Calls use(begin, densities, scratch) for the blocks of rows [begin, end): densities is k × rows, the log of each
/// component's term of the mixture's density. The two scratch matrices may be used.
template <class T, class Use>
void with_densities(const Points<T>& X, Index begin, Index end, const GaussianMixture& model,
                    const ComponentDensities& components, const Use& use) {
  Eigen::MatrixXd differences, scratch;
  Eigen::ArrayXXd densities;
  const Index rows = rows_of_block(X.cols());
  for (Index first = begin; first < end; first += rows) {
    const Index last = std::min(first + rows, end);
    densities.resize(components.k(), last - first);
    for (Index c = 0; c < components.k(); ++c) {
      subtract(X, first, last, model.means.row(c), differences);
      components.evaluate(c, differences, scratch, densities.row(c));
    }
    use(first, densities, differences, scratch);
  }
}

/// The lowest of the largest entries.
template <class Densities>
std::int32_t most_probable(const Densities& densities) {
  Index best = 0;
  for (Index c = 1; c < densities.size(); ++c)
    if (densities[c] > densities[best]) best = c;
  return static_cast<std::int32_t>(best);
}

/// Calls f(i, densities) for every row i, with its k log densities, which f may change.
template <class T, class F>
void for_each_density(const Points<T>& X, const GaussianMixture& model, const Execution& execution, const F& f) {
  const ComponentDensities components(model);
  const Chunks chunks(X.rows());
  parallel_for(resolve_threads(execution.threads), chunks.count(), [&](Index chunk) {
    const auto use = [&](Index first, Eigen::ArrayXXd& densities, Eigen::MatrixXd&, Eigen::MatrixXd&) {
      for (Index i = 0; i < densities.cols(); ++i) f(first + i, densities.col(i));
    };
    one_thread([&] { with_densities(X, chunks.begin(chunk), chunks.end(chunk), model, components, use); });
  });
}

/// E step: finds the most probable component of each row, and the sums for the M step.
/// @param weight  by row, or null for all one
template <class T>
MixtureSums expectation(const Points<T>& X, const double* weight, const GaussianMixture& model, Memberships memberships,
                        int threads, Labels& labels) {
  const Index k = model.means.rows(), d = X.cols();
  const ComponentDensities components(model);
  const auto of_rows = [&](Index begin, Index end) {
    MixtureSums sums(model.covariance, k, d);
    Eigen::ArrayXd r;
    const auto use = [&](Index first, Eigen::ArrayXXd& densities, Eigen::MatrixXd& differences,
                         Eigen::MatrixXd& scratch) {
      const Index rows = densities.cols();
      for (Index i = 0; i < rows; ++i) {
        const double w = weight != nullptr ? weight[first + i] : 1.0;
        const std::int32_t label = labels[first + i] = most_probable(densities.col(i));
        const double largest = densities(label, i);
        const double log_density = normalize(densities.col(i), model.proportions);
        if (memberships == Memberships::hard) densities.col(i).setZero()[label] = 1;
        densities.col(i) *= w;
        if (w == 0) continue;
        sums.log_likelihood += w * log_density;
        sums.classification_log_likelihood += w * largest;
      }
      for (Index c = 0; c < k; ++c) {
        r = densities.row(c).transpose();
        if (r.maxCoeff() == 0) continue;
        subtract(X, first, first + rows, model.means.row(c), differences);
        sums.add(model.covariance, c, differences, r, scratch);
      }
    };
    one_thread([&] { with_densities(X, begin, end, model, components, use); });
    return sums;
  };
  return parallel_sum(threads, chunks_of_rows(X.rows(), MixtureSums::size(model.covariance, k, d)),
                      MixtureSums(model.covariance, k, d), of_rows);
}

/// The same sums where each row goes with its label alone, for a kind of covariance and references that need not be
/// those of a model.
template <class T>
MixtureSums sums_of_labels(const Points<T>& X, const double* weight, const Labels& labels, Covariance kind,
                           const RowMatrix<double>& references, int threads) {
  const Index k = references.rows(), d = X.cols();
  const auto of_rows = [&](Index begin, Index end) {
    MixtureSums sums(kind, k, d);
    Eigen::MatrixXd difference, scratch;
    Eigen::ArrayXd r(1);
    one_thread([&] {
      for (Index i = begin; i < end; ++i) {
        r[0] = weight != nullptr ? weight[i] : 1.0;
        if (r[0] == 0) continue;
        subtract(X, i, i + 1, references.row(labels[i]), difference);
        sums.add(kind, labels[i], difference, r, scratch);
      }
    });
    return sums;
  };
  return parallel_sum(threads, chunks_of_rows(X.rows(), MixtureSums::size(kind, k, d)), MixtureSums(kind, k, d),
                      of_rows);
}

}  // namespace detail
CORYMB_END
