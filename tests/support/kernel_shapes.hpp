#pragma once

#include "support/matrices.hpp"

#include <vector>

// Sizes on both sides of every edge inside the kernels: vectors of 1 to 16 lanes, panels of 2 to 64 points, tiles of 6
// rows (and 2, and 1), blocks of 128 coordinates, 42 tiles (252 rows) of stored scores, tasks of 2048 rows.
namespace corymb_test {

inline const std::vector<Index>& edge_dimensions() {
  static const std::vector<Index> list = {1,  2,  3,  4,  5,   7,   8,   15,  16,  17,  31,
                                          33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 300};
  return list;
}

inline const std::vector<Index>& edge_centroids() {
  static const std::vector<Index> list = {1,  2,  3,  4,  5,  6,   7,   8,   9,   10,  11, 12,
                                          13, 14, 47, 48, 49, 251, 252, 253, 300, 504, 505};
  return list;
}

/// Shapes that sweep n, k and d over their edges, each with and without a second block of coordinates.
inline std::vector<Shape> kernel_shapes() {
  std::vector<Shape> shapes;
  for (const Index d : edge_dimensions()) shapes.insert(shapes.end(), {{1, 1, d}, {67, 13, d}, {130, 4, d}});
  for (const Index k : edge_centroids()) shapes.insert(shapes.end(), {{35, k, 2}, {35, k, 129}, {9, k, 257}});
  for (Index n = 0; n <= 130; ++n) shapes.push_back({n, 7, 3});
  for (const Index n : {3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129}) shapes.push_back({n, 8, 130});
  for (const Index n : {2047, 2048, 2049}) shapes.insert(shapes.end(), {{n, 7, 3}, {n, 4, 129}});
  return shapes;
}

}  // namespace corymb_test
