#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/partition/detail/elkan.hpp>
#include <corymb/partition/detail/group_bounds.hpp>
#include <corymb/partition/detail/lloyd.hpp>
#include <corymb/partition/detail/progressive.hpp>
#include <corymb/partition/detail/quantized.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

CORYMB_BEGIN
namespace detail {

/// Decides before every iteration how the nearest centroids are found. Lives as long as a call, over all its runs.
template <class T>
class FinderChoice {
 public:
  /// @param taken  bytes that are needed anyway: what is left of the memory limit may be used to save time.
  FinderChoice(const Points<T>& X, Index k, const KMeansOptions& options, int threads, double taken)
      : X_(X), k_(k), options_(options), threads_(threads) {
    const std::uint64_t limit = options.execution.memory_limit;
    free_ = static_cast<double>(limit > 0 ? limit : physical_memory() / 2) - taken;
  }

  /// Memory that an algorithm takes beside that of Lloyd's, in bytes.
  static double memory(Index n, Index d, Index k, KMeansAlgorithm algorithm) {
    switch (algorithm) {
      case KMeansAlgorithm::automatic:  // decides by itself what there is room for
      case KMeansAlgorithm::lloyd: return 0;
      case KMeansAlgorithm::hamerly: return GroupBounds<T>::memory(n, 1);
      case KMeansAlgorithm::yinyang: return GroupBounds<T>::memory(n, yinyang_groups(k));
      case KMeansAlgorithm::elkan: return Elkan<T>::memory(n, k);
      case KMeansAlgorithm::progressive: return Progressive<T>::memory(n, d, Progressive<T>::most_axes(d));
      case KMeansAlgorithm::quantized: return Quantized<T>::memory(n, d);
    }
    return 0;
  }

  void begin_run(Lloyd<T>& lloyd) {
    lloyd.use(nullptr);
    bounds_ = gave_up_ = false;
    if (!BoundArithmetic<T>::holds_for(X_.cols())) return;
    switch (options_.algorithm) {
      case KMeansAlgorithm::lloyd: break;
      case KMeansAlgorithm::hamerly: lloyd.use(std::make_unique<GroupBounds<T>>(X_, k_, 1, threads_)); break;
      case KMeansAlgorithm::yinyang:
        lloyd.use(std::make_unique<GroupBounds<T>>(X_, k_, yinyang_groups(k_), threads_));
        break;
      case KMeansAlgorithm::elkan: lloyd.use(std::make_unique<Elkan<T>>(X_, k_, threads_)); break;
      case KMeansAlgorithm::progressive:
        if (Progressive<T>::possible(X_.cols())) use_progressive(lloyd);
        break;
      case KMeansAlgorithm::quantized:
        if (Quantized<T>::possible(X_.cols())) use_quantized(lloyd);
        break;
      case KMeansAlgorithm::automatic: choose_exhaustive(lloyd, false); break;
    }
  }

  /// To be called between iterations.
  void reconsider(Lloyd<T>& lloyd, Index changed) {
    if (options_.algorithm != KMeansAlgorithm::automatic) return;
    if (!bounds_) {
      if (coordinates_ == nullptr && bytes_ == nullptr) choose_exhaustive(lloyd, true);
      // The first search that keeps bounds computes everything.
      const bool settled = changed < X_.rows() / (lloyd.finder() != nullptr ? 200 : 10);
      if (settled && !gave_up_ && coordinates_ == nullptr && bounds_may_pay()) {
        without_bounds_ = lloyd.finder() != nullptr ? lloyd.finder()->work() : 1;
        lloyd.use(std::make_unique<GroupBounds<T>>(X_, k_, automatic_groups(k_), threads_));
        bounds_ = true;
        searches_ = 0;
      }
    } else if (++searches_ >= 3 && lloyd.finder()->work() > 0.6 * without_bounds_) {
      gave_up_ = true;
      bounds_ = false;
      lloyd.use(nullptr);
      if (bytes_ != nullptr) use_quantized(lloyd);
    }
  }

 private:
  static Index yinyang_groups(Index k) { return std::max<Index>(k / 10, 1); }
  static Index automatic_groups(Index k) { return std::clamp<Index>(k / 24, 2, 32); }

  bool bounds_may_pay() const {
    return k_ >= 16 && k_ * X_.cols() >= 4096 && X_.rows() >= 4096 &&
           GroupBounds<T>::memory(X_.rows(), automatic_groups(k_)) <= free_;
  }

  /// How all rows are searched: by all distances, by scores in bytes or by principal coordinates. The latter two are
  /// tried on a sample.
  void choose_exhaustive(Lloyd<T>& lloyd, bool labelled) {
    if (coordinates_ != nullptr) return use_progressive(lloyd);
    if (bytes_ != nullptr) return use_quantized(lloyd);
    if (considered_ >= 3 || k_ < 16 || k_ * X_.cols() < 4096 || X_.rows() < 4096) return;
    ++considered_;
    double least = 0.75;
    const bool bytes = Quantized<T>::possible(X_.cols()) && kernels::multiplies_bytes() &&
                       Quantized<T>::memory(X_.rows(), X_.cols()) <= free_;
    if (bytes) {
      if (!scale_) scale_.emplace(X_);
      least = std::min(least, Quantized<T>::estimate(X_, *scale_, lloyd.centroids(), threads_));
    }
    consider_progressive(lloyd, labelled, least);
    if (coordinates_ != nullptr || !(least < 0.75)) return;
    bytes_ = std::make_shared<RowsInBytes<T>>(X_, *std::move(scale_), threads_);
    use_quantized(lloyd);
  }

  void use_progressive(Lloyd<T>& lloyd) {
    if (coordinates_ == nullptr)
      coordinates_ = std::make_shared<PrincipalCoordinates<T>>(
          PrincipalProjection<T>(X_, Progressive<T>::most_axes(X_.cols()), threads_), X_, threads_);
    lloyd.use(std::make_unique<Progressive<T>>(X_, coordinates_, threads_));
  }

  void use_quantized(Lloyd<T>& lloyd) {
    if (bytes_ == nullptr) bytes_ = std::make_shared<RowsInBytes<T>>(X_, threads_);
    if (bytes_->scale.per_step > 0) lloyd.use(std::make_unique<Quantized<T>>(X_, bytes_, threads_));
  }

  /// Large d: used where it takes less than `least`, in the time of all distances, and the projection of all rows is
  /// soon paid for. First centroids are often single rows, far from all others, so it is tried again when they have
  /// become means.
  void consider_progressive(Lloyd<T>& lloyd, bool labelled, double least) {
    if (X_.cols() < 64 || k_ < 32) return;
    if (Progressive<T>::memory(X_.rows(), X_.cols(), Progressive<T>::most_axes(X_.cols())) > free_) return;
    if (!projection_) projection_.emplace(X_, Progressive<T>::most_axes(X_.cols()), threads_);
    const std::int32_t* label = labelled ? lloyd.labels().data() : nullptr;
    const LevelEstimate best = Progressive<T>::estimate(X_, lloyd.centroids(), *projection_, label, threads_);
    const Index axes = std::min(best.level + best.level / 2, projection_->axes());
    const double iterations = std::min(options_.max_iterations, 20) * static_cast<double>(options_.restarts);
    const double projecting = 4 * static_cast<double>(axes) / static_cast<double>(k_);  // of rows, in double
    if (best.work + projecting / iterations > least) return;
    projection_->keep(axes);
    coordinates_ = std::make_shared<PrincipalCoordinates<T>>(*std::move(projection_), X_, threads_);
    projection_.reset();
    use_progressive(lloyd);
  }

  const Points<T>& X_;
  Index k_;
  const KMeansOptions& options_;
  int threads_;
  double free_;         // bytes
  int considered_ = 0;  // times that principal coordinates were tried
  std::optional<PrincipalProjection<T>> projection_;
  bool bounds_ = false;  // are kept
  bool gave_up_ = false;
  int searches_ = 0;           // since bounds are kept
  double without_bounds_ = 1;  // the time of a search before, in that of all distances
  std::shared_ptr<PrincipalCoordinates<T>> coordinates_;
  std::optional<ByteScale<T>> scale_;
  std::shared_ptr<const RowsInBytes<T>> bytes_;
};

}  // namespace detail
CORYMB_END
