#pragma once

#include <corymb/mixture/gaussian_mixture.hpp>  // first, whose end may include this

#include <corymb/core/detail/progress.hpp>
#include <corymb/mixture/detail/em_passes.hpp>
#include <corymb/mixture/detail/maximization.hpp>
#include <corymb/mixture/detail/mixture_start.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Fits a mixture to rows and options that are checked: a start, then E and M steps in turns.
template <class T>
class MixtureFit {
 public:
  MixtureFit(const Points<T>& X, Index k, const GaussianMixtureOptions& options)
      : X_(X),
        k_(k),
        options_(options),
        with_absent_rows_(weights_with_absent_rows(X, options)),
        weights_(with_absent_rows_.size() > 0 ? with_absent_rows_ : options.weights),
        weight_(weights_.size() > 0 ? weights_.data() : nullptr),
        rows_(X, weight_, options.integrate_missing),
        threads_(resolve_threads(options.execution.threads)),
        progress_(options.execution.on_progress) {
    total_weight_ = weight_ == nullptr ? static_cast<double>(X.rows()) : weights_.sum();
    find_columns();
    const double mean_variance = variances_.mean();
    if (!std::isfinite(mean_variance))
      throw NumericalError("corymb::gaussian_mixture: the variance of X overflows; scale the data");
    variances_ = (variances_.array() > 0).select(variances_, mean_variance > 0 ? mean_variance : 1.0).eval();
  }

  /// @param covariance  instead of that of the options
  static double memory(Index n, Index d, Index k, Covariance covariance, const GaussianMixtureOptions& options,
                       int threads) {
    const Index size = MixtureSums::size(family_of(covariance), k, d);
    const double chunks = static_cast<double>(chunks_of_rows(n, size).count());
    const double of_missing =
        options.integrate_missing
            ? matrix_bytes<T>(n, d) + static_cast<double>(n) * (sizeof(Index) + sizeof(double) + sizeof(T))
            : 0;
    return static_cast<double>(n) * (2 * sizeof(std::int32_t)) + of_missing +
           (chunks + 4) * static_cast<double>(size) * sizeof(double) +
           threads * RowBlock::memory(k, d, options.tails != Tails::gaussian);
  }

  GaussianMixture run() {
    complete_rows();
    GaussianMixture best;
    for (int restart = 0; restart < options_.restarts; ++restart) {
      CovarianceEstimator estimator = estimator_for(options_.covariance);
      const Labels labels = start_labels(start_rows(), k_, options_, weights_, restart, cancelled_);
      GaussianMixture found = iterate(from_labels(labels, estimator), estimator);
      found.restart = restart;
      const bool cancelled = found.status == Status::cancelled;
      if (restart == 0 || found.history.back() > best.history.back()) best = std::move(found);
      if (!cancelled) continue;
      best.status = Status::cancelled;
      break;
    }
    return best;
  }

  GaussianMixture run_from(const GaussianMixture& start) {
    GaussianMixture model;
    model.covariance = start.covariance;
    const double sum = start.proportions.sum() + start.noise_proportion;
    model.proportions = start.proportions / sum;
    model.noise_proportion = start.noise_proportion / sum;
    model.noise_box = start.noise_box;
    model.means = start.means;
    model.covariances = start.covariances;
    model.degrees_of_freedom = start.degrees_of_freedom;
    CovarianceEstimator estimator = estimator_for(model.covariance);
    model.floored = estimator.start_from(model.covariances);
    return iterate(std::move(model), estimator);
  }

 private:
  CovarianceEstimator estimator_for(Covariance covariance) const {
    return estimator_above(options_.covariance_floor, covariance, variances_);
  }

  /// The weights of the rows, 0 for those without any entry; empty if there are none of these.
  static Vector weights_with_absent_rows(const Points<T>& X, const GaussianMixtureOptions& options) {
    Vector weights;
    for (Index i = 0; options.integrate_missing && i < X.rows(); ++i) {
      if (!std::all_of(X[i].begin(), X[i].end(), [](T entry) { return std::isnan(entry); })) continue;
      if (weights.size() == 0) weights = options.weights.size() > 0 ? options.weights : Vector(Vector::Ones(X.rows()));
      weights[i] = 0;
    }
    return weights;
  }

  void find_columns() {
    if (rows_.complete()) {
      const ColumnStatistics columns = column_statistics(X_, weight_, threads_);
      means_ = columns.means;
      variances_ = columns.variances();
      return;
    }
    means_.resize(X_.cols());
    variances_.resize(X_.cols());
    for (Index j = 0; j < X_.cols(); ++j) {
      std::vector<T> entries;
      std::vector<double> weights;
      for (Index i = 0; i < X_.rows(); ++i) {
        if (std::isnan(X_(i, j)) || (weight_ != nullptr && weight_[i] == 0)) continue;
        entries.push_back(X_(i, j));
        if (weight_ != nullptr) weights.push_back(weight_[i]);
      }
      const Points<T> column(entries.data(), static_cast<Index>(entries.size()), 1, 1);
      const ColumnStatistics found = column_statistics(column, weight_ != nullptr ? weights.data() : nullptr, threads_);
      means_[j] = found.means[0];
      variances_[j] = found.variances()[0];
    }
  }

  /// For the start alone: missing entries become those expected under one Gaussian of all rows.
  void complete_rows() {
    if (rows_.complete()) return;
    GaussianMixture one;
    const bool along_axes = family_of(options_.covariance).along_axes();
    one.covariance = along_axes ? Covariance::diagonal : Covariance::full;
    one.proportions.setOnes(1);
    one.means = means_.transpose();
    one.covariances = {along_axes ? Eigen::MatrixXd(variances_) : Eigen::MatrixXd(variances_.asDiagonal())};
    one.floored = {false};
    if (!along_axes) {
      CovarianceEstimator estimator = estimator_for(one.covariance);
      Labels labels(X_.rows());
      constexpr int steps = 10;
      for (int step = 0; step < steps; ++step)
        maximize(expectation(rows_, one, Memberships::soft, threads_, labels), estimator, one);
    }
    completed_.resize(X_.rows(), X_.cols());
    const Chunks chunks = rows_.chunks(X_.cols());
    parallel_for(threads_, chunks.count(), [&](Index chunk) {
      rows_.for_each_group(chunks.begin(chunk), chunks.end(chunk), [&](const RowGroup<T>& group) {
        const ExpectedEntries expected(one, group.columns);
        Vector x(X_.cols());
        for (Index i = 0; i < group.size; ++i) {
          const Index row = group.row(i);
          for (Index j = 0; j < X_.cols(); ++j) x[j] = static_cast<double>(X_(row, j));
          if (!group.complete) expected.complete(0, x);
          completed_.row(row) = x.cast<T>();
        }
      });
    });
  }

  /// Rows without missing entries, to start from.
  Points<T> start_rows() const {
    return rows_.complete() ? Points<T>(X_.row(0), X_.rows(), X_.cols(), X_.stride()) : Points<T>(completed_);
  }

  /// The M step for labels. The means come first, so that the covariances are summed of differences from them.
  GaussianMixture from_labels(const Labels& labels, CovarianceEstimator& estimator) const {
    const Index d = X_.cols();
    const Points<T> rows = start_rows();
    const CovarianceFamily family = family_of(options_.covariance);
    GaussianMixture model;
    model.covariance = options_.covariance;
    model.proportions = Vector::Zero(k_);
    model.means = means_of_labels(rows, weight_, labels, k_, means_, threads_);
    const double typical = variances_.mean();
    Eigen::MatrixXd any = Eigen::MatrixXd::Constant(family.rows(d), 1, typical);
    if (!family.along_axes()) any = typical * Eigen::MatrixXd::Identity(d, d);
    model.covariances.assign(static_cast<std::size_t>(family.count(k_)), any);
    model.floored.resize(model.covariances.size());
    maximize(sums_of_labels(rows, weight_, labels, family, model.means, threads_), estimator, model);
    if (options_.tails != Tails::gaussian)
      model.degrees_of_freedom.setConstant(options_.tails == Tails::student ? k_ : 1, 10.0);
    if (options_.noise > 0) {
      model.noise_proportion = options_.noise;
      model.noise_box = box_of_data();
      model.proportions *= 1 - options_.noise;
    }
    return model;
  }

  /// The least and greatest values of the columns; those without extent are as wide as the floor of the variances.
  RowMatrix<double> box_of_data() const {
    RowMatrix<double> box(2, X_.cols());
    box.row(0).setConstant(std::numeric_limits<double>::infinity());
    box.row(1) = -box.row(0);
    for (Index i = 0; i < X_.rows(); ++i) {
      if (weight_ != nullptr && weight_[i] == 0) continue;
      const T* x = X_.row(i);
      for (Index j = 0; j < X_.cols(); ++j) {
        box(0, j) = std::min(box(0, j), static_cast<double>(x[j]));
        box(1, j) = std::max(box(1, j), static_cast<double>(x[j]));
      }
    }
    for (Index j = 0; j < X_.cols(); ++j) {
      const double least = std::sqrt(options_.covariance_floor * variances_[j]);
      if (!(box(1, j) - box(0, j) >= least)) box.col(j) = (box.col(j).mean() + Eigen::Array2d(-least, least)).matrix();
    }
    return box;
  }

  GaussianMixture iterate(GaussianMixture model, CovarianceEstimator& estimator) {
    model.integrate_missing = options_.integrate_missing;
    model.labels.resize(X_.rows());
    model.total_weight = total_weight_;
    for (model.iterations = 0;; ++model.iterations) {
      const MixtureSums sums = expectation(rows_, model, options_.memberships, threads_, model.labels);
      model.log_likelihood = sums.log_likelihood / total_weight_;
      model.classification_log_likelihood = sums.classification_log_likelihood / total_weight_;
      const double objective =
          options_.memberships == Memberships::hard ? model.classification_log_likelihood : model.log_likelihood;
      const double before = model.history.empty() ? objective : model.history.back();
      model.history.push_back(objective);
      if (model.iterations > 0 && !progress_("em", model.iterations, options_.max_iterations, objective))
        cancelled_ = true;
      if (cancelled_) {
        model.status = Status::cancelled;
        return model;
      }
      if (model.iterations > 0 && !(objective - before > options_.tolerance)) {
        model.status = Status::converged;
        return model;
      }
      if (model.iterations == options_.max_iterations) {
        model.status = Status::iteration_limit;
        return model;
      }
      maximize(sums, estimator, model);
    }
  }

  const Points<T>& X_;
  const Index k_;
  const GaussianMixtureOptions& options_;
  const Vector with_absent_rows_;  // the weights, if there are rows without any entry
  const Vector& weights_;          // these or those of the options; empty for all one
  const double* const weight_;     // the same, or null
  const MixtureRows<T> rows_;
  const int threads_;
  const ProgressReporter progress_;
  double total_weight_ = 0;
  Vector means_;            // of the columns, as far as they are observed
  Vector variances_;        // likewise; of constant ones the mean of all, or 1
  RowMatrix<T> completed_;  // X for the start, where entries are missing
  bool cancelled_ = false;
};

template <class T>
double mixture_fit_memory(Index n, Index d, Index k, Covariance covariance, const GaussianMixtureOptions& options,
                          int threads) {
  return MixtureFit<T>::memory(n, d, k, covariance, options, threads);
}

template <class T>
GaussianMixture fit_mixture(const Points<T>& X, Index k, const GaussianMixture* start,
                            const GaussianMixtureOptions& options) {
  MixtureFit fit(X, k, options);
  return start != nullptr ? fit.run_from(*start) : fit.run();
}

template <class T>
void find_posteriors(const Points<T>& X, const GaussianMixture& model, const Execution& execution,
                     const RowPosteriors& wanted) {
  for_each_posterior(X, model, execution, [&](const RowBlock& block, Index i) {
    const Index row = block.row(i);
    if (wanted.labels != nullptr) (*wanted.labels)[row] = block.label(i);
    if (wanted.of_label != nullptr) (*wanted.of_label)[row] = block.value_of_label(i);
    if (wanted.log_density != nullptr) (*wanted.log_density)[row] = block.log_density(i);
    if (wanted.of_components == nullptr) return;
    for (Index c = 0; c < wanted.of_components->cols(); ++c) (*wanted.of_components)(row, c) = block.value(i, c);
  });
}

}  // namespace detail
CORYMB_END
