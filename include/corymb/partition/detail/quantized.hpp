#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/partition/detail/contested_rows.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// How coordinates become bytes: one step for all columns, so that sums of products of bytes are sums of products of
/// coordinates. Chosen on a sample of the rows; a row that does not fit is only known less exactly.
template <class T>
struct ByteScale {
  std::vector<T> centre;  // by column
  T per_step = 0;         // bytes per unit; 0 = the data do not allow it
  int zero = 0;           // the byte of the centre

  explicit ByteScale(const Points<T>& X) : centre(static_cast<std::size_t>(X.cols()), T(0)) {
    const Index sampled = std::min(X.rows(), std::clamp<Index>(X.rows() / 64, 256, 4096));
    const auto row = [&](Index s) { return X.row(s * X.rows() / sampled); };
    std::vector<double> mean(centre.size(), 0.0);
    for (Index s = 0; s < sampled; ++s)
      for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += static_cast<double>(row(s)[j]);
    for (std::size_t j = 0; j < mean.size(); ++j) centre[j] = static_cast<T>(mean[j] / static_cast<double>(sampled));
    double lowest = 0, highest = 0;
    std::vector<double> squares(centre.size(), 0.0);
    for (Index s = 0; s < sampled; ++s)
      for (std::size_t j = 0; j < centre.size(); ++j) {
        const double value = static_cast<double>(row(s)[j]) - static_cast<double>(centre[j]);
        lowest = std::min(lowest, value);
        highest = std::max(highest, value);
        squares[j] += value * value;
      }
    // Beyond eight standard deviations of the widest column there are single outliers, which would coarsen all others.
    const double widest = std::sqrt(*std::max_element(squares.begin(), squares.end()) / static_cast<double>(sampled));
    lowest = std::max(lowest, -8 * widest);
    highest = std::min(highest, 8 * widest);
    const double steps = 255 / (1.05 * (highest - lowest));  // rows outside the sample may lie a little farther
    if (!(steps > 1e-15 && steps < 1e15)) return;            // also where all are equal: nothing to gain
    per_step = static_cast<T>(steps);
    zero = std::clamp(static_cast<int>(std::lround(127.5 - (lowest + highest) / 2 * steps)), 0, 255);
  }
};

/// Rows as bytes, with what that loses. Takes d + 8 bytes per row.
template <class T>
class QuantizedRows {
 public:
  QuantizedRows(const Points<T>& X, const ByteScale<T>& scale, int threads)
      : stride_(stride(X.cols())),
        bytes_(static_cast<std::size_t>(X.rows() * stride_ + 64)),
        norm_(static_cast<std::size_t>(X.rows())),
        error_(norm_.size()) {
    const Chunks chunks(X.rows(), 1024);
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      const Index first = chunks.begin(chunk);
      kernels::quantize_rows(
          compiled::QuantizeTask<T>{rows_view(X, first, chunks.end(chunk)), scale.centre.data(), scale.per_step,
                                    scale.zero, &bytes_[static_cast<std::size_t>(first * stride_)], stride_,
                                    &norm_[static_cast<std::size_t>(first)], &error_[static_cast<std::size_t>(first)]});
    });
  }

  static Index stride(Index d) { return (d + 3) / 4 * 4; }
  static double memory(Index n, Index d) {
    return static_cast<double>(n) * (static_cast<double>(stride(d)) + 2 * sizeof(float));
  }

  Index stride() const { return stride_; }
  const std::uint8_t* bytes(Index row) const { return &bytes_[static_cast<std::size_t>(row * stride_)]; }
  /// Norms in steps, by row from the given one on: at most, of the row, and of what its bytes leave out.
  const float* norm(Index row) const { return &norm_[static_cast<std::size_t>(row)]; }
  const float* error(Index row) const { return &error_[static_cast<std::size_t>(row)]; }

 private:
  Index stride_;
  std::vector<std::uint8_t> bytes_;
  std::vector<float> norm_, error_;
};

/// What does not change from run to run.
template <class T>
struct RowsInBytes {
  ByteScale<T> scale;
  QuantizedRows<T> rows;

  RowsInBytes(const Points<T>& X, ByteScale<T> given, int threads) : scale(std::move(given)), rows(X, scale, threads) {}
};

/// Centroids as bytes, for QuantizedRows of the same scale.
///
/// With x and c measured from the centre, ‖x − c‖² / 2 = ‖x‖² / 2 + S with S = ‖c‖² / 2 − x·c. Of x and c we have the
/// bytes, x ≈ s x̂ and c ≈ t ĉ, and the score, a whole number, σ = x̂·ĉ − N with N ≈ ‖c‖² / (2 s t): so −S / (s t) ≈ σ,
/// off by at most ‖x̂‖ ‖c/t − ĉ‖ + ‖x/s − x̂‖ ‖c/t‖ + 1/2.
///
/// Centroids as near to x as its own, b, are at most twice as far from b as x is: the scores of two such are off, one
/// against the other, by at most 2 ‖x̂‖ max ‖c/t − ĉ‖ + 2 ‖x/s − x̂‖ ‖x − b‖ / t + 1. That is the margin of a row. It
/// holds for any b of at least the score that ‖x − b‖ was bounded by.
template <class T>
class QuantizedCentroids {
 public:
  QuantizedCentroids(const RowMatrix<T>& centroids, const ByteScale<T>& scale, const BoundArithmetic<T>& arithmetic)
      : k_(centroids.rows()), quads_(QuantizedRows<T>::stride(centroids.cols()) / 4) {
    const Index d = centroids.cols(), tile = compiled::quantized_tile;
    const auto centred = [&](Index c, Index j) {
      return static_cast<double>(centroids(c, j)) - static_cast<double>(scale.centre[static_cast<std::size_t>(j)]);
    };
    double largest = 0;
    for (Index c = 0; c < k_; ++c)
      for (Index j = 0; j < d; ++j) largest = std::max(largest, std::abs(centred(c, j)));
    const double steps = largest > 0 ? 127 / largest : 1;
    per_score_ = static_cast<double>(scale.per_step) * steps;
    stride_ = (d + 63) / 64 * 64;
    bytes_.assign(static_cast<std::size_t>(k_ * stride_), 0);
    constant_.assign(static_cast<std::size_t>((k_ + tile - 1) / tile * tile), std::numeric_limits<std::int32_t>::min());
    packed_.assign(constant_.size() * static_cast<std::size_t>(quads_), 0);
    double lost = 0, length = 0;
    for (Index c = 0; c < k_; ++c) {
      std::int8_t* byte = &bytes_[static_cast<std::size_t>(c * stride_)];
      double squares = 0, off = 0;
      std::int64_t sum = 0;
      for (Index j = 0; j < d; ++j) {
        const double value = centred(c, j);
        const double whole = std::nearbyint(value * steps);
        byte[j] = static_cast<std::int8_t>(whole);
        sum += byte[j];
        squares += value * value;
        off += (value * steps - whole) * (value * steps - whole);
      }
      lost = std::max(lost, std::sqrt(off));
      length = std::max(length, std::sqrt(squares) * steps);
      const double constant = -std::nearbyint(squares / 2 * per_score_) - static_cast<double>(scale.zero * sum);
      usable_ = usable_ && std::abs(constant) < compiled::most_quantized_score / 2;
      if (!usable_) return;
      constant_[static_cast<std::size_t>(c)] = static_cast<std::int32_t>(constant);
      std::int32_t* out = &packed_[static_cast<std::size_t>(c / tile * tile * quads_ + c % tile)];
      for (Index q = 0; q < quads_; ++q) std::memcpy(out + q * tile, byte + 4 * q, 4);
    }
    constexpr double up = 1 + 1e-6;
    lost_ = static_cast<float>(lost * up);
    length_ = static_cast<float>(length * up);
    ratio_ = static_cast<float>(steps / static_cast<double>(scale.per_step));
    rounding_ = static_cast<float>((static_cast<double>(arithmetic.certain()) - 1) * up);
    tiny_ = static_cast<float>(std::min(static_cast<double>(std::numeric_limits<T>::min()) * per_score_, 1e30));
  }

  /// Whether the scores fit into 32 bits: not if a centroid is far from all that the scale was made for.
  bool usable() const { return usable_; }

  compiled::BytesView view(const QuantizedRows<T>& rows, Index first, Index last) const {
    return {rows.bytes(first), rows.stride(), last - first,     k_,
            bytes_.data(),     stride_,       constant_.data(), packed_.data()};
  }

  /// The margin of a row of which no centroid is known.
  std::int32_t margin(float norm, float error) const {
    const float squared = norm * norm * ratio_ + 2 * norm * length_ + length_ * length_ / ratio_;  // (‖x‖ + max ‖c‖)²
    return whole(margin(norm, error, length_, squared));
  }

  /// The margin of a row whose own centroid is at most `distance` · t away, in squares at most `squared` · s t.
  float margin(float norm, float error, float distance, float squared) const {
    distance = std::min(distance * (2 + rounding_), 2 * length_);
    return 2 * (norm + error) * lost_ + error * distance + rounding_ * squared + tiny_;
  }

  /// ‖x − b‖² / (s t), at most, from its score.
  float squared(float norm, float error, float score) const {
    const float square = norm * norm * ratio_, double_score = 2 * score;
    const float off = 2 * ((norm + error) * lost_ + error * length_ + 1);
    const float roundings = 1e-6f * (square + std::abs(double_score) + off);
    return std::max(square - double_score + off + roundings, 0.0f);
  }
  /// squared() in units of t².
  float ratio() const { return ratio_; }

  static std::int32_t whole(float margin) {
    margin = margin * (1 + 1e-5f) + 4;
    return margin < static_cast<float>(compiled::most_margin) ? static_cast<std::int32_t>(margin)
                                                              : compiled::most_margin;
  }

  /// A row keeps its centroid if squared() is below this, by centroid: it is less than half as far away as the centroid
  /// nearest to that, `gap`, and roundings do not matter.
  std::vector<float> sure_below(const std::vector<T>& gap, const BoundArithmetic<T>& arithmetic) const {
    std::vector<float> result(gap.size());
    for (std::size_t c = 0; c < gap.size(); ++c) {
      const double half = (static_cast<double>(gap[c]) - static_cast<double>(arithmetic.smallest())) /
                          (1 + static_cast<double>(arithmetic.certain()));
      result[c] = half > 0 ? static_cast<float>(std::min(half * half * per_score_ * (1 - 1e-5), 1e30)) : 0.0f;
    }
    return result;
  }

 private:
  Index k_, quads_, stride_ = 0;
  bool usable_ = true;
  std::vector<std::int8_t> bytes_;
  std::vector<std::int32_t> constant_, packed_;
  double per_score_ = 1;  // 1 / (s t)
  // At most, over all centroids.
  float lost_ = 0;    // ‖c/t − ĉ‖
  float length_ = 0;  // ‖c/t‖
  float ratio_ = 1;   // s / t
  // A tie by the defined value may hide a difference in squares of rounding · square + tiny.
  float rounding_ = 0, tiny_ = 0;
};

/// Scores pairs by one byte per coordinate, which leaves few centroids that may be the nearest; only to these are
/// distances computed. Where the processor multiplies bytes, this takes a quarter of the time of all distances in
/// float, in the first iterations too. A row much nearer to its centroid than that is to any other is not searched.
/// Exact: the scores keep a margin for what the bytes lose, and what is left is decided like everywhere else. Rows with
/// too many centroids left are left to the dense kernel.
template <class T>
class Quantized : public NearestFinder<T> {
 public:
  static bool possible(Index d) {
    return BoundArithmetic<T>::holds_for(d) && QuantizedRows<T>::stride(d) <= compiled::most_quantized_bytes;
  }
  static double memory(Index n, Index d) { return QuantizedRows<T>::memory(n, d); }

  /// @param labelled  whether the first call finds labels that may well be right.
  Quantized(const Points<T>& X, std::shared_ptr<const RowsInBytes<T>> bytes, bool labelled, int threads)
      : X_(X),
        bytes_(std::move(bytes)),
        rows_(bytes_->rows),
        threads_(threads),
        arithmetic_(X.cols()),
        labelled_(labelled),
        workers_(static_cast<std::size_t>(threads)) {}

  void find(const RowMatrix<T>& centroids, std::int32_t* label) override {
    const QuantizedCentroids<T> quantized(centroids, bytes_->scale, arithmetic_);
    if (!quantized.usable()) {
      labelled_ = true;
      return assign_all<T>(X_, rows_view(centroids), threads_, label, nullptr);
    }
    const bool with_gaps = labelled_ && gaps_pay(centroids.rows());
    std::vector<float> sure_below(static_cast<std::size_t>(centroids.rows()), 0.0f);
    if (with_gaps) sure_below = quantized.sure_below(gaps(centroids), arithmetic_);
    const double searched = find(quantized, PackedCentroids<T>(rows_view(centroids)), sure_below, label);
    if (with_gaps) saved_ = 1 - searched;
  }

  /// The same for centroids that are ready for it and fit into the scores. Returns the share of rows searched.
  double find(const QuantizedCentroids<T>& quantized, const PackedCentroids<T>& packed,
              const std::vector<float>& sure_below, std::int32_t* label) {
    const bool starts = !labelled_;
    labelled_ = true;
    for (Worker& worker : workers_) worker.searched = 0;
    parallel_for(threads_, (X_.rows() + rows_per_block - 1) / rows_per_block, [&](Index task, int w) {
      const Index first = task * rows_per_block, last = std::min(first + rows_per_block, X_.rows());
      Worker& worker = workers_[static_cast<std::size_t>(w)];
      if (starts)
        list_all(first, last, quantized, worker);
      else
        list_open(first, last, quantized, sure_below, label + first, worker);
      search(first, last, quantized, packed, starts, label + first, worker);
    });
    double searched = 0;
    for (const Worker& worker : workers_) searched += worker.searched;
    return searched / static_cast<double>(X_.rows());
  }

  void forget() override {}  // any labels will do

 private:
  struct Worker {
    std::vector<std::int32_t> score;  // by row of the block
    std::vector<float> squared, root;
    std::vector<std::int32_t> all_margins;
    std::vector<std::int32_t> row, own, above, margin;  // of those to be searched
    std::vector<std::int32_t> place;                    // by centroid: where its rows start
    std::vector<std::int32_t> found;                    // scores by pair
    ContestedRows<T> contested;
    NearestWorkspace<T> dense;
    RowMatrix<T> gathered;  // for the dense search
    std::vector<std::int32_t> nearest;
    Scratch<std::int32_t> scratch;
    double searched = 0;  // rows, of all blocks
  };

  static constexpr Index rows_per_block = 8192;

  /// Whether the distances among the centroids, about four times as dear as scores, are worth the rows that need no
  /// search: as many as the last time. Tried again now and then.
  bool gaps_pay(Index k) {
    const double cost = 4 * static_cast<double>(k) / static_cast<double>(X_.rows());
    const bool pay = cost < 0.5 && (saved_ > cost || ++calls_without_gaps_ >= 8);
    if (pay) calls_without_gaps_ = 0;
    return pay;
  }

  /// For every centroid the distance to the nearest other one, at most.
  std::vector<T> gaps(const RowMatrix<T>& centroids) const {
    const Index k = centroids.rows();
    std::vector<T> gap(static_cast<std::size_t>(k), std::numeric_limits<T>::infinity());
    constexpr Index block = 32;
    parallel_for(threads_, (k + block - 1) / block, [&](Index task) {
      const Index first = task * block, count = std::min(block, k - first);
      std::vector<T> squared(static_cast<std::size_t>(count * k));
      Scratch<T> scratch(kernels::defined_scratch_size(T(), centroids.cols()));
      kernels::distances(
          compiled::DistancesTask<T>{PairValue::squared_euclidean,
                                     {centroids.row(first).data(), count, centroids.cols(), centroids.cols()},
                                     rows_view(centroids),
                                     nullptr,
                                     squared.data(),
                                     k,
                                     scratch.data()});
      for (Index i = 0; i < count; ++i) {
        T& least = gap[static_cast<std::size_t>(first + i)];
        for (Index c = 0; c < k; ++c)
          if (c != first + i) least = std::min(least, squared[static_cast<std::size_t>(i * k + c)]);
        least = arithmetic_.below(std::sqrt(std::max(arithmetic_.squared_below(least), T(0))));
      }
    });
    return gap;
  }

  void list_all(Index first, Index last, const QuantizedCentroids<T>& centroids, Worker& worker) const {
    const auto size = static_cast<std::size_t>(last - first);
    for (auto* list : {&worker.row, &worker.own, &worker.above, &worker.margin}) list->resize(size);
    std::fill(worker.own.begin(), worker.own.end(), -1);
    std::iota(worker.row.begin(), worker.row.end(), 0);
    std::fill(worker.above.begin(), worker.above.end(), compiled::lowest_quantized);
    for (std::size_t i = 0; i < size; ++i)
      worker.margin[i] = centroids.margin(rows_.norm(first)[i], rows_.error(first)[i]);
  }

  /// Lists the rows that may have another centroid than before, those of the same centroid together.
  void list_open(Index first, Index last, const QuantizedCentroids<T>& centroids, const std::vector<float>& sure_below,
                 const std::int32_t* label, Worker& worker) const {
    const auto size = static_cast<std::size_t>(last - first);
    const float *norm = rows_.norm(first), *error = rows_.error(first);
    worker.score.resize(size);
    for (auto* list : {&worker.squared, &worker.root}) list->resize(size);
    kernels::quantized_scores(
        compiled::QuantizedScoresTask{centroids.view(rows_, first, last), label, worker.score.data()});
    for (std::size_t i = 0; i < size; ++i) {
      worker.squared[i] = centroids.squared(norm[i], error[i], static_cast<float>(worker.score[i]));
      worker.root[i] = worker.squared[i] * centroids.ratio();
    }
    kernels::square_roots(worker.root.data(), last - first);
    worker.all_margins.resize(size);
    for (std::size_t i = 0; i < size; ++i)
      worker.all_margins[i] = QuantizedCentroids<T>::whole(
          centroids.margin(norm[i], error[i], worker.root[i] * (1 + 1e-6f), worker.squared[i]));
    auto& place = worker.place;
    place.assign(sure_below.size() + 1, 0);
    for (std::size_t i = 0; i < size; ++i) {
      const auto own = static_cast<std::size_t>(label[i]);
      place[own + 1] += worker.squared[i] < sure_below[own] ? 0 : 1;
    }
    std::partial_sum(place.begin(), place.end(), place.begin());
    for (auto* list : {&worker.row, &worker.own, &worker.above, &worker.margin})
      list->resize(static_cast<std::size_t>(place.back()));
    for (std::size_t i = 0; i < size; ++i) {
      const auto own = static_cast<std::size_t>(label[i]);
      if (worker.squared[i] < sure_below[own]) continue;
      const auto to = static_cast<std::size_t>(place[own]++);
      worker.row[to] = static_cast<std::int32_t>(i);
      worker.own[to] = label[i];
      worker.margin[to] = worker.all_margins[i];
      worker.above[to] = worker.score[i] - worker.all_margins[i] - 1;
    }
  }

  void search(Index first, Index last, const QuantizedCentroids<T>& centroids, const PackedCentroids<T>& packed,
              bool starts, std::int32_t* label, Worker& worker) const {
    const Index panel = kernels::quantized_panel_rows(), k = packed.rows().n;
    const auto listed = static_cast<Index>(worker.row.size());
    constexpr Index together = 1024;  // pairs that are settled together, so that their rows can be fetched ahead
    worker.contested.reserve(last - first, together + panel * k);
    worker.found.resize(static_cast<std::size_t>(panel * k + 1));
    std::int32_t* scratch = worker.scratch.reserve(panel * rows_.stride() / 4);
    const auto x = rows_view(X_, first, last);
    worker.searched += static_cast<double>(listed);
    Index waiting = 0;
    const auto settle = [&] {
      worker.contested.settle(x, packed.rows(), waiting, !starts, arithmetic_, label);
      waiting = 0;
    };
    for (Index begin = 0; begin < listed; begin += panel) {
      const Index count = std::min(panel, listed - begin);
      const Index pairs = kernels::list_quantized(compiled::QuantizedTask{
          centroids.view(rows_, first, last), worker.row.data() + begin, count, worker.own.data() + begin,
          worker.above.data() + begin, worker.margin.data() + begin, worker.contested.row.data() + waiting,
          worker.contested.centroid.data() + waiting, worker.found.data(), scratch});
      if (6 * pairs > count * k) {
        search_densely(x, worker.row.data() + begin, count, packed, label, worker);
        continue;
      }
      waiting += pairs;
      if (waiting >= together) settle();
    }
    settle();
  }

  void search_densely(const RowsView<T>& x, const std::int32_t* row, Index count, const PackedCentroids<T>& packed,
                      std::int32_t* label, Worker& worker) const {
    worker.gathered.resize(count, x.d);
    worker.nearest.resize(static_cast<std::size_t>(count));
    for (Index i = 0; i < count; ++i) std::copy_n(x.data + row[i] * x.stride, x.d, worker.gathered.row(i).data());
    assign_nearest(rows_view(worker.gathered), packed, worker.nearest.data(), worker.dense);
    for (Index i = 0; i < count; ++i) label[row[i]] = worker.nearest[static_cast<std::size_t>(i)];
  }

  const Points<T>& X_;
  std::shared_ptr<const RowsInBytes<T>> bytes_;
  const QuantizedRows<T>& rows_;
  int threads_;
  BoundArithmetic<T> arithmetic_;
  bool labelled_;
  std::vector<Worker> workers_;
  double saved_ = 1;  // share of the rows that needed no search, the last time that gaps were known
  int calls_without_gaps_ = 0;
};

}  // namespace detail
CORYMB_END
