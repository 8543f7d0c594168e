#pragma once

#include <corymb/core/config.hpp>

#include <cstddef>
#include <cstdint>

// What crosses into the kernels: plain structs of pointers and sizes, the same for the compiled library and for the
// portable kernels, whatever flags the consumer has.
namespace corymb::compiled {

/// The number computed for a pair of rows.
enum class PairValue : int {
  squared_euclidean,
  manhattan,
  chebyshev,
  dot_product,
  canberra,
  mismatches,     // the number of coordinates that differ
  cubes,          // Σ |x_j − y_j|³
  fourth_powers,  // Σ |x_j − y_j|⁴
  powers          // Σ |x_j − y_j|^power, by repeated multiplication from the highest bit of the power
};

/// n rows of d values, `stride` elements apart.
template <class T>
struct RowsView {
  const T* data;
  std::ptrdiff_t n;
  std::ptrdiff_t d;
  std::ptrdiff_t stride;
};

/// Nearest of k packed centroids for every row of x, by the expanded score. Rows whose margin is below the rounding
/// bound get a provisional label and are listed in `unsettled` (room for x.n numbers).
template <class T>
struct ExpandedTask {
  RowsView<T> x;
  std::ptrdiff_t k;
  const T* centre;      // d values, subtracted from rows and centroids
  const T* packed;      // from pack_centroids
  double largest_norm;  // from pack_centroids
  std::int32_t* label;
  std::ptrdiff_t* unsettled;
  T* scratch;  // expanded_scratch_size(d) elements, aligned to 64 bytes
};

/// Bounds of one byte: a row is at least `step` times the byte away from a centroid. Those of a block of byte_rows rows
/// stand by centroid, then row. 255 stands for the own centroid.
inline constexpr std::ptrdiff_t byte_rows = 64;

/// Nearest of k packed centroids, as ExpandedTask, and bounds for all pairs, less one step (see ShrinkBytesTask).
template <class T>
struct NearestAndBytesTask {
  ExpandedTask<T> nearest;  // at most byte_rows rows
  std::uint8_t* bound;      // k · byte_rows
  T per_step;               // 1 / step
};

/// Takes `steps` from the bounds of each centroid, not below 0. Returns the rows, as bits, that have a bound below
/// their limit.
struct ShrinkBytesTask {
  std::ptrdiff_t k;
  std::uint8_t* bound;        // k · byte_rows
  const std::uint8_t* steps;  // by centroid
  const std::uint8_t* limit;  // by row, byte_rows of them
};

/// Lists the pairs of a block whose bound is below the limit of the row: pairs of a row in ascending order of
/// centroids.
struct ListBytesTask {
  std::ptrdiff_t k;
  const std::uint8_t* bound;  // k · byte_rows
  const std::uint8_t* limit;  // by row, byte_rows of them
  const std::int32_t* own;    // by row, byte_rows of them: this pair is left out
  std::int32_t* row;          // of each pair; room for byte_rows · k
  std::int32_t* centroid;     // of each pair
};

/// Groups of centroids, at most 64, and a bound for every row and group: a lower bound of the distances to all members
/// but the row's own centroid. `stride` bounds per row, in two halves of a power of two, or of a multiple of
/// bounds_alignment; places beyond the groups hold infinity. The bounds of a row stand at its number.
template <class T>
struct GroupsView {
  std::ptrdiff_t count;
  const std::ptrdiff_t* size;           // by group: members
  const T* const* packed;               // by group: from pack_centroids, all with the same centre
  const std::int32_t* const* centroid;  // by group: the numbers of its members
  T* bound;
  std::ptrdiff_t stride;
};

inline constexpr std::ptrdiff_t most_groups = 64;
inline constexpr std::ptrdiff_t bounds_alignment = 16;

/// Brings the bounds of rows 0 to n − 1 up to date after the centroids moved, and says which groups are within reach of
/// a row's upper bound: reach = certain · upper + smallest.
template <class T>
struct ShrinkBoundsTask {
  std::ptrdiff_t n;
  T* bound;
  std::ptrdiff_t stride;
  T* upper;                   // by row: ≥ the distance to the own centroid
  const std::int32_t* label;  // by row: the own centroid
  const T* moved;             // by centroid: at most, in the last step
  const T* group_moved;       // by group, `stride` of them: at most
  // Groups g and g + stride / 2 exchange members: where joined[g] is 0 and not infinity, the bound of g + stride / 2 is
  // taken into that of g; and the other way round.
  const T* joined;
  T certain;
  T smallest;
  std::uint64_t* within;  // by row, bit g: group g is within reach
};

/// Searches the groups within reach of the listed rows. A group that most rows of a panel need is searched for all of
/// them at once, so rows with near centroids should stand together; for the other groups, rows that need them are
/// gathered. Brings the bounds of all groups searched up to date.
template <class T>
struct SearchGroupsTask {
  RowsView<T> x;
  const std::ptrdiff_t* index;  // which rows of x
  std::ptrdiff_t count;
  GroupsView<T> groups;
  const T* centre;      // d values, subtracted from rows and centroids
  double largest_norm;  // of all centroids
  // By position in the list. In: the own centroid, its group, an interval of its distance, and the groups within reach.
  // Out: the nearest centroid found, and a lower bound of the distance of any other that was looked at.
  const std::uint64_t* within;
  std::int32_t* nearest;
  std::int32_t* group;
  T* above;
  T* below;
  T* others;
  std::int32_t* place;     // room for count numbers
  std::int32_t* gathered;  // room for most_groups · gathered_rows numbers
  T* scratch;              // expanded_scratch_size(d) elements, aligned to 64 bytes
};

inline constexpr std::ptrdiff_t gathered_rows = 512;

/// The pairs of at most panel_rows rows and k packed centroids that may be closer than `reach`. The rows are known only
/// up to slack · (their norm + the largest norm of a centroid), centred: a pair is left out where it is farther than
/// that beyond the reach of its row. Pairs of a row come in ascending order of the centroids.
template <class T>
struct WithinReachTask {
  RowsView<T> x;  // d ≤ most_coordinates_within_reach
  std::ptrdiff_t k;
  const T* centre;      // d values, subtracted from rows and centroids
  const T* packed;      // from pack_centroids
  double largest_norm;  // from pack_centroids
  const T* reach;       // by row; a distance, not squared
  T slack;
  std::int32_t* row;       // of each pair; room for panel_rows · k
  std::int32_t* centroid;  // of each pair
  T* scratch;              // expanded_scratch_size(d) elements, aligned to 64 bytes
};

inline constexpr std::ptrdiff_t most_coordinates_within_reach = 128;

/// Rows in bytes. Byte j of row i is (x_ij − centre_j) · per_step + zero, rounded and kept within 0 to 255; bytes
/// beyond d are 0. In steps, rounded up: the norm of the centred row, and how far what the bytes stand for is from it.
template <class T>
struct QuantizeTask {
  RowsView<T> x;
  const T* centre;  // d values
  T per_step;
  int zero;  // 0 to 255
  std::uint8_t* byte;
  std::ptrdiff_t stride;  // bytes per row, a multiple of 4
  float* norm;            // by row: ≥ ‖(x − centre) · per_step‖
  float* error;           // by row: ≥ ‖(x − centre) · per_step − (byte − zero)‖
};

/// n rows in bytes and k centroids, for the scores constant[c] + Σ_j byte_j · centroid_j, in whole numbers.
struct BytesView {
  const std::uint8_t* row;  // 64 bytes beyond the last row can be read
  std::ptrdiff_t stride;    // bytes per row, a multiple of 4, at most most_quantized_bytes
  std::ptrdiff_t n;
  std::ptrdiff_t k;
  const std::int8_t* centroid;     // zeros beyond d
  std::ptrdiff_t centroid_stride;  // a multiple of 64
  // For tiles of quantized_tile centroids: padded with the lowest number, and, by tile, by four bytes of a row, by
  // centroid, four bytes of the centroid, padded with zeros.
  const std::int32_t* constant;
  const std::int32_t* packed;
};

/// score[i] = that of row i and centroid label[i].
struct QuantizedScoresTask {
  BytesView bytes;
  const std::int32_t* label;
  std::int32_t* score;
};

/// Lists the pairs of some rows and all centroids but their own whose score is above a limit, which every score raises
/// to the margin below it, less one. Pairs of a row come in ascending order of the centroids.
struct QuantizedTask {
  BytesView bytes;
  const std::int32_t* index;   // which rows
  std::ptrdiff_t count;        // at most quantized_panel_rows
  const std::int32_t* own;     // by position in the list; −1 = none
  const std::int32_t* above;   // by position: at least lowest_quantized
  const std::int32_t* margin;  // by position: 0 to most_margin
  std::int32_t* row;           // of each pair: its number; room for quantized_panel_rows · k + 1
  std::int32_t* number;        // of each pair: the centroid
  std::int32_t* score;         // of each pair
  std::int32_t* scratch;       // quantized_panel_rows · stride / 4 numbers, aligned to 64 bytes
};

inline constexpr std::ptrdiff_t quantized_tile = 6;  // centroids side by side
inline constexpr std::ptrdiff_t most_quantized_bytes = 4096;
inline constexpr std::int32_t most_quantized_score = 1 << 29;
inline constexpr std::int32_t most_margin = 1 << 30;
inline constexpr std::int32_t lowest_quantized = -most_margin - most_quantized_score - 2;

/// value[p] = ‖x_row(p) − c_centroid(p)‖², added in an order that depends on the instruction set: for numbers that
/// decide only where their relative error, at most (d + 2) roundings, leaves no doubt.
/// defined_pairs gives the defined values instead.
template <class T>
struct PairsTask {
  RowsView<T> x;
  RowsView<T> c;
  const std::int32_t* row;
  const std::int32_t* centroid;
  std::ptrdiff_t count;
  T* value;
};

/// out[i · out_stride + a] = x_i · axis a, in any order of addition.
template <class T>
struct ProjectTask {
  RowsView<T> x;
  std::ptrdiff_t axes;
  const T* packed;  // from pack_axes
  T* out;
  std::ptrdiff_t out_stride;
  T* scratch;  // defined_scratch_size(d) elements, aligned to 64 bytes
};

/// Nearest row of c for `count` rows of x, by the defined value; ties go to the lower index. Not for dot products,
/// which are no distances, nor for sums of powers, which may overflow.
template <class T>
struct NearestTask {
  PairValue kind;
  RowsView<T> x;
  const std::ptrdiff_t* index;  // which rows of x; null = rows 0 to count − 1. Results stand at the row's number
  std::ptrdiff_t count;
  RowsView<T> c;
  std::int32_t* label;
  T* value;    // the winner's value; may be null
  T* scratch;  // defined_scratch_size(d) elements, aligned to 64 bytes
};

/// out[i · out_stride + j] = value of row i of a and row j of b (row b_index[j] where given).
template <class T>
struct DistancesTask {
  PairValue kind;
  RowsView<T> a;
  RowsView<T> b;
  const std::ptrdiff_t* b_index;
  T* out;
  std::ptrdiff_t out_stride;
  T* scratch;     // defined_scratch_size(d) elements, aligned to 64 bytes
  int power = 0;  // ≥ 1 for PairValue::powers
};

/// Adds rows of x, times their weights, to the sums of their labels. Rows of weight zero or with a
/// negative label are skipped.
template <class T>
struct SumsTask {
  RowsView<T> x;
  const std::ptrdiff_t* index;  // which rows of x, in this order; null = rows 0 to count − 1
  std::ptrdiff_t count;
  const std::int32_t* label;  // by row number; null = all 0
  const double* weight;       // by row number; null = all 1
  double* sums;               // labels × d
  double* total_weight;       // labels
};

/// A step of k-means++: squared distances of few candidates to all rows of x. Candidate 0 is a centroid already:
/// closest[i] = min(closest[i], value). Then, for every place, mass[l] += Σ_i weight_i · min(closest[i], value_il), in
/// the order of the rows. The value is never fused and depends on the two rows alone; for more than 16 coordinates its
/// terms are added in another order than the defined value's. It is 0 for equal rows.
template <class T>
struct CandidatesTask {
  RowsView<T> x;
  const T* candidates;    // from pack_candidates
  std::ptrdiff_t places;  // candidate_places(count, d)
  T* closest;             // by row
  const double* weight;   // by row; null = all 1
  double* mass;           // by place; null = not wanted
  T* scratch;             // 8 · places elements
};

/// Up to panel_rows rows, minus a centre, made ready to be searched for by near_pairs.
template <class T>
struct NearRowsTask {
  RowsView<T> x;
  const std::ptrdiff_t* index;  // which rows of x; null = rows 0 to count − 1
  std::ptrdiff_t count;         // ≥ 1
  const T* centre;              // d values
  T* panel;                     // near_panel_size(d) elements, aligned to 64 bytes
};

/// Two rows whose defined squared distance is at least one number and at most another.
template <class T>
struct NearPair {
  T least;
  T most;
  std::int32_t row;    // of the panel
  std::int32_t point;  // of the packed points
};

/// Lists pairs of the rows of a panel and packed points: none is missing whose defined squared distance is at most the
/// limit of its row, or that of its point. Others are listed where the expanded score cannot exclude them.
template <class T>
struct NearPairsTask {
  std::ptrdiff_t d;
  const T* panel;  // from pack_near_rows, with the centre of the points
  std::ptrdiff_t rows;
  const T* packed;  // from pack_near_points: room for packed_size(k, d) elements
  std::ptrdiff_t k;
  double largest_norm;   // from pack_near_points
  const T* limit;        // by row, ≥ 0 and finite, or negative: none of its own
  const T* point_limit;  // by point, as `limit`; null = the limits of the rows alone
  NearPair<T>* pair;     // room for rows · k
  T* scratch;            // near_scratch_size(d) elements, aligned to 64 bytes
};

/// An integer as wide as T: a place in a list of numbers of type T.
template <class T>
struct Place;
template <>
struct Place<float> {
  using type = std::int32_t;
};
template <>
struct Place<double> {
  using type = std::int64_t;
};
template <class T>
using PlaceOf = typename Place<T>::type;

/// Lists the places, ascending, whose value is below their limit, and those values.
template <class T>
struct ListBelowTask {
  const T* value;
  const T* limit;
  std::ptrdiff_t n;
  PlaceOf<T>* place;  // room for n + below_slack, as value_below
  T* value_below;
};

inline constexpr std::ptrdiff_t below_slack = 16;

// T largest_distance(values, n): the largest value, if all are finite and none has a sign; else one that is not or has.

/// Two tiles of a matrix: (i, j) of one stands at tile[i · stride + j], (j, i) of the other at other[j · stride + i].
template <class T>
struct MirrorTask {
  const T* tile;
  const T* other;
  std::ptrdiff_t stride;
  std::ptrdiff_t rows;
  std::ptrdiff_t columns;
};
template <class T>
struct MirrorScan {
  T largest;  // of all entries of both, as largest_distance
  /// Whether (i, j) of one is bit for bit (j, i) of the other.
  bool is_mirrored;
};

/// Rows of a leaf of a tree, coordinate by coordinate: coordinate j of the row at place p stands at j · leaf_places +
/// p. Places that hold no row are infinite.
inline constexpr std::ptrdiff_t leaf_places = 32;

/// A query and a point that is within its limit.
template <class T>
struct LeafPair {
  T value;
  std::int32_t query;
  std::int32_t place;  // of the point
};

/// Lists the points that are within the limits of some queries, by query, then place. Returns how many.
template <class T>
struct LeafPairsTask {
  PairValue kind;  // squared_euclidean, manhattan or chebyshev
  std::ptrdiff_t d;
  const T* query;          // a leaf
  std::ptrdiff_t queries;  // ≥ 1
  const T* limit;          // by place of the query, leaf_places of them: the largest value that counts, finite
  const T* point;          // a leaf
  std::ptrdiff_t points;
  const T* box;       // of the points: the d lowest coordinates, then the d highest
  LeafPair<T>* pair;  // room for queries · points
};

/// Counts, or lists in the order of the runs, the points of some runs whose value against a row is within a limit.
template <class T>
struct RunsTask {
  PairValue kind;  // squared_euclidean, manhattan or chebyshev
  std::ptrdiff_t d;
  const T* query;  // d values
  const T* point;  // coordinate j of point p at j · stride + p, with run_slack readable places behind the last
  std::ptrdiff_t stride;
  const std::int32_t* run;  // the first point and the one behind the last, of each run
  std::ptrdiff_t runs;
  T limit;                // ≥ 0
  std::ptrdiff_t enough;  // the search ends once it has found as many, or a few more
  std::int32_t* place;    // of those found, room for all; null = they are counted
};
inline constexpr std::ptrdiff_t run_slack = 16;

// lowest_value(kind, a, b, d) and highest_value(kind, a, b, d): no point of a box has a lower, or higher, value to a
// point of another box. A box is its d lowest coordinates, then its d highest ones. Without points, infinite and
// −infinite ones: then the lowest value is infinite. For squared_euclidean, manhattan and chebyshev.

#define CORYMB_DECLARE_KERNELS(T)                                                                               \
  CORYMB_EXPORT std::ptrdiff_t packed_size(T, std::ptrdiff_t k, std::ptrdiff_t d);                              \
  CORYMB_EXPORT std::ptrdiff_t expanded_scratch_size(T, std::ptrdiff_t d);                                      \
  CORYMB_EXPORT std::ptrdiff_t defined_scratch_size(T, std::ptrdiff_t d);                                       \
  CORYMB_EXPORT double pack_centroids(const RowsView<T>& c, const T* centre, T* packed);                        \
  CORYMB_EXPORT std::ptrdiff_t nearest_expanded(const ExpandedTask<T>& task);                                   \
  CORYMB_EXPORT std::ptrdiff_t nearest_and_bytes(const NearestAndBytesTask<T>& task);                           \
  CORYMB_EXPORT void shrink_bounds(const ShrinkBoundsTask<T>& task);                                            \
  CORYMB_EXPORT void search_groups(const SearchGroupsTask<T>& task);                                            \
  CORYMB_EXPORT std::ptrdiff_t panel_rows(T);                                                                   \
  CORYMB_EXPORT std::ptrdiff_t within_reach(const WithinReachTask<T>& task);                                    \
  CORYMB_EXPORT void pair_values(const PairsTask<T>& task);                                                     \
  CORYMB_EXPORT void defined_pairs(const PairsTask<T>& task);                                                   \
  CORYMB_EXPORT std::ptrdiff_t near_panel_size(T, std::ptrdiff_t d);                                            \
  CORYMB_EXPORT std::ptrdiff_t near_scratch_size(T, std::ptrdiff_t d);                                          \
  CORYMB_EXPORT void pack_near_rows(const NearRowsTask<T>& task);                                               \
  CORYMB_EXPORT double pack_near_points(const RowsView<T>& points, const T* centre, T* packed);                 \
  CORYMB_EXPORT std::ptrdiff_t near_pairs(const NearPairsTask<T>& task);                                        \
  CORYMB_EXPORT void quantize_rows(const QuantizeTask<T>& task);                                                \
  CORYMB_EXPORT void pack_axes(const RowsView<T>& axes, T* packed);                                             \
  CORYMB_EXPORT void project(const ProjectTask<T>& task);                                                       \
  CORYMB_EXPORT void nearest_defined(const NearestTask<T>& task);                                               \
  CORYMB_EXPORT void distances(const DistancesTask<T>& task);                                                   \
  CORYMB_EXPORT void square_roots(T* values, std::ptrdiff_t n);                                                 \
  CORYMB_EXPORT void squared_to_assigned(const RowsView<T>& x, const RowsView<T>& c, const std::int32_t* label, \
                                         T* value);                                                             \
  CORYMB_EXPORT std::ptrdiff_t list_below(const ListBelowTask<T>& task);                                        \
  CORYMB_EXPORT double sum_below(const T* value, const T* limit, std::ptrdiff_t n);                             \
  CORYMB_EXPORT MirrorScan<T> scan_mirrored(const MirrorTask<T>& task);                                         \
  CORYMB_EXPORT T largest_distance(const T* values, std::ptrdiff_t n);                                          \
  CORYMB_EXPORT T lowest_value(PairValue kind, const T* a, const T* b, std::ptrdiff_t d);                       \
  CORYMB_EXPORT T highest_value(PairValue kind, const T* a, const T* b, std::ptrdiff_t d);                      \
  CORYMB_EXPORT std::ptrdiff_t leaf_pairs(const LeafPairsTask<T>& task);                                        \
  CORYMB_EXPORT std::ptrdiff_t points_within(const RunsTask<T>& task);                                          \
  CORYMB_EXPORT void add_to_sums(const SumsTask<T>& task);                                                      \
  CORYMB_EXPORT std::ptrdiff_t candidate_places(T, std::ptrdiff_t count, std::ptrdiff_t d);                     \
  CORYMB_EXPORT std::ptrdiff_t candidates_size(T, std::ptrdiff_t count, std::ptrdiff_t d);                      \
  CORYMB_EXPORT void pack_candidates(const T* const* rows, std::ptrdiff_t count, std::ptrdiff_t d, T* packed);  \
  CORYMB_EXPORT void try_candidates(const CandidatesTask<T>& task);                                             \
  CORYMB_EXPORT T largest_magnitude(const T* values, std::ptrdiff_t n);

CORYMB_DECLARE_KERNELS(float)
CORYMB_DECLARE_KERNELS(double)
#undef CORYMB_DECLARE_KERNELS

CORYMB_EXPORT std::uint64_t shrink_bytes(const ShrinkBytesTask& task);
CORYMB_EXPORT std::ptrdiff_t list_bytes(const ListBytesTask& task);

CORYMB_EXPORT std::ptrdiff_t quantized_panel_rows();
CORYMB_EXPORT void quantized_scores(const QuantizedScoresTask& task);
CORYMB_EXPORT std::ptrdiff_t list_quantized(const QuantizedTask& task);
/// Whether this processor multiplies bytes several times as fast as floats.
CORYMB_EXPORT bool multiplies_bytes();

/// The instruction set that the kernels run on here, e.g. "AVX3"; "portable" without Highway.
CORYMB_EXPORT const char* kernel_target();

}  // namespace corymb::compiled
