#pragma once

#include <corymb/mixture/variational_mixture.hpp>  // first, whose end may include this

#include <corymb/core/detail/progress.hpp>
#include <corymb/mixture/detail/em_passes.hpp>
#include <corymb/mixture/detail/mixture_start.hpp>
#include <corymb/mixture/detail/variational_posterior.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

CORYMB_BEGIN
namespace detail {

/// Fits to rows and options that are checked: a start, then the rows and the parameters in turns.
template <class T>
class VariationalFit {
 public:
  VariationalFit(const Points<T>& X, Index k, const VariationalMixtureOptions& options)
      : X_(X),
        k_(k),
        options_(options),
        of_start_(start_options(options)),
        family_(family_of(options.covariance)),
        weight_(options.weights.size() > 0 ? options.weights.data() : nullptr),
        rows_(X, weight_, false),
        threads_(resolve_threads(options.execution.threads)),
        progress_(options.execution.on_progress),
        columns_(column_statistics(X, weight_, threads_)),
        prior_(options.prior) {
    if (prior_.concentration == 0) prior_.concentration = 1 / static_cast<double>(k);
    if (prior_.degrees_of_freedom == 0) prior_.degrees_of_freedom = static_cast<double>(X.cols());
    if (prior_.mean.size() == 0) prior_.mean = columns_.means;
    if (prior_.covariance.size() == 0) prior_.covariance = covariance_of_data();
  }

  static double memory(Index n, Index d, Index k, Covariance covariance, int threads) {
    const CovarianceFamily family = family_of(covariance);
    const Index size = std::max(MixtureSums::size(family, k, d), MixtureSums::size(family, 1, d));
    const double chunks = static_cast<double>(chunks_of_rows(n, size).count());
    // Labels: of the start, given, found, of the best run, of the mixture; and the weights.
    return static_cast<double>(n) * (5 * sizeof(std::int32_t) + sizeof(double)) +
           (chunks + 8) * static_cast<double>(size) * sizeof(double) + threads * RowBlock::memory(k, d, false);
  }

  VariationalMixture run() {
    VariationalMixture best;
    for (int restart = 0; restart < options_.restarts; ++restart) {
      VariationalMixture found =
          iterate(from_labels(start_labels(X_, k_, of_start_, options_.weights, restart, cancelled_)));
      found.restart = restart;
      const bool cancelled = found.status == Status::cancelled;
      if (restart == 0 || found.lower_bound > best.lower_bound) best = std::move(found);
      if (!cancelled) continue;
      best.status = Status::cancelled;
      break;
    }
    describe_mixture(best);
    return best;
  }

 private:
  /// The default of the prior.
  Eigen::MatrixXd covariance_of_data() const {
    constexpr double least = 1e-6;  // of a direction without extent, in units of the columns
    const Index d = X_.cols();
    Vector variances = columns_.variances();
    const double mean_variance = variances.mean(), typical = mean_variance > 0 ? mean_variance : 1.0;
    if (!std::isfinite(mean_variance))
      throw NumericalError("corymb::variational_mixture: the variance of X overflows; scale the data");
    const Vector constant = (variances.array() > 0).select(Vector::Zero(d), typical);
    variances += constant;
    if (family_.spherical()) return Eigen::MatrixXd::Constant(1, 1, variances.mean());
    if (family_.along_axes()) return variances;
    const MixtureSums sums = sums_of_labels(X_, weight_, Labels::Zero(X_.rows()), family_,
                                            RowMatrix<double>(columns_.means.transpose()), threads_);
    const Vector units = variances.cwiseSqrt();
    Eigen::MatrixXd S = sums.second_moments(0, d) / columns_.weight;
    S.diagonal() += constant;
    S = units.cwiseInverse().asDiagonal() * S * units.cwiseInverse().asDiagonal();
    raise_eigenvalues(S, least);
    return units.asDiagonal() * S * units.asDiagonal();
  }

  /// The update for rows that go each with its label. The means come first, so that the covariances are summed of
  /// differences from them.
  VariationalMixture from_labels(const Labels& labels) const {
    VariationalMixture model;
    model.proportions = options_.proportions;
    model.prior = prior_;
    model.mean_precisions.resize(k_);
    model.mixture.covariance = options_.covariance;
    model.mixture.proportions.resize(k_);
    model.mixture.means.resize(k_, X_.cols());
    model.mixture.covariances.resize(static_cast<std::size_t>(family_.count(k_)));
    const RowMatrix<double> references = means_of_labels(X_, weight_, labels, k_, columns_.means, threads_);
    update_posterior(sums_of_labels(X_, weight_, labels, family_, references, threads_), references, model);
    return model;
  }

  VariationalMixture iterate(VariationalMixture model) {
    model.labels.resize(X_.rows());
    for (model.iterations = 0;; ++model.iterations) {
      const ExpectedMixture expected = expected_mixture(model);
      const MixtureSums sums = expectation(rows_, expected.mixture, Memberships::soft, threads_, model.labels);
      const double before = model.lower_bound;
      model.lower_bound = sums.log_likelihood + columns_.weight * expected.log_scale - divergence_from_prior(model);
      model.history.push_back(model.lower_bound);
      if (model.iterations > 0 &&
          !progress_("variational", model.iterations, options_.max_iterations, model.lower_bound))
        cancelled_ = true;
      if (cancelled_) {
        model.status = Status::cancelled;
        return model;
      }
      if (model.iterations > 0 && !(model.lower_bound - before > options_.tolerance)) {
        model.status = Status::converged;
        return model;
      }
      if (model.iterations == options_.max_iterations) {
        model.status = Status::iteration_limit;
        return model;
      }
      update_posterior(sums, expected.mixture.means, model);
    }
  }

  /// What a Gaussian mixture says of its rows.
  void describe_mixture(VariationalMixture& model) const {
    GaussianMixture& mixture = model.mixture;
    mixture.labels.resize(X_.rows());
    const MixtureSums sums = expectation(rows_, mixture, Memberships::soft, threads_, mixture.labels);
    mixture.log_likelihood = sums.log_likelihood / columns_.weight;
    mixture.classification_log_likelihood = sums.classification_log_likelihood / columns_.weight;
    mixture.total_weight = columns_.weight;
    mixture.floored.assign(mixture.covariances.size(), false);
    mixture.status = model.status;
    mixture.iterations = model.iterations;
    mixture.restart = model.restart;
  }

  const Points<T>& X_;
  const Index k_;
  const VariationalMixtureOptions& options_;
  const GaussianMixtureOptions of_start_;
  const CovarianceFamily family_;
  const double* const weight_;
  const MixtureRows<T> rows_;
  const int threads_;
  const ProgressReporter progress_;
  const ColumnStatistics columns_;
  VariationalPrior prior_;
  bool cancelled_ = false;
};

template <class T>
double variational_fit_memory(Index n, Index d, Index k, Covariance covariance, int threads) {
  return VariationalFit<T>::memory(n, d, k, covariance, threads);
}

template <class T>
VariationalMixture fit_variational(const Points<T>& X, Index k, const VariationalMixtureOptions& options) {
  return VariationalFit(X, k, options).run();
}

CORYMB_INSTANCE_INLINE GaussianMixture expected_gaussians(const VariationalMixture& model) {
  return expected_mixture(model).mixture;
}

}  // namespace detail
CORYMB_END
