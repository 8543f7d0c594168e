#pragma once

#include <corymb/core/config.hpp>
#include <corymb/distance/detail/kernel_tasks.hpp>

#include <cstddef>
#include <cstdint>

// What crosses into the kernels of hierarchies.
namespace corymb::compiled::hierarchy {

/// The two lowest of some distances, and whose the lowest is: of equal ones the first.
template <class T>
struct TwoLowest {
  T lowest;
  T second;
  PlaceOf<T> place;
};

/// Row `row` of a triangle of distances, columns 0 … n − 1: joins the distances of the row into the two lowest of each
/// column, and returns the two lowest of the row itself. Rows of one column come in ascending order.
template <class T>
struct TriangleRowTask {
  const T* value;
  std::ptrdiff_t n;
  PlaceOf<T> row;
  const T* size;     // by column: the distance is value / (row_size · size); null = the value itself
  const T* inverse;  // 1 / size, rounded, where there are sizes
  T row_size;        // likewise
  const T* absent;   // by column: 0, or infinity where there is no cluster any more
  T* lowest;         // by column, as what follows
  T* second;
  PlaceOf<T>* place;
};

/// A cluster of a panel and one of a block, whose Ward distance, squared, is at least a number.
struct WardPair {
  float least;
  std::int32_t row;
  std::int32_t point;
};

/// Some clusters against a block of clusters: lists the pairs whose Ward distance, squared, may be among the two lowest
/// that the row has met. Coordinates and distances are in units of 1 / scale; reciprocal = 1 / size.
struct WardPairsTask {
  std::ptrdiff_t d;
  const double* panel;  // coordinate j of row i at j · ward_panel_rows() + i
  std::ptrdiff_t rows;
  const float* row_reciprocal;  // ward_panel_rows() of them
  const std::int32_t* own;      // by row: the point of the block that it is itself; −1 = none
  double scale;
  const double* centre;  // of the block, d values
  const float* packed;   // the block's: squared norms and −2 · coordinates from the centre, as packed centroids
  std::ptrdiff_t k;
  const float* reciprocal;    // by point, padded to whole tiles
  const float* most_in_tile;  // by tile: the largest reciprocal
  float largest_norm;
  float* lowest;   // by row: no less than the lowest distance met so far; ward_panel_rows() of them, as what follows
  float* second;   // and than the second lowest
  WardPair* pair;  // room for rows · k
  float* scratch;  // ward_panel_rows() · d numbers, aligned to 64 bytes
};

inline constexpr std::ptrdiff_t ward_tile = 6;  // points side by side

CORYMB_EXPORT std::ptrdiff_t ward_panel_rows();
CORYMB_EXPORT std::ptrdiff_t ward_pairs(const WardPairsTask& task);
CORYMB_EXPORT TwoLowest<float> scan_triangle_row(const TriangleRowTask<float>& task);
CORYMB_EXPORT TwoLowest<double> scan_triangle_row(const TriangleRowTask<double>& task);

}  // namespace corymb::compiled::hierarchy
