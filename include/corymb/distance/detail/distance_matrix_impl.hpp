#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/distance/distance_matrix.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN

template <class T>
template <class Matrix>
void DistanceMatrix<T>::take(Matrix&& D) {
  using Plain = std::remove_cvref_t<Matrix>;
  static_assert(
      std::is_same_v<typename Plain::Scalar, T>,
      "corymb: the entries of the matrix are not those of DistanceMatrix<T>; convert with .template cast<T>()");
  constexpr bool is_vector = Plain::IsVectorAtCompileTime;
  constexpr std::string_view function = "DistanceMatrix";
  if constexpr (is_vector) {
    is_condensed_ = true;
    const auto length = static_cast<double>(D.size());
    size_ = static_cast<Index>((1 + std::sqrt(1 + 8 * length)) / 2 + 0.5);
    if (D.size() < 1 || size_ * (size_ - 1) / 2 != D.size())
      detail::reject(function, "D has " + detail::to_text(D.size()) +
                                   " entries; the upper triangle of n objects has n (n - 1) / 2, n ≥ 2");
  } else {
    size_ = D.rows();
    if (D.rows() != D.cols())
      detail::reject(function, "D is " + detail::to_text(D.rows()) + " x " + detail::to_text(D.cols()) +
                                   "; a square matrix is needed (or a vector: its upper triangle)");
  }
  constexpr bool has_memory = (Eigen::internal::traits<Plain>::Flags & Eigen::DirectAccessBit) != 0;
  constexpr bool owns_memory = std::is_base_of_v<Eigen::PlainObjectBase<Plain>, Plain>;
  if constexpr (has_memory && (std::is_lvalue_reference_v<Matrix> || !owns_memory)) {
    row_stride_ = Plain::IsRowMajor ? D.outerStride() : D.innerStride();
    col_stride_ = Plain::IsRowMajor ? D.innerStride() : D.outerStride();
    if (is_vector ? D.innerStride() == 1 : row_stride_ == 1 || col_stride_ == 1) {
      borrowed_ = D.data();
      return;
    }
  }
  row_stride_ = size_;
  col_stride_ = 1;
  if constexpr (is_vector) {
    owned_ = Eigen::Map<const RowMatrix<T>>(D.eval().data(), 1, D.size());
  } else {
    owned_ = std::forward<Matrix>(D);
  }
}

namespace detail {

/// What one pass over all distances tells.
struct DistanceRange {
  double largest = 0;
  bool symmetric = true;
};

template <class T>
[[noreturn]] void reject_distance(std::string_view function, std::string_view name, Index i, Index j, T value) {
  reject(function, std::string(name) + "(" + to_text(i) + ", " + to_text(j) + ") = " + to_text(value) +
                       (std::isfinite(value) && value > T(0) ? " must be 0: it is the distance of an object to itself"
                                                             : " must be finite and ≥ 0"));
}

template <class T>
bool is_distance(T value) {
  return value >= T(0) && value <= std::numeric_limits<T>::max();
}

/// What a pass over some entries tells.
template <class T>
struct DistanceScan {
  T largest = T(0);
  bool symmetric = true;
  bool valid = true;  // whether all are distances

  void add(T value) {
    valid = valid && is_distance(value);
    largest = std::max(largest, value);
  }
  void add(const DistanceScan& other) {
    largest = std::max(largest, other.largest);
    symmetric = symmetric && other.symmetric;
    valid = valid && other.valid;
  }
};

/// Whether the kernels' largest entry tells all: entries that are no distances, and −0, are above all others for them.
template <class T>
bool tells_all(T largest) {
  return is_distance(largest) && !std::signbit(largest);
}

template <class T>
DistanceScan<T> scan_distances(const T* values, Index n) {
  DistanceScan<T> scan;
  const T largest = kernels::largest_distance(values, n);
  if (tells_all(largest)) {
    scan.largest = largest;
    return scan;
  }
  for (Index i = 0; i < n; ++i) scan.add(values[i]);
  return scan;
}

/// A tile of a matrix against the one that should mirror it.
template <class T>
DistanceScan<T> scan_distances(const compiled::MirrorTask<T>& tiles) {
  DistanceScan<T> scan;
  const compiled::MirrorScan<T> found = kernels::scan_mirrored(tiles);
  if (tells_all(found.largest)) {
    scan.largest = found.largest;
    scan.symmetric = found.is_mirrored;
    return scan;
  }
  for (Index i = 0; i < tiles.rows; ++i) {
    for (Index j = 0; j < tiles.columns; ++j) {
      const T value = tiles.tile[i * tiles.stride + j], mirrored = tiles.other[j * tiles.stride + i];
      scan.add(value);
      scan.add(mirrored);
      scan.symmetric = scan.symmetric && value == mirrored;
    }
  }
  return scan;
}

inline constexpr Index mirrored_tile = 128;  // two of them fit the second cache

/// Columns, or rows, [first, last) of a square matrix. A matrix whose columns are contiguous is not compared with its
/// mirror image: it counts as not symmetric.
template <class T>
DistanceScan<T> scan_lines(const DistanceMatrix<T>& D, Index first, Index last) {
  DistanceScan<T> scan;
  const Index n = D.size();
  for (Index i = first; i < last; ++i) scan.valid = scan.valid && D(i, i) == T(0);
  if (D.row_stride() == 1) {
    scan.symmetric = false;
    for (Index j = first; j < last; ++j) scan.add(scan_distances(D.data() + j * D.col_stride(), n));
    return scan;
  }
  const Index stride = D.row_stride();
  for (Index j = first; j < n; j += mirrored_tile)
    scan.add(scan_distances(compiled::MirrorTask<T>{D.data() + first * stride + j, D.data() + j * stride + first,
                                                    stride, last - first, std::min(mirrored_tile, n - j)}));
  return scan;
}

/// Throws for the first entry, in row order, that is no distance. One pass.
template <class T>
DistanceRange check_distances(std::string_view function, const DistanceMatrix<T>& D, int threads) {
  const Index n = D.size();
  const Index length = D.is_condensed() ? n * (n - 1) / 2 : n, band = D.is_condensed() ? 65536 : mirrored_tile;
  std::vector<DistanceScan<T>> parts(static_cast<std::size_t>((length + band - 1) / band));
  parallel_for(threads, static_cast<Index>(parts.size()), [&](Index task) {
    const Index first = task * band, last = std::min(first + band, length);
    parts[static_cast<std::size_t>(task)] =
        D.is_condensed() ? scan_distances(D.data() + first, last - first) : scan_lines(D, first, last);
  });
  DistanceScan<T> all;
  for (const DistanceScan<T>& part : parts) all.add(part);
  if (!all.valid) {
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j)
        if (!is_distance(D(i, j)) || (i == j && D(i, j) != T(0))) reject_distance(function, "D", i, j, D(i, j));
  }
  return {static_cast<double>(all.largest), all.symmetric};
}

}  // namespace detail
CORYMB_END
