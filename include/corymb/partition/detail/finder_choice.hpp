#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/partition/detail/elkan.hpp>
#include <corymb/partition/detail/group_bounds.hpp>
#include <corymb/partition/detail/lloyd.hpp>
#include <corymb/partition/detail/progressive.hpp>
#include <corymb/partition/detail/quantized.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

CORYMB_BEGIN
namespace detail {

/// Decides before every iteration how the nearest centroids are found. Lives as long as a call, over all its runs. As
/// the choice never changes a result, `automatic` may go by the clock.
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
    bounds_ = false;
    iterations_ = 0;
    try_bounds_below_ = X_.rows() / 10;
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
        if (Quantized<T>::possible(X_.cols())) use_quantized(lloyd, false);
        break;
      case KMeansAlgorithm::automatic:
        if (long_iterations()) choose_exhaustive(lloyd, false);
        break;
    }
    clock_.restart();
  }

  /// To be called between iterations.
  void reconsider(Lloyd<T>& lloyd, Index changed) {
    if (options_.algorithm != KMeansAlgorithm::automatic || !BoundArithmetic<T>::holds_for(X_.cols())) return;
    const double seconds = clock_.seconds();  // of the last iteration
    if (bounds_) {
      // The first search that keeps bounds computes all distances.
      if (++searches_ >= 3 && seconds > 0.8 * without_bounds_) {
        bounds_ = false;
        try_bounds_below_ = changed / 8;
        lloyd.use(nullptr);
        choose_exhaustive(lloyd, true);
      }
    } else {
      // A fit of cheap iterations may be over before a choice pays.
      if (lloyd.finder() == nullptr && (++iterations_ >= 2 || long_iterations()))
        choose_exhaustive(lloyd, true);
      else if (bytes_ != nullptr)
        consider_coordinates(lloyd, true);
      // After bytes, the distances that bounds begin with are dear: only for an iteration that changes little.
      const Index settled = bytes_ != nullptr ? X_.rows() / 500 : X_.rows();
      if (changed < std::min(settled, try_bounds_below_) && coordinates_ == nullptr && bounds_may_pay(seconds)) {
        without_bounds_ = seconds;
        bounds_ = true;
        searches_ = 0;
        lloyd.use(std::make_unique<GroupBounds<T>>(X_, k_, automatic_groups(), threads_));
      }
    }
    clock_.restart();
  }

 private:
  class Clock {
   public:
    void restart() { start_ = std::chrono::steady_clock::now(); }
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

   private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  };

  /// Whether the first choice pays even for a short fit.
  bool long_iterations() const { return k_ * X_.cols() >= 4096; }

  static constexpr Index few_rows = 2048;  // with fewer, there is little to save

  static Index yinyang_groups(Index k) { return std::max<Index>(k / 10, 1); }
  /// Groups of near centroids mean something where there are many, and more than few dimensions.
  Index automatic_groups() const { return k_ < 100 || X_.cols() < 16 ? 1 : std::clamp<Index>(k_ / 24, 2, 32); }

  /// Bounds take 10 to 20 ns per row and thread to keep, and the time of all distances to begin with.
  bool bounds_may_pay(double seconds) const {
    const double per_row = seconds / static_cast<double>(X_.rows()) * static_cast<double>(threads_);
    return per_row > 16e-9 && seconds > 0.15 * all_distances_ && X_.rows() >= few_rows &&
           GroupBounds<T>::memory(X_.rows(), automatic_groups()) +
                   (bytes_ != nullptr ? Quantized<T>::memory(X_.rows(), X_.cols()) : 0.0) <=
               free_;
  }

  /// How all rows are searched: by all distances, by scores in bytes or by principal coordinates, tried on samples.
  /// @param labelled  whether the rows have labels.
  void choose_exhaustive(Lloyd<T>& lloyd, bool labelled) {
    if (coordinates_ != nullptr) return use_progressive(lloyd);
    if (k_ * X_.cols() < 1024 || X_.rows() < few_rows) return;
    if (!considered_bytes_) consider_bytes(lloyd.centroids());
    if (consider_coordinates(lloyd, labelled)) return;
    if (share_of_bytes_ < 1) use_quantized(lloyd, labelled);
  }

  /// Finds what share of the time of all distances a search by bytes takes; 1 if it does not pay.
  void consider_bytes(const RowMatrix<T>& centroids) {
    considered_bytes_ = true;
    if (!Quantized<T>::possible(X_.cols()) || !kernels::multiplies_bytes() ||
        Quantized<T>::memory(X_.rows(), X_.cols()) > free_)
      return;
    scale_.emplace(X_);
    if (!(scale_->per_step > 0)) return;
    const Index sampled = std::min<Index>(X_.rows() / 2, 1024);
    RowMatrix<T> rows(sampled, X_.cols());
    for (Index s = 0; s < sampled; ++s) std::copy_n(X_.row(s * X_.rows() / sampled), X_.cols(), rows.row(s).data());
    const Points<T> sample(rows);
    std::vector<std::int32_t> label(static_cast<std::size_t>(sampled));
    // Timed without what is done once for all rows.
    const QuantizedCentroids<T> quantized(centroids, *scale_, BoundArithmetic<T>(X_.cols()));
    if (!quantized.usable()) return;
    const PackedCentroids<T> packed(rows_view(centroids));
    Quantized<T> finder(sample, std::make_shared<RowsInBytes<T>>(sample, *scale_, 1), false, 1);
    const std::vector<float> sure_below(static_cast<std::size_t>(k_), 0.0f);
    finder.find(quantized, packed, sure_below, label.data());
    NearestWorkspace<T> workspace;
    const auto least_seconds = [](const auto& search) {
      double least = std::numeric_limits<double>::infinity();
      for (int turn = 0; turn < 2; ++turn) {
        const Clock clock;
        search();
        least = std::min(least, clock.seconds());
      }
      return least;
    };
    const double by_bytes = least_seconds([&] { finder.find(quantized, packed, sure_below, label.data()); });
    const double all = least_seconds([&] { assign_nearest(rows_view(rows), packed, label.data(), workspace); });
    all_distances_ = all / static_cast<double>(sampled) * static_cast<double>(X_.rows()) / threads_;
    if (by_bytes < 0.8 * all) share_of_bytes_ = by_bytes / all;
  }

  void use_progressive(Lloyd<T>& lloyd) {
    if (coordinates_ == nullptr)
      coordinates_ = std::make_shared<PrincipalCoordinates<T>>(
          PrincipalProjection<T>(X_, Progressive<T>::most_axes(X_.cols()), threads_), X_, threads_);
    lloyd.use(std::make_unique<Progressive<T>>(X_, coordinates_, threads_));
  }

  void use_quantized(Lloyd<T>& lloyd, bool labelled) {
    if (bytes_ == nullptr) {
      if (!scale_) scale_.emplace(X_);
      bytes_ = std::make_shared<RowsInBytes<T>>(X_, *std::move(scale_), threads_);
      scale_.reset();
    }
    if (bytes_->scale.per_step > 0) lloyd.use(std::make_unique<Quantized<T>>(X_, bytes_, labelled, threads_));
  }

  /// Large d: used where it takes less time than the other ways, and the projection of all rows is soon paid for. First
  /// centroids are often single rows, far from all others, so it is tried again when they have become means. Returns
  /// whether it is used.
  bool consider_coordinates(Lloyd<T>& lloyd, bool labelled) {
    const double all = static_cast<double>(X_.rows()) * static_cast<double>(k_ * X_.cols());
    if (coordinates_ != nullptr || X_.cols() < (share_of_bytes_ < 1 ? 256 : 64) || k_ < 32 || all < 2e9) return false;
    if (considered_coordinates_++ >= 3) return false;
    if (Progressive<T>::memory(X_.rows(), X_.cols(), Progressive<T>::most_axes(X_.cols())) > free_) return false;
    if (!projection_) projection_.emplace(X_, Progressive<T>::most_axes(X_.cols()), threads_);
    const std::int32_t* label = labelled ? lloyd.labels().data() : nullptr;
    const LevelEstimate best = Progressive<T>::estimate(X_, lloyd.centroids(), *projection_, label, threads_);
    const Index axes = std::min(best.level + best.level / 2, projection_->axes());
    const double iterations = std::min(options_.max_iterations, 20) * static_cast<double>(options_.restarts);
    const double projecting = 4 * static_cast<double>(axes) / static_cast<double>(k_);  // of rows, in double
    if (best.work + projecting / iterations > std::min(share_of_bytes_, 0.75)) return false;
    projection_->keep(axes);
    coordinates_ = std::make_shared<PrincipalCoordinates<T>>(*std::move(projection_), X_, threads_);
    projection_.reset();
    bytes_.reset();
    use_progressive(lloyd);
    return true;
  }

  const Points<T>& X_;
  Index k_;
  const KMeansOptions& options_;
  int threads_;
  double free_;         // bytes
  Clock clock_;         // since the last iteration began
  int iterations_ = 0;  // without a finder
  // Searches of all rows.
  bool considered_bytes_ = false;
  double share_of_bytes_ = 1;
  double all_distances_ = 0;  // seconds, roughly; 0 = not known
  std::optional<ByteScale<T>> scale_;
  std::shared_ptr<const RowsInBytes<T>> bytes_;
  int considered_coordinates_ = 0;  // times
  std::optional<PrincipalProjection<T>> projection_;
  std::shared_ptr<PrincipalCoordinates<T>> coordinates_;
  // Bounds.
  bool bounds_ = false;         // are kept
  Index try_bounds_below_ = 0;  // changed labels
  int searches_ = 0;            // since they are kept
  double without_bounds_ = 0;   // seconds of the iteration before
};

}  // namespace detail
CORYMB_END
