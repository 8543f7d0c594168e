#pragma once

#include <corymb/metrics/contingency.hpp>
#include <corymb/metrics/pairs.hpp>
#include <corymb/mixture/detail/gaussian_mixture_impl.hpp>
#include <corymb/mixture/progressive_validation.hpp>
#include <corymb/partition/kmeans.hpp>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Looks at one number of clusters after the other.
template <class T>
class PartitionValidator {
 public:
  PartitionValidator(const Points<T>& X, const ProgressiveValidationOptions& options) : X_(X), options_(options) {}

  ProgressiveValidation run(KRange range) {
    ProgressiveValidation result;
    for (Index k = range.first; k <= range.last; ++k) {
      PartitionValidation found{.k = k};
      const Labels partition = partition_into(k, found.repeatability);
      GaussianMixture model;
      if (!cancelled_) {
        GaussianMixtureOptions of_fit = options_.fit;
        of_fit.initial_labels = partition;
        model = fit_mixture(X_, k, nullptr, of_fit);
        cancelled_ = model.status == Status::cancelled;
      }
      if (cancelled_) {
        if (result.table.empty()) result.best = std::move(model);
        result.best.status = Status::cancelled;
        return result;
      }
      Labels separable = model.labels;
      found.agreement = agreement(model, partition, separable);
      found.bic = bic(model);
      found.validated = found.agreement >= options_.min_agreement && found.repeatability >= options_.min_repeatability;
      result.table.push_back(found);
      if (!found.validated && k != range.first) continue;
      result.best = std::move(model);
      result.separable = std::move(separable);
    }
    return result;
  }

 private:
  /// The best of several runs of k-means, and how alike the others are.
  Labels partition_into(Index k, double& repeatability) {
    std::vector<Labels> partitions;
    std::size_t best = 0;
    double least = 0;
    for (int run = 0; run < options_.restarts && !cancelled_; ++run) {
      KMeansOptions of_run;
      of_run.weights = options_.fit.weights;
      of_run.execution = options_.fit.execution;
      of_run.seed = Random(options_.fit.seed, {static_cast<std::uint64_t>(k), static_cast<std::uint64_t>(run)}).bits();
      KMeansResult<T> found = kmeans_points<T>(X_, k, nullptr, of_run);
      cancelled_ = found.status == Status::cancelled;
      if (run == 0 || found.inertia < least) {
        least = found.inertia;
        best = partitions.size();
      }
      partitions.push_back(std::move(found.labels));
    }
    double sum = 0;
    for (std::size_t run = 0; run < partitions.size(); ++run)
      if (run != best)
        sum += adjusted_rand_index(
            contingency_table(partitions[best], partitions[run], {.weights = options_.fit.weights}));
    repeatability = sum / (options_.restarts - 1);
    return std::move(partitions[best]);
  }

  /// That of the cluster where it is least. Also takes the rows that are not told apart out of `separable`.
  double agreement(const GaussianMixture& model, const Labels& partition, Labels& separable) const {
    Vector confident(X_.rows());
    find_posteriors(X_, model, options_.fit.execution, {.of_label = &confident});
    Vector agreed = Vector::Zero(model.means.rows()), all = agreed;  // by cluster of the partition
    for (Index i = 0; i < X_.rows(); ++i) {
      const double weight = options_.fit.weights.size() > 0 ? options_.fit.weights[i] : 1.0;
      all[partition[i]] += weight;
      if (confident[i] < options_.confidence)
        separable[i] = noise;
      else if (model.labels[i] == partition[i])
        agreed[partition[i]] += weight;
    }
    return (all.array() > 0).select(agreed.array() / all.array(), 1.0).minCoeff();
  }

  const Points<T>& X_;
  const ProgressiveValidationOptions& options_;
  bool cancelled_ = false;
};

inline void check_progressive_validation(std::string_view function, const ProgressiveValidationOptions& options) {
  if (options.restarts < 2) reject(function, "restarts = " + to_text(options.restarts) + " must be ≥ 2");
  const auto check = [&](std::string_view name, double value, double least) {
    if (!(value >= least && value <= 1))
      reject(function, std::string(name) + " = " + to_text(value) + " must be in [" + to_text(least) + ", 1]");
  };
  check("confidence", options.confidence, 0);
  check("min_agreement", options.min_agreement, 0);
  check("min_repeatability", options.min_repeatability, -1);
  if (!options.fit.initial_rows.empty() || options.fit.initial_labels.size() > 0 || options.fit.restarts != 1)
    reject(function, "fit may have no start and no restarts; each mixture starts from the partition of k-means");
  if (options.fit.integrate_missing) reject(function, "fit.integrate_missing must be false; k-means needs all entries");
}

}  // namespace detail

template <class Derived>
ProgressiveValidation progressive_validation(const Eigen::DenseBase<Derived>& X, KRange range,
                                             const ProgressiveValidationOptions& options) {
  constexpr std::string_view function = "progressive_validation";
  using T = typename Derived::Scalar;
  detail::require_columns(function, X.cols());
  detail::check_progressive_validation(function, options);
  detail::check_mixture_range(function, X.rows(), range, options.fit);
  const auto points = detail::check_mixture_rows(function, X, range.last, {&options.fit.covariance, 1}, options.fit);
  return detail::PartitionValidator<T>(points, options).run(range);
}

CORYMB_END
