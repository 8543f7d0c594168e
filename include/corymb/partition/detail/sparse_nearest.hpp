#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/partition/detail/sparse_rows.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// How far the defined value D = Σ_j (x_j − c_j)², summed in T, can be from the real number V, for a sparse row x and
/// any of some centroids c.
///
/// u is the unit roundoff of T. The terms t_j of the sum have three roundings: Σ t_j is within 3.1u V of V, and within
/// `absolute` more where terms underflow. The sum adds them in order, and partial sums never fall. Adding t to S rounds
/// by at most u · (the new sum) ≤ u D, and by at most t, because S itself is a number of T. So
///   |D − Σ t_j| ≤ Σ_j min(u D, t_j) ≤ error(D) = u D · (entries of x) + Σ_j min(u D, c_j²),
/// where the last sum, over the columns where x is 0, does not depend on the row: it is kept, as the largest of all
/// centroids, for some values of D. Few large coordinates of a centroid make it much smaller than u d D. In double
/// error(D) is small anyway: all nonzero coordinates are counted at u D.
/// See Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 4.2.
template <class T>
class DefinedValueBound {
 public:
  /// @param largest_row  at least ‖x‖² of every row.
  DefinedValueBound(const RowMatrix<T>& centroids, double largest_row, int threads) : d_(centroids.cols()) {
    const Index k = centroids.rows();
    norms_.resize(static_cast<std::size_t>(k));
    std::vector<Index> nonzeros(static_cast<std::size_t>(k), 0);
    parallel_for(threads, k, [&](Index c) {
      const T* row = centroids.data() + c * d_;
      double norm = 0;
      Index count = 0;
      for (Index j = 0; j < d_; ++j) {
        norm += static_cast<double>(row[j]) * static_cast<double>(row[j]);
        count += row[j] != T(0);
      }
      norms_[static_cast<std::size_t>(c)] = norm;
      nonzeros[static_cast<std::size_t>(c)] = count;
    });
    largest_norm_ = *std::max_element(norms_.begin(), norms_.end());
    most_nonzeros_ = *std::max_element(nonzeros.begin(), nonzeros.end());
    if constexpr (sizeof(T) == 4) {
      highest_ = 5 * (largest_row + largest_norm_);
      std::vector<std::array<double, levels>> sums(static_cast<std::size_t>(k));
      parallel_for(threads, k, [&](Index c) {
        std::array<double, levels> most, sum{};
        for (std::size_t l = 0; l < levels; ++l) most[l] = u * level_value(l);
        const T* row = centroids.data() + c * d_;
        for (Index j = 0; j < d_; ++j) {
          const double square = static_cast<double>(row[j]) * static_cast<double>(row[j]);
          for (std::size_t l = 0; l < levels; ++l) sum[l] += most[l] < square ? most[l] : square;
        }
        sums[static_cast<std::size_t>(c)] = sum;
      });
      for (const auto& sum : sums)
        for (std::size_t l = 0; l < levels; ++l) level_error_[l] = std::max(level_error_[l], sum[l]);
    }
  }

  /// ‖c‖² of each centroid, summed in double in ascending order.
  const std::vector<double>& norms() const { return norms_; }

  /// How far V can be from its value by the expanded form in double: norms and products of a row of so many entries.
  double expanded_error(double row_norm, Index entries) const {
    const double roundings = static_cast<double>(d_ + 2 * entries + 16);
    return 1.02 * roundings * (std::numeric_limits<double>::epsilon() / 2) * (row_norm + 2 * largest_norm_);
  }

  /// At least D where V ≤ value.
  double upper(double value, Index entries) const {
    const double terms = value * (1 + 3.1 * u);
    const double relative = 1.01 * u * static_cast<double>(nonzeros(entries) + 3);
    return terms + error(terms * (relative < 0.1 ? 1 + 1.2 * relative : 2), entries) + absolute();
  }

  /// At most D where V ≥ value and D ≤ defined.
  double lower(double value, double defined, Index entries) const {
    return value * (1 - 3.1 * u) - error(defined, entries) - absolute();
  }

  /// At least V where D ≤ defined.
  double within(double defined, Index entries) const {
    return (defined + error(defined, entries) + absolute()) * (1 + 3.2 * u);
  }

 private:
  static constexpr std::size_t levels = 8;  // each a quarter of the one before
  static constexpr double u = static_cast<double>(std::numeric_limits<T>::epsilon()) / 2;

  double level_value(std::size_t level) const { return highest_ / static_cast<double>(Index{1} << (2 * level)); }
  Index nonzeros(Index entries) const { return std::min(d_, entries + most_nonzeros_); }
  double absolute() const {
    return 8 * static_cast<double>(d_ + 4) * static_cast<double>(std::numeric_limits<T>::min());
  }

  double error(double defined, Index entries) const {
    double result = u * defined * static_cast<double>(nonzeros(entries));
    if (sizeof(T) == 4 && defined <= highest_) {
      std::size_t level = 0;
      while (level + 1 < levels && defined <= level_value(level + 1)) ++level;
      result = std::min(result, u * defined * static_cast<double>(entries) + level_error_[level]);
    }
    return 1.01 * result;
  }

  Index d_;
  std::vector<double> norms_;
  double largest_norm_ = 0;
  Index most_nonzeros_ = 0;                      // of a centroid
  double highest_ = 0;                           // the largest D that level_error_ knows
  std::array<double, levels> level_error_ = {};  // Σ_j min(u D, c_j²)
};

/// What one worker needs to assign sparse rows.
template <class T>
struct SparseWorkspace {
  std::vector<Index> column;
  std::vector<double> factor;  // by column; only those of the current row hold anything
  std::vector<double> score;
  std::vector<double> weight_sum;
  std::vector<T> dense;  // a row; zeros between uses
  std::vector<std::int32_t> candidate;
  std::vector<T> value;

  static double memory(Index d, Index k) {
    return static_cast<double>(d) * (2 * sizeof(double) + sizeof(T)) + 40.0 * static_cast<double>(k);
  }
};

/// Puts a sparse row into zeros, and takes it out again.
template <class T, class S>
class DenseRow {
 public:
  DenseRow(const SparseRows<T, S>& X, Index row, std::vector<T>& dense) : X_(X), row_(row), dense_(dense) {
    dense_.resize(static_cast<std::size_t>(X.cols()), T(0));
    X_.for_each(row_, [&](Index j, T value) { dense_[static_cast<std::size_t>(j)] = value; });
  }
  DenseRow(const DenseRow&) = delete;
  DenseRow& operator=(const DenseRow&) = delete;
  ~DenseRow() {
    X_.for_each(row_, [&](Index j, T) { dense_[static_cast<std::size_t>(j)] = T(0); });
  }

  /// Defined squared distances to some centroids.
  void squared(const RowMatrix<T>& centroids, const std::int32_t* centroid, Index count, T* out) const {
    kernels::squared_to_assigned(RowsView<T>{dense_.data(), count, X_.cols(), 0}, rows_view(centroids), centroid, out);
  }

 private:
  const SparseRows<T, S>& X_;
  Index row_;
  std::vector<T>& dense_;
};

/// Centroids most of whose coordinates are 0, such as the first ones, as lists of the others.
template <class T>
class SparseCentroids {
 public:
  SparseCentroids(const RowMatrix<T>& centroids, int threads) : lists_(static_cast<std::size_t>(centroids.rows())) {
    const Index d = centroids.cols();
    parallel_for(threads, centroids.rows(), [&](Index c) {
      const T* row = centroids.data() + c * d;
      const Index count = d - std::count(row, row + d, T(0));
      List& list = lists_[static_cast<std::size_t>(c)];
      if (count > d / sparse_below) return;
      list.is_kept = true;
      list.entries.reserve(static_cast<std::size_t>(count));
      for (Index j = 0; j < d; ++j)
        if (row[j] != T(0)) list.entries.push_back({j, row[j], row[j] * row[j]});
    });
  }

  bool has(std::int32_t c) const { return lists_[static_cast<std::size_t>(c)].is_kept; }

  /// The defined squared distance of a row to a centroid that this has: coordinates that are 0 in both add nothing.
  template <class S>
  T squared(const SparseRows<T, S>& X, Index i, std::int32_t c) const {
    const std::vector<Entry>& entries = lists_[static_cast<std::size_t>(c)].entries;
    auto next = entries.begin();
    T sum = T(0);
    X.for_each(i, [&](Index j, T value) {
      for (; next != entries.end() && next->column < j; ++next) sum += next->square;
      T difference = value;
      if (next != entries.end() && next->column == j) difference = value - (next++)->value;
      const volatile T square = difference * difference;  // never fused into the addition
      sum += square;
    });
    for (; next != entries.end(); ++next) sum += next->square;
    return sum;
  }

  static double memory(Index d, Index k) {
    return static_cast<double>(d) / sparse_below * static_cast<double>(k) * sizeof(Entry);
  }

 private:
  static constexpr Index sparse_below = 8;  // one coordinate in so many: then a list is quicker than all coordinates

  struct Entry {
    Index column;
    T value;
    T square;
  };
  struct List {
    bool is_kept = false;
    std::vector<Entry> entries;
  };
  std::vector<List> lists_;
};

/// Finds nearest centroids of sparse rows: by ‖c‖² − 2 x·c in double where that is certain, by the defined values to
/// those that may be the nearest where it is not.
template <class T>
class SparseNearest {
 public:
  SparseNearest(const RowMatrix<T>& centroids, double largest_row, int threads)
      : centroids_(centroids),
        bound_(centroids, largest_row, threads),
        lists_(centroids, threads),
        width_(table_width(centroids.rows())),
        table_(centroids.cols() * width_) {
    // Column j of the centroids is row j of the table, so that one entry of a row of X is a multiple of a row.
    const Index k = centroids.rows(), d = centroids.cols();
    constexpr Index tile = 32;
    parallel_for(threads, (d + tile - 1) / tile, [&](Index task) {
      const Index first = task * tile, last = std::min(first + tile, d);
      std::fill(table_.data() + first * width_, table_.data() + last * width_, T(0));
      for (Index c = 0; c < k; ++c)
        for (Index j = first; j < last; ++j) table_.data()[j * width_ + c] = centroids.data()[c * d + j];
    });
  }

  template <class S>
  std::int32_t find(const SparseRows<T, S>& X, Index i, SparseWorkspace<T>& work) const {
    const Index k = centroids_.rows(), d = centroids_.cols();
    work.factor.resize(static_cast<std::size_t>(d));
    work.weight_sum.assign(1, 0.0);
    work.column.clear();
    work.score.assign(static_cast<std::size_t>(width_), 0.0);
    std::copy(bound_.norms().begin(), bound_.norms().end(), work.score.begin());
    double norm = 0;
    X.for_each(i, [&](Index j, T value) {
      const auto x = static_cast<double>(value);
      norm += x * x;
      work.column.push_back(j);
      work.factor[static_cast<std::size_t>(j)] = -2 * x;
    });
    const auto entries = static_cast<Index>(work.column.size());
    kernels::add_to_sums(compiled::SumsTask<T>{RowsView<T>{table_.data(), d, width_, width_}, work.column.data(),
                                               entries, nullptr, work.factor.data(), work.score.data(),
                                               work.weight_sum.data()});
    const auto end = work.score.begin() + k;
    const auto best = std::min_element(work.score.begin(), end);
    const double error = bound_.expanded_error(norm, entries);
    const double defined = bound_.upper(std::max(norm + *best, 0.0) + error, entries);
    const double reach = bound_.within(defined, entries) + error - norm;
    work.candidate.clear();
    for (Index c = 0; c < k; ++c)
      if (!(work.score[static_cast<std::size_t>(c)] > reach)) work.candidate.push_back(static_cast<std::int32_t>(c));
    if (work.candidate.size() == 1) return work.candidate.front();
    return nearest_of_candidates(X, i, work);
  }

  static double memory(Index d, Index k) {
    return static_cast<double>(d) * static_cast<double>(table_width(k)) * sizeof(T) + SparseCentroids<T>::memory(d, k);
  }

 private:
  static Index table_width(Index k) { return k < 8 ? k : (k + 7) / 8 * 8; }

  template <class S>
  std::int32_t nearest_of_candidates(const SparseRows<T, S>& X, Index i, SparseWorkspace<T>& work) const {
    std::int32_t best = work.candidate.front();
    T least = std::numeric_limits<T>::infinity();
    const auto consider = [&](std::int32_t c, T value) {
      if (value > least || (value == least && c > best)) return;
      least = value;
      best = c;
    };
    std::size_t left = 0;  // candidates that have no list
    for (const std::int32_t c : work.candidate) {
      if (lists_.has(c))
        consider(c, lists_.squared(X, i, c));
      else
        work.candidate[left++] = c;
    }
    if (left == 0) return best;
    work.value.resize(left);
    DenseRow<T, S>(X, i, work.dense)
        .squared(centroids_, work.candidate.data(), static_cast<Index>(left), work.value.data());
    for (std::size_t p = 0; p < left; ++p) consider(work.candidate[p], work.value[p]);
    return best;
  }

  const RowMatrix<T>& centroids_;
  DefinedValueBound<T> bound_;
  SparseCentroids<T> lists_;
  Index width_;
  Scratch<T> table_;
};

/// Nearest centroids of all rows. `workspace`: one per thread.
template <class T, class S>
void assign_sparse(const SparseRows<T, S>& X, const RowMatrix<T>& centroids, double largest_row, int threads,
                   std::vector<SparseWorkspace<T>>& workspace, std::int32_t* label) {
  constexpr Index rows = 512;
  const SparseNearest<T> nearest(centroids, largest_row, threads);
  parallel_for(threads, (X.rows() + rows - 1) / rows, [&](Index task, int worker) {
    const Index first = task * rows, last = std::min(first + rows, X.rows());
    for (Index i = first; i < last; ++i) label[i] = nearest.find(X, i, workspace[static_cast<std::size_t>(worker)]);
  });
}

template <class T, class S>
double largest_squared_norm(const SparseRows<T, S>& X, int threads) {
  const Chunks chunks(X.rows());
  std::vector<double> largest(static_cast<std::size_t>(chunks.count()), 0.0);
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    double& most = largest[static_cast<std::size_t>(chunk)];
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) most = std::max(most, X.squared_norm(i));
  });
  return largest.empty() ? 0.0 : *std::max_element(largest.begin(), largest.end());
}

}  // namespace detail
CORYMB_END
