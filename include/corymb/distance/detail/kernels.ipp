// The hot loops, written once against the interface of Google Highway. No include guard: this file is included inside
// a namespace, once for every instruction set by src/simd/kernels.cpp (with Highway as hn) and once by
// portable_kernels.hpp (with a small stand-in on compiler vectors as hn).
//
// Points go in lanes. A panel holds `points` = vectors × lanes rows, transposed: coordinate j of all of them is
// contiguous. Against it run tiles of `centroids` rows of the other side, one broadcast coordinate at a time, so that a
// tile of centroids × vectors accumulators stays in registers and nothing but the answer is written.
//
// Two numbers exist per pair (see rounding.hpp):
// - the defined value, Σ (x_j − y_j)² in T, ascending j, one accumulator, never fused: the functions distances,
//   nearest_defined, squared_to_assigned, defined_pairs. It is the same bits whatever the panel, tile, instruction set
//   or order of rows.
// - the expanded score ‖c‖² − 2 x·c on centred data, fused: nearest_expanded. It only ever decides when its margin
//   exceeds the rounding bound of both; other rows are reported as unsettled, to be decided by the defined value.
//   near_pairs lists every pair that it does not exclude, with bounds of the defined value.
// Seeding draws by squared distances that decide nothing between two pairs; beyond 16 coordinates they are added in
// another fixed order (seeding.ipp).

template <class T>
struct Shape {
  using D = hn::ScalableTag<T>;
  using V = hn::Vec<D>;
  using DI = hn::RebindToSigned<D>;
  using I = hn::Vec<DI>;
  using Lane = hn::TFromD<DI>;
  static constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(CORYMB_KERNEL_LANES(T));
  static constexpr int vectors = CORYMB_KERNEL_VECTORS;
  static constexpr std::ptrdiff_t points = vectors * lanes;
};

inline constexpr int tile_centroids = 6;
inline constexpr std::ptrdiff_t longest_block = 128;  // coordinates: a panel's share of them stays in the L1 cache
inline constexpr std::ptrdiff_t stored_tiles = 42;    // tiles of scores kept between blocks of coordinates, 64 KiB

inline std::ptrdiff_t divide_up(std::ptrdiff_t a, std::ptrdiff_t b) { return (a + b - 1) / b; }
inline std::ptrdiff_t block_count(std::ptrdiff_t d) { return divide_up(d, longest_block); }
inline std::ptrdiff_t block_length(std::ptrdiff_t d) { return divide_up(d, block_count(d)); }
inline std::ptrdiff_t tile_count(std::ptrdiff_t k) { return divide_up(k, tile_centroids); }

// Later parts use earlier ones.
// clang-format off
#include <corymb/distance/detail/kernels/panels.ipp>
#include <corymb/distance/detail/kernels/expanded.ipp>
#include <corymb/distance/detail/kernels/defined.ipp>
#include <corymb/distance/detail/kernels/pruned.ipp>
#include <corymb/distance/detail/kernels/near_pairs.ipp>
#include <corymb/distance/detail/kernels/byte_bounds.ipp>
#include <corymb/distance/detail/kernels/quantize.ipp>
#include <corymb/distance/detail/kernels/reductions.ipp>
#include <corymb/distance/detail/kernels/below.ipp>
#include <corymb/distance/detail/kernels/mirrored.ipp>
#include <corymb/distance/detail/kernels/leaves.ipp>
#include <corymb/distance/detail/kernels/runs.ipp>
#include <corymb/distance/detail/kernels/seeding.ipp>
// clang-format on
