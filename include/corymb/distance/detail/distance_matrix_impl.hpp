#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/parallel.hpp>
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

/// A square tile of a matrix at (i0, j0) against the one at (j0, i0), both at most `tile` wide.
template <class T>
class TilePair {
 public:
  static constexpr Index tile = 64;

  /// @param lines  memory whose line i holds `stride` entries from i · stride on
  TilePair(const T* lines, Index stride) : lines_(lines), stride_(stride) {}

  /// Whether all entries are distances; takes the largest, and whether both tiles mirror each other.
  bool scan(Index i0, Index i1, Index j0, Index j1, T& largest, bool& symmetric) const {
    T mirrored[tile * tile];
    for (Index j = j0; j < j1; ++j)
      for (Index i = i0; i < i1; ++i) mirrored[(i - i0) * tile + j - j0] = lines_[j * stride_ + i];
    T most = T(0);
    int wrong = 0, different = 0;
    for (Index i = i0; i < i1; ++i) {
      const T* line = lines_ + i * stride_ + j0;
      const T* other = mirrored + (i - i0) * tile;
      for (Index j = 0; j < j1 - j0; ++j) {
        const T a = line[j], b = other[j];
        wrong |= static_cast<int>(!is_distance(a)) | static_cast<int>(!is_distance(b));
        different |= static_cast<int>(a != b);
        most = std::max(most, std::max(a, b));
      }
    }
    largest = std::max(largest, most);
    symmetric = symmetric && different == 0;
    return wrong == 0;
  }

 private:
  const T* lines_;
  Index stride_;
};

/// Throws for the first entry, in row order, that is no distance. One pass.
template <class T>
DistanceRange check_distances(std::string_view function, const DistanceMatrix<T>& D, int threads) {
  const Index n = D.size();
  struct Part {
    T largest = T(0);
    bool symmetric = true;
    bool right = true;
  };
  std::vector<Part> parts;
  if (D.is_condensed()) {
    const Index length = n * (n - 1) / 2;
    const Chunks chunks(length, 1 << 16);
    parts.resize(static_cast<std::size_t>(chunks.count()));
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      Part part;
      int wrong = 0;
      for (Index e = chunks.begin(chunk); e < chunks.end(chunk); ++e) {
        wrong |= static_cast<int>(!is_distance(D.data()[e]));
        part.largest = std::max(part.largest, D.data()[e]);
      }
      part.right = wrong == 0;
      parts[static_cast<std::size_t>(chunk)] = part;
    });
  } else {
    constexpr Index tile = TilePair<T>::tile;
    const TilePair<T> tiles(D.data(), D.col_stride() == 1 ? D.row_stride() : D.col_stride());
    const Index bands = (n + tile - 1) / tile;
    parts.resize(static_cast<std::size_t>(bands));
    parallel_for(threads, bands, [&](Index band) {
      Part part;
      const Index i0 = band * tile, i1 = std::min(i0 + tile, n);
      for (Index i = i0; i < i1; ++i) part.right = part.right && D(i, i) == T(0);
      for (Index j0 = i0; j0 < n; j0 += tile)
        part.right = tiles.scan(i0, i1, j0, std::min(j0 + tile, n), part.largest, part.symmetric) && part.right;
      parts[static_cast<std::size_t>(band)] = part;
    });
  }
  DistanceRange range;
  for (const Part& part : parts) {
    range.largest = std::max(range.largest, static_cast<double>(part.largest));
    range.symmetric = range.symmetric && part.symmetric;
    if (part.right) continue;
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j)
        if (!is_distance(D(i, j)) || (i == j && D(i, j) != T(0))) reject_distance(function, "D", i, j, D(i, j));
  }
  return range;
}

}  // namespace detail
CORYMB_END
