#pragma once

#include <corymb/mixture/detail/mixture_sums.hpp>
#include <corymb/mixture/gaussian_mixture.hpp>

#include <cstdint>

CORYMB_BEGIN

/// Options of the model OnlineGaussianMixture.
struct OnlineGaussianMixtureOptions {
  /// Batch t (from 1) counts γ_t = (t + step_offset)^−step_exponent, and all before it 1 − γ_t. In (0.5, 1]. With 1
  /// every batch counts the same, and the start as much as step_offset of them; lower exponents forget the first
  /// batches, which were weighed by poor parameters, sooner, at the price of more noise.
  double step_exponent = 0.7;
  /// ≥ 0. 0: the first batch replaces what the start knows. Larger offsets keep the start longer.
  double step_offset = 1;
  /// As in GaussianMixtureOptions, relative to the variances of the columns under the start.
  double covariance_floor = 1e-6;
};

/// EM on rows that arrive in batches and need not be kept: the sums of the M step are running means over the batches.
/// Each batch is weighed by the present parameters (E step), counts γ_t in the sums, and the parameters become the most
/// likely ones for the sums (M step). With γ = 1 this is one iteration of gaussian_mixture on the batch.
///
/// A batch counts the same whatever its weight: batches should be of about one size, and be drawn from all of the
/// data; they should have several rows for each component.
///
/// A model is a value: a copy is a checkpoint. One model must not learn two batches at the same time.
/// @note Same bits for any number of threads and any storage order of the batches.
/// @see Cappé and Moulines (2009), J. R. Stat. Soc. B 71, 593–613; Liang and Klein (2009), NAACL-HLT, 611–619
class OnlineGaussianMixture {
 public:
  /// From the parameters of a mixture of any family, so from the fit of a first batch:
  ///   OnlineGaussianMixture model(gaussian_mixture(first_batch, k));
  /// The start counts as a batch before the first one, whose rows have the moments of the components.
  /// @throws InvalidArgument  parameters that are no mixture, a component of noise, components of Student's t, options
  ///         out of range.
  CORYMB_INSTANCE_INLINE explicit OnlineGaussianMixture(const GaussianMixture& start,
                                                        const OnlineGaussianMixtureOptions& options = {});

  /// Learns the rows of a batch, m × d, m ≥ 0. No rows, or none of positive weight, teach nothing.
  /// @param weights  m weights ≥ 0, or empty for all one. A weight w means w copies of the row, 0 that it is absent.
  /// @param execution  threads and memory limit; there are no steps to report.
  /// @return  the mean log-likelihood of the rows before they were learnt; 0 without rows.
  /// @throws InvalidArgument  other columns than the start has, an entry that is not finite or too large, bad weights;
  ///         the model stays as it was.
  /// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
  /// @note Time O(m k d²) (along the axes O(m k d)), and one M step, at most O(k d³). Memory as gaussian_mixture.
  template <class Derived>
  double partial_fit(const Eigen::DenseBase<Derived>& batch, const Vector& weights = {},
                     const Execution& execution = {});

  /// The present parameters, for predict, score_samples and the others. log_likelihood is the running mean of what
  /// partial_fit has returned, with the same weights γ; total_weight that of all rows, those of the start included;
  /// iterations counts batches; there are no labels.
  const GaussianMixture& model() const { return model_; }
  /// Batches learnt so far.
  std::int64_t batches() const { return batches_; }

 private:
  /// Rows that are checked, of positive weight altogether.
  template <class T>
  double learn(const Points<T>& batch, const Vector& weights, double weight, int threads);

  OnlineGaussianMixtureOptions options_;
  GaussianMixture model_;
  detail::MixtureSums sums_;  // running means for a row of weight 1, relative to the means of the model
  Vector variances_;          // of the columns under the start
  std::int64_t batches_ = 0;
};

CORYMB_END

#include <corymb/mixture/detail/online_gaussian_mixture_impl.hpp>
