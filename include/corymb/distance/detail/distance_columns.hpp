#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/distance/detail/distance_matrix_impl.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/distance/detail/row_values.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The distances of n objects to each of them, by columns: column j holds those of all objects to object j. Where they
/// come from is the business of who derives from this; virtual calls are made per block, never per pair. All functions
/// may be called from several threads at a time.
template <class T>
class DistanceColumns {
 public:
  DistanceColumns() = default;
  DistanceColumns(const DistanceColumns&) = delete;
  DistanceColumns& operator=(const DistanceColumns&) = delete;
  virtual ~DistanceColumns() = default;

  virtual Index size() const = 0;

  /// Column j where it stands in memory, else null.
  virtual const T* stored([[maybe_unused]] Index j) const { return nullptr; }

  /// Columns [first, last), one after the other.
  virtual void columns(Index first, Index last, T* out, ValuesScratch& scratch) const = 0;

  /// out[i · to.size() + c]: the distance of object from[i] to object to[c].
  virtual void between(std::span<const Index> from, std::span<const Index> to, T* out,
                       ValuesScratch& scratch) const = 0;
};

/// Those of a matrix that has been checked.
template <class T>
class MatrixColumns final : public DistanceColumns<T> {
 public:
  MatrixColumns(const DistanceMatrix<T>& D, bool is_symmetric) : D_(D) {
    if (D.is_condensed()) return;
    if (D.row_stride() == 1 || D.size() <= 1)
      stride_ = D.col_stride();
    else if (is_symmetric)
      stride_ = D.row_stride();
  }

  Index size() const override { return D_.size(); }
  const T* stored(Index j) const override { return stride_ > 0 ? D_.data() + j * stride_ : nullptr; }

  // Rows of the matrix are read in runs of last − first entries.
  void columns(Index first, Index last, T* out, ValuesScratch&) const override {
    const Index n = size();
    for (Index i = 0; i < n; ++i)
      for (Index j = first; j < last; ++j) out[(j - first) * n + i] = D_(i, j);
  }

  void between(std::span<const Index> from, std::span<const Index> to, T* out, ValuesScratch&) const override {
    for (std::size_t c = 0; c < to.size(); ++c)
      for (std::size_t i = 0; i < from.size(); ++i) out[i * to.size() + c] = D_(from[i], to[c]);
  }

 private:
  const DistanceMatrix<T>& D_;
  Index stride_ = 0;  // between columns; 0 = they are not contiguous
};

/// Those of a callable f(i, j), the distance of object i to object j.
template <class T, class F>
class FunctionColumns final : public DistanceColumns<T> {
 public:
  FunctionColumns(std::string_view function, Index n, const F& f) : function_(function), n_(n), f_(f) {}

  Index size() const override { return n_; }

  void columns(Index first, Index last, T* out, ValuesScratch&) const override {
    for (Index j = first; j < last; ++j)
      for (Index i = 0; i < n_; ++i) *out++ = value(i, j);
  }

  void between(std::span<const Index> from, std::span<const Index> to, T* out, ValuesScratch&) const override {
    for (const Index i : from)
      for (const Index j : to) *out++ = value(i, j);
  }

 private:
  T value(Index i, Index j) const {
    return i == j ? T(0) : checked_distance(function_, "objects", i, j, static_cast<T>(f_(i, j)));
  }

  std::string_view function_;
  Index n_;
  const F& f_;
};

/// Those of rows of a matrix under a built-in metric. X has been checked.
template <class T>
class PointColumns final : public DistanceColumns<T> {
 public:
  PointColumns(std::string_view function, const Points<T>& X, Metric metric, int threads)
      : function_(function), X_(X), metric_(metric), values_(function, X, X, metric, "X", "X", threads) {}

  Index size() const override { return X_.rows(); }

  void columns(Index first, Index last, T* out, ValuesScratch& scratch) const override {
    values_(first, last, out, scratch);
    values_.finish(out, (last - first) * X_.rows());
  }

  void between(std::span<const Index> from, std::span<const Index> to, T* out, ValuesScratch& scratch) const override {
    const RowMatrix<T> some = gather_rows(X_, from), others = gather_rows(X_, to);
    const Points<T> x(some), c(others);
    const MetricValues<T> values(function_, x, c, metric_, "X", "X", 1);
    values(0, x.rows(), out, scratch);
    values.finish(out, some.rows() * others.rows());
  }

  /// A bound that no distance exceeds: of a metric by the triangle inequality over row 0; the others have a range.
  double largest(int threads) const {
    switch (metric_.kind()) {
      case Metric::Kind::bray_curtis: return 1;
      case Metric::Kind::cosine:
      case Metric::Kind::correlation: return 2;
      default: break;
    }
    if (X_.rows() == 0) return 0;
    const Chunks chunks(X_.rows());
    std::vector<double> farthest(static_cast<std::size_t>(chunks.count()), 0.0);
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      const Index first = chunks.begin(chunk), last = chunks.end(chunk);
      const Points<T> rows(X_.row(first), last - first, X_.cols(), X_.stride()), origin(X_.row(0), 1, X_.cols(), 1);
      const MetricValues<T> values(function_, rows, origin, metric_, "X", "X", 1);
      std::vector<T> distance(static_cast<std::size_t>(last - first));
      ValuesScratch scratch;
      values(0, rows.rows(), distance.data(), scratch);
      values.finish(distance.data(), rows.rows());
      farthest[static_cast<std::size_t>(chunk)] =
          static_cast<double>(*std::max_element(distance.begin(), distance.end()));
    });
    const double radius = *std::max_element(farthest.begin(), farthest.end());
    constexpr double rounding = 1 + 1e-3;  // far more than the rounding of a distance
    return std::min(2 * rounding * radius, static_cast<double>(std::numeric_limits<T>::max()));
  }

 private:
  std::string_view function_;
  const Points<T>& X_;
  Metric metric_;
  MetricValues<T> values_;
};

/// Columns that have been computed and kept, n × n.
template <class T>
class StoredColumns final : public DistanceColumns<T> {
 public:
  StoredColumns(const DistanceColumns<T>& source, int threads) : n_(source.size()) {
    columns_.reserve(n_ * n_);
    const Index block = rows_per_block(n_), blocks = (n_ + block - 1) / block;
    std::vector<ValuesScratch> scratch(static_cast<std::size_t>(threads));
    parallel_for(threads, blocks, [&](Index task, int worker) {
      const Index first = task * block, last = std::min(first + block, n_);
      source.columns(first, last, columns_.data() + first * n_, scratch[static_cast<std::size_t>(worker)]);
    });
  }

  /// Those of some objects, which are numbered by their place in the list.
  StoredColumns(const DistanceColumns<T>& source, std::span<const Index> objects, int threads)
      : n_(static_cast<Index>(objects.size())) {
    columns_.reserve(n_ * n_);
    constexpr Index block = 64;
    std::vector<ValuesScratch> scratch(static_cast<std::size_t>(threads));
    std::vector<Scratch<T>> rows(scratch.size());
    parallel_for(threads, (n_ + block - 1) / block, [&](Index task, int worker) {
      const auto w = static_cast<std::size_t>(worker);
      const Index first = task * block, count = std::min(block, n_ - first);
      T* distance = rows[w].reserve(block * n_);
      source.between(objects, objects.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)),
                     distance, scratch[w]);
      for (Index i = 0; i < n_; ++i)
        for (Index c = 0; c < count; ++c) columns_.data()[(first + c) * n_ + i] = distance[i * count + c];
    });
  }

  Index size() const override { return n_; }
  const T* stored(Index j) const override { return columns_.data() + j * n_; }

  void columns(Index first, Index last, T* out, ValuesScratch&) const override {
    std::copy(stored(first), stored(last), out);
  }

  void between(std::span<const Index> from, std::span<const Index> to, T* out, ValuesScratch&) const override {
    for (std::size_t c = 0; c < to.size(); ++c) {
      const T* column = stored(to[c]);
      for (std::size_t i = 0; i < from.size(); ++i) out[i * to.size() + c] = column[from[i]];
    }
  }

 private:
  Index n_;
  Scratch<T> columns_;
};

/// The largest distance of all. Every pair is asked for once.
template <class T>
double largest_distance(const DistanceColumns<T>& source, int threads) {
  const Index n = source.size();
  std::vector<T> largest(static_cast<std::size_t>(n), T(0));
  std::vector<Scratch<T>> memory(static_cast<std::size_t>(threads));
  std::vector<ValuesScratch> scratch(static_cast<std::size_t>(threads));
  parallel_for(threads, n, [&](Index j, int worker) {
    const auto w = static_cast<std::size_t>(worker);
    const T* column = source.stored(j);
    if (column == nullptr) {
      source.columns(j, j + 1, memory[w].reserve(n), scratch[w]);
      column = memory[w].data();
    }
    largest[static_cast<std::size_t>(j)] = *std::max_element(column, column + n);
  });
  return n > 0 ? static_cast<double>(*std::max_element(largest.begin(), largest.end())) : 0;
}

}  // namespace detail
CORYMB_END
