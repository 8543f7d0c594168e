// The kernels, compiled once for every instruction set with Google Highway and chosen at run time; without Highway,
// the portable kernels under the same names. Compiled with -ffp-contract=off: a defined value is never fused.
#include <corymb/distance/detail/kernel_tasks.hpp>
#include <corymb/distance/detail/rounding.hpp>

#include <cstring>
#include <limits>
#include <new>
#include <type_traits>

#if defined(CORYMB_WITH_HIGHWAY)
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "simd/targets.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/vectors_of_target.hpp"

HWY_BEFORE_NAMESPACE();
namespace corymb::compiled::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using corymb::detail::ScoreBound;
#include <corymb/distance/detail/kernels.ipp>
#define CORYMB_KERNEL_DOT_BYTES dot_bytes
#include <corymb/distance/detail/kernels/quantized.ipp>
#undef CORYMB_KERNEL_DOT_BYTES
}  // namespace corymb::compiled::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

// Few processors with AVX-512 lack the instruction, but Highway makes no target of it.
#if HWY_TARGET == HWY_AVX3
HWY_PUSH_ATTRIBUTES(HWY_TARGET_STR ",avx512vnni")
namespace corymb::compiled::HWY_NAMESPACE::vnni {
template <class V>
HWY_INLINE V dot_bytes(V sum, V bytes, V coefficients) {
  // GCC copies the accumulators of the intrinsic around and runs out of registers.
  __asm__("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(bytes.raw), "v"(coefficients.raw));
  return sum;
}
#define CORYMB_KERNEL_DOT_BYTES vnni::dot_bytes
#include <corymb/distance/detail/kernels/quantized.ipp>
#undef CORYMB_KERNEL_DOT_BYTES
}  // namespace corymb::compiled::HWY_NAMESPACE::vnni
HWY_POP_ATTRIBUTES
#endif

HWY_BEFORE_NAMESPACE();
namespace corymb::compiled::HWY_NAMESPACE {

// Highway exports functions, not templates.
#define CORYMB_INSTANTIATE(T, Name)                                                                                    \
  std::ptrdiff_t PackedSize##Name(std::ptrdiff_t k, std::ptrdiff_t d) { return packed_size(T(), k, d); }               \
  std::ptrdiff_t ExpandedScratch##Name(std::ptrdiff_t d) { return expanded_scratch_size(T(), d); }                     \
  std::ptrdiff_t DefinedScratch##Name(std::ptrdiff_t d) { return defined_scratch_size(T(), d); }                       \
  double Pack##Name(const RowsView<T>& c, const T* centre, T* packed) { return pack_centroids<T>(c, centre, packed); } \
  std::ptrdiff_t NearestExpanded##Name(const ExpandedTask<T>& task) { return nearest_expanded<T>(task); }              \
  void ShrinkBounds##Name(const ShrinkBoundsTask<T>& task) { shrink_bounds<T>(task); }                                 \
  std::ptrdiff_t NearestAndBytes##Name(const NearestAndBytesTask<T>& task) { return nearest_and_bytes<T>(task); }      \
  void SearchGroups##Name(const SearchGroupsTask<T>& task) { search_groups<T>(task); }                                 \
  std::ptrdiff_t PanelRows##Name() { return panel_rows(T()); }                                                         \
  std::ptrdiff_t WithinReach##Name(const WithinReachTask<T>& task) { return within_reach<T>(task); }                   \
  void PairValues##Name(const PairsTask<T>& task) { pair_values<T>(task); }                                            \
  void DefinedPairs##Name(const PairsTask<T>& task) { defined_pairs<T>(task); }                                        \
  std::ptrdiff_t NearPanelSize##Name(std::ptrdiff_t d) { return near_panel_size(T(), d); }                             \
  std::ptrdiff_t NearScratchSize##Name(std::ptrdiff_t d) { return near_scratch_size(T(), d); }                         \
  void PackNearRows##Name(const NearRowsTask<T>& task) { pack_near_rows<T>(task); }                                    \
  double PackNearPoints##Name(const RowsView<T>& points, const T* centre, T* packed) {                                 \
    return pack_near_points<T>(points, centre, packed);                                                                \
  }                                                                                                                    \
  std::ptrdiff_t NearPairs##Name(const NearPairsTask<T>& task) { return near_pairs<T>(task); }                         \
  void QuantizeRows##Name(const QuantizeTask<T>& task) { quantize_rows<T>(task); }                                     \
  void PackAxes##Name(const RowsView<T>& axes, T* packed) { pack_axes<T>(axes, packed); }                              \
  void Project##Name(const ProjectTask<T>& task) { project<T>(task); }                                                 \
  void NearestDefined##Name(const NearestTask<T>& task) { nearest_defined<T>(task); }                                  \
  void Distances##Name(const DistancesTask<T>& task) { distances<T>(task); }                                           \
  void SquareRoots##Name(T* values, std::ptrdiff_t n) { square_roots<T>(values, n); }                                  \
  void SquaredToAssigned##Name(const RowsView<T>& x, const RowsView<T>& c, const std::int32_t* label, T* value) {      \
    squared_to_assigned<T>(x, c, label, value);                                                                        \
  }                                                                                                                    \
  std::ptrdiff_t ListBelow##Name(const ListBelowTask<T>& task) { return list_below<T>(task); }                         \
  double SumBelow##Name(const T* value, const T* limit, std::ptrdiff_t n) { return sum_below<T>(value, limit, n); }    \
  MirrorScan<T> ScanMirrored##Name(const MirrorTask<T>& task) { return scan_mirrored<T>(task); }                       \
  T LargestDistance##Name(const T* values, std::ptrdiff_t n) { return largest_distance<T>(values, n); }                \
  T LowestValue##Name(PairValue kind, const T* a, const T* b, std::ptrdiff_t d) {                                      \
    return lowest_value<T>(kind, a, b, d);                                                                             \
  }                                                                                                                    \
  T HighestValue##Name(PairValue kind, const T* a, const T* b, std::ptrdiff_t d) {                                     \
    return highest_value<T>(kind, a, b, d);                                                                            \
  }                                                                                                                    \
  std::ptrdiff_t LeafPairs##Name(const LeafPairsTask<T>& task) { return leaf_pairs<T>(task); }                         \
  std::ptrdiff_t PointsWithin##Name(const RunsTask<T>& task) { return points_within<T>(task); }                        \
  void AddToSums##Name(const SumsTask<T>& task) { add_to_sums<T>(task); }                                              \
  std::ptrdiff_t CandidatePlaces##Name(std::ptrdiff_t count, std::ptrdiff_t d) {                                       \
    return candidate_places(T(), count, d);                                                                            \
  }                                                                                                                    \
  std::ptrdiff_t CandidatesSize##Name(std::ptrdiff_t count, std::ptrdiff_t d) {                                        \
    return candidates_size(T(), count, d);                                                                             \
  }                                                                                                                    \
  void PackCandidates##Name(const T* const* rows, std::ptrdiff_t count, std::ptrdiff_t d, T* packed) {                 \
    pack_candidates<T>(rows, count, d, packed);                                                                        \
  }                                                                                                                    \
  void TryCandidates##Name(const CandidatesTask<T>& task) { try_candidates<T>(task); }                                 \
  T LargestMagnitude##Name(const T* values, std::ptrdiff_t n) { return largest_magnitude<T>(values, n); }
CORYMB_INSTANTIATE(float, Float)
CORYMB_INSTANTIATE(double, Double)
#undef CORYMB_INSTANTIATE

std::uint64_t ShrinkBytes(const ShrinkBytesTask& task) { return HWY_NAMESPACE::shrink_bytes(task); }
std::ptrdiff_t ListBytes(const ListBytesTask& task) { return HWY_NAMESPACE::list_bytes(task); }

std::ptrdiff_t QuantizedPanelRows() { return Shape<std::int32_t>::points; }
#if HWY_TARGET == HWY_AVX3
bool MultipliesBytes() { return __builtin_cpu_supports("avx512vnni") != 0; }
void QuantizedScores(const QuantizedScoresTask& task) {
  MultipliesBytes() ? vnni::quantized_scores(task) : HWY_NAMESPACE::quantized_scores(task);
}
std::ptrdiff_t ListQuantized(const QuantizedTask& task) {
  return MultipliesBytes() ? vnni::list_quantized(task) : HWY_NAMESPACE::list_quantized(task);
}
#else
bool MultipliesBytes() { return false; }
void QuantizedScores(const QuantizedScoresTask& task) { HWY_NAMESPACE::quantized_scores(task); }
std::ptrdiff_t ListQuantized(const QuantizedTask& task) { return HWY_NAMESPACE::list_quantized(task); }
#endif

const char* TargetName() { return hwy::TargetName(HWY_TARGET); }

}  // namespace corymb::compiled::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace corymb::compiled {

#define CORYMB_DISPATCH(T, Name)                                                                                       \
  HWY_EXPORT(PackedSize##Name);                                                                                        \
  HWY_EXPORT(ExpandedScratch##Name);                                                                                   \
  HWY_EXPORT(DefinedScratch##Name);                                                                                    \
  HWY_EXPORT(Pack##Name);                                                                                              \
  HWY_EXPORT(NearestExpanded##Name);                                                                                   \
  HWY_EXPORT(ShrinkBounds##Name);                                                                                      \
  HWY_EXPORT(NearestAndBytes##Name);                                                                                   \
  HWY_EXPORT(SearchGroups##Name);                                                                                      \
  HWY_EXPORT(PanelRows##Name);                                                                                         \
  HWY_EXPORT(WithinReach##Name);                                                                                       \
  HWY_EXPORT(PairValues##Name);                                                                                        \
  HWY_EXPORT(DefinedPairs##Name);                                                                                      \
  HWY_EXPORT(NearPanelSize##Name);                                                                                     \
  HWY_EXPORT(NearScratchSize##Name);                                                                                   \
  HWY_EXPORT(PackNearRows##Name);                                                                                      \
  HWY_EXPORT(PackNearPoints##Name);                                                                                    \
  HWY_EXPORT(NearPairs##Name);                                                                                         \
  HWY_EXPORT(QuantizeRows##Name);                                                                                      \
  HWY_EXPORT(PackAxes##Name);                                                                                          \
  HWY_EXPORT(Project##Name);                                                                                           \
  HWY_EXPORT(NearestDefined##Name);                                                                                    \
  HWY_EXPORT(Distances##Name);                                                                                         \
  HWY_EXPORT(SquareRoots##Name);                                                                                       \
  HWY_EXPORT(SquaredToAssigned##Name);                                                                                 \
  HWY_EXPORT(ListBelow##Name);                                                                                         \
  HWY_EXPORT(SumBelow##Name);                                                                                          \
  HWY_EXPORT(ScanMirrored##Name);                                                                                      \
  HWY_EXPORT(LargestDistance##Name);                                                                                   \
  HWY_EXPORT(LowestValue##Name);                                                                                       \
  HWY_EXPORT(HighestValue##Name);                                                                                      \
  HWY_EXPORT(LeafPairs##Name);                                                                                         \
  HWY_EXPORT(PointsWithin##Name);                                                                                      \
  HWY_EXPORT(AddToSums##Name);                                                                                         \
  HWY_EXPORT(CandidatePlaces##Name);                                                                                   \
  HWY_EXPORT(CandidatesSize##Name);                                                                                    \
  HWY_EXPORT(PackCandidates##Name);                                                                                    \
  HWY_EXPORT(TryCandidates##Name);                                                                                     \
  HWY_EXPORT(LargestMagnitude##Name);                                                                                  \
  std::ptrdiff_t packed_size(T, std::ptrdiff_t k, std::ptrdiff_t d) {                                                  \
    return HWY_DYNAMIC_DISPATCH(PackedSize##Name)(k, d);                                                               \
  }                                                                                                                    \
  std::ptrdiff_t expanded_scratch_size(T, std::ptrdiff_t d) { return HWY_DYNAMIC_DISPATCH(ExpandedScratch##Name)(d); } \
  std::ptrdiff_t defined_scratch_size(T, std::ptrdiff_t d) { return HWY_DYNAMIC_DISPATCH(DefinedScratch##Name)(d); }   \
  double pack_centroids(const RowsView<T>& c, const T* centre, T* packed) {                                            \
    return HWY_DYNAMIC_DISPATCH(Pack##Name)(c, centre, packed);                                                        \
  }                                                                                                                    \
  std::ptrdiff_t nearest_expanded(const ExpandedTask<T>& task) {                                                       \
    return HWY_DYNAMIC_DISPATCH(NearestExpanded##Name)(task);                                                          \
  }                                                                                                                    \
  void shrink_bounds(const ShrinkBoundsTask<T>& task) { HWY_DYNAMIC_DISPATCH(ShrinkBounds##Name)(task); }              \
  std::ptrdiff_t nearest_and_bytes(const NearestAndBytesTask<T>& task) {                                               \
    return HWY_DYNAMIC_DISPATCH(NearestAndBytes##Name)(task);                                                          \
  }                                                                                                                    \
  void search_groups(const SearchGroupsTask<T>& task) { HWY_DYNAMIC_DISPATCH(SearchGroups##Name)(task); }              \
  std::ptrdiff_t panel_rows(T) { return HWY_DYNAMIC_DISPATCH(PanelRows##Name)(); }                                     \
  std::ptrdiff_t within_reach(const WithinReachTask<T>& task) {                                                        \
    return HWY_DYNAMIC_DISPATCH(WithinReach##Name)(task);                                                              \
  }                                                                                                                    \
  void pair_values(const PairsTask<T>& task) { HWY_DYNAMIC_DISPATCH(PairValues##Name)(task); }                         \
  void defined_pairs(const PairsTask<T>& task) { HWY_DYNAMIC_DISPATCH(DefinedPairs##Name)(task); }                     \
  std::ptrdiff_t near_panel_size(T, std::ptrdiff_t d) { return HWY_DYNAMIC_DISPATCH(NearPanelSize##Name)(d); }         \
  std::ptrdiff_t near_scratch_size(T, std::ptrdiff_t d) { return HWY_DYNAMIC_DISPATCH(NearScratchSize##Name)(d); }     \
  void pack_near_rows(const NearRowsTask<T>& task) { HWY_DYNAMIC_DISPATCH(PackNearRows##Name)(task); }                 \
  double pack_near_points(const RowsView<T>& points, const T* centre, T* packed) {                                     \
    return HWY_DYNAMIC_DISPATCH(PackNearPoints##Name)(points, centre, packed);                                         \
  }                                                                                                                    \
  std::ptrdiff_t near_pairs(const NearPairsTask<T>& task) { return HWY_DYNAMIC_DISPATCH(NearPairs##Name)(task); }      \
  void quantize_rows(const QuantizeTask<T>& task) { HWY_DYNAMIC_DISPATCH(QuantizeRows##Name)(task); }                  \
  void pack_axes(const RowsView<T>& axes, T* packed) { HWY_DYNAMIC_DISPATCH(PackAxes##Name)(axes, packed); }           \
  void project(const ProjectTask<T>& task) { HWY_DYNAMIC_DISPATCH(Project##Name)(task); }                              \
  void nearest_defined(const NearestTask<T>& task) { HWY_DYNAMIC_DISPATCH(NearestDefined##Name)(task); }               \
  void distances(const DistancesTask<T>& task) { HWY_DYNAMIC_DISPATCH(Distances##Name)(task); }                        \
  void square_roots(T* values, std::ptrdiff_t n) { HWY_DYNAMIC_DISPATCH(SquareRoots##Name)(values, n); }               \
  void squared_to_assigned(const RowsView<T>& x, const RowsView<T>& c, const std::int32_t* label, T* value) {          \
    HWY_DYNAMIC_DISPATCH(SquaredToAssigned##Name)(x, c, label, value);                                                 \
  }                                                                                                                    \
  std::ptrdiff_t list_below(const ListBelowTask<T>& task) { return HWY_DYNAMIC_DISPATCH(ListBelow##Name)(task); }      \
  double sum_below(const T* value, const T* limit, std::ptrdiff_t n) {                                                 \
    return HWY_DYNAMIC_DISPATCH(SumBelow##Name)(value, limit, n);                                                      \
  }                                                                                                                    \
  MirrorScan<T> scan_mirrored(const MirrorTask<T>& task) { return HWY_DYNAMIC_DISPATCH(ScanMirrored##Name)(task); }    \
  T largest_distance(const T* values, std::ptrdiff_t n) {                                                              \
    return HWY_DYNAMIC_DISPATCH(LargestDistance##Name)(values, n);                                                     \
  }                                                                                                                    \
  T lowest_value(PairValue kind, const T* a, const T* b, std::ptrdiff_t d) {                                           \
    return HWY_DYNAMIC_DISPATCH(LowestValue##Name)(kind, a, b, d);                                                     \
  }                                                                                                                    \
  T highest_value(PairValue kind, const T* a, const T* b, std::ptrdiff_t d) {                                          \
    return HWY_DYNAMIC_DISPATCH(HighestValue##Name)(kind, a, b, d);                                                    \
  }                                                                                                                    \
  std::ptrdiff_t leaf_pairs(const LeafPairsTask<T>& task) { return HWY_DYNAMIC_DISPATCH(LeafPairs##Name)(task); }      \
  std::ptrdiff_t points_within(const RunsTask<T>& task) { return HWY_DYNAMIC_DISPATCH(PointsWithin##Name)(task); }     \
  void add_to_sums(const SumsTask<T>& task) { HWY_DYNAMIC_DISPATCH(AddToSums##Name)(task); }                           \
  std::ptrdiff_t candidate_places(T, std::ptrdiff_t count, std::ptrdiff_t d) {                                         \
    return HWY_DYNAMIC_DISPATCH(CandidatePlaces##Name)(count, d);                                                      \
  }                                                                                                                    \
  std::ptrdiff_t candidates_size(T, std::ptrdiff_t count, std::ptrdiff_t d) {                                          \
    return HWY_DYNAMIC_DISPATCH(CandidatesSize##Name)(count, d);                                                       \
  }                                                                                                                    \
  void pack_candidates(const T* const* rows, std::ptrdiff_t count, std::ptrdiff_t d, T* packed) {                      \
    HWY_DYNAMIC_DISPATCH(PackCandidates##Name)(rows, count, d, packed);                                                \
  }                                                                                                                    \
  void try_candidates(const CandidatesTask<T>& task) { HWY_DYNAMIC_DISPATCH(TryCandidates##Name)(task); }              \
  T largest_magnitude(const T* values, std::ptrdiff_t n) {                                                             \
    return HWY_DYNAMIC_DISPATCH(LargestMagnitude##Name)(values, n);                                                    \
  }
CORYMB_DISPATCH(float, Float)
CORYMB_DISPATCH(double, Double)
#undef CORYMB_DISPATCH

HWY_EXPORT(ShrinkBytes);
HWY_EXPORT(ListBytes);
std::uint64_t shrink_bytes(const ShrinkBytesTask& task) { return HWY_DYNAMIC_DISPATCH(ShrinkBytes)(task); }
std::ptrdiff_t list_bytes(const ListBytesTask& task) { return HWY_DYNAMIC_DISPATCH(ListBytes)(task); }

HWY_EXPORT(QuantizedPanelRows);
HWY_EXPORT(QuantizedScores);
HWY_EXPORT(ListQuantized);
HWY_EXPORT(MultipliesBytes);
std::ptrdiff_t quantized_panel_rows() { return HWY_DYNAMIC_DISPATCH(QuantizedPanelRows)(); }
void quantized_scores(const QuantizedScoresTask& task) { HWY_DYNAMIC_DISPATCH(QuantizedScores)(task); }
std::ptrdiff_t list_quantized(const QuantizedTask& task) { return HWY_DYNAMIC_DISPATCH(ListQuantized)(task); }
bool multiplies_bytes() { return HWY_DYNAMIC_DISPATCH(MultipliesBytes)(); }

HWY_EXPORT(TargetName);
const char* kernel_target() { return HWY_DYNAMIC_DISPATCH(TargetName)(); }

}  // namespace corymb::compiled
#endif  // HWY_ONCE

#else  // without Highway

#include <corymb/distance/detail/portable_kernels.hpp>

namespace corymb::compiled {

#define CORYMB_FORWARD(T)                                                                                              \
  std::ptrdiff_t packed_size(T, std::ptrdiff_t k, std::ptrdiff_t d) {                                                  \
    return detail::portable::packed_size(T(), k, d);                                                                   \
  }                                                                                                                    \
  std::ptrdiff_t expanded_scratch_size(T, std::ptrdiff_t d) {                                                          \
    return detail::portable::expanded_scratch_size(T(), d);                                                            \
  }                                                                                                                    \
  std::ptrdiff_t defined_scratch_size(T, std::ptrdiff_t d) { return detail::portable::defined_scratch_size(T(), d); }  \
  double pack_centroids(const RowsView<T>& c, const T* centre, T* packed) {                                            \
    return detail::portable::pack_centroids<T>(c, centre, packed);                                                     \
  }                                                                                                                    \
  std::ptrdiff_t nearest_expanded(const ExpandedTask<T>& task) { return detail::portable::nearest_expanded<T>(task); } \
  void shrink_bounds(const ShrinkBoundsTask<T>& task) { detail::portable::shrink_bounds<T>(task); }                    \
  std::ptrdiff_t nearest_and_bytes(const NearestAndBytesTask<T>& task) {                                               \
    return detail::portable::nearest_and_bytes<T>(task);                                                               \
  }                                                                                                                    \
  void search_groups(const SearchGroupsTask<T>& task) { detail::portable::search_groups<T>(task); }                    \
  std::ptrdiff_t panel_rows(T) { return detail::portable::panel_rows(T()); }                                           \
  std::ptrdiff_t within_reach(const WithinReachTask<T>& task) { return detail::portable::within_reach<T>(task); }      \
  void pair_values(const PairsTask<T>& task) { detail::portable::pair_values<T>(task); }                               \
  void defined_pairs(const PairsTask<T>& task) { detail::portable::defined_pairs<T>(task); }                           \
  std::ptrdiff_t near_panel_size(T, std::ptrdiff_t d) { return detail::portable::near_panel_size(T(), d); }            \
  std::ptrdiff_t near_scratch_size(T, std::ptrdiff_t d) { return detail::portable::near_scratch_size(T(), d); }        \
  void pack_near_rows(const NearRowsTask<T>& task) { detail::portable::pack_near_rows<T>(task); }                      \
  double pack_near_points(const RowsView<T>& points, const T* centre, T* packed) {                                     \
    return detail::portable::pack_near_points<T>(points, centre, packed);                                              \
  }                                                                                                                    \
  std::ptrdiff_t near_pairs(const NearPairsTask<T>& task) { return detail::portable::near_pairs<T>(task); }            \
  void quantize_rows(const QuantizeTask<T>& task) { detail::portable::quantize_rows<T>(task); }                        \
  void pack_axes(const RowsView<T>& axes, T* packed) { detail::portable::pack_axes<T>(axes, packed); }                 \
  void project(const ProjectTask<T>& task) { detail::portable::project<T>(task); }                                     \
  void nearest_defined(const NearestTask<T>& task) { detail::portable::nearest_defined<T>(task); }                     \
  void distances(const DistancesTask<T>& task) { detail::portable::distances<T>(task); }                               \
  void square_roots(T* values, std::ptrdiff_t n) { detail::portable::square_roots<T>(values, n); }                     \
  void squared_to_assigned(const RowsView<T>& x, const RowsView<T>& c, const std::int32_t* label, T* value) {          \
    detail::portable::squared_to_assigned<T>(x, c, label, value);                                                      \
  }                                                                                                                    \
  std::ptrdiff_t list_below(const ListBelowTask<T>& task) { return detail::portable::list_below<T>(task); }            \
  double sum_below(const T* value, const T* limit, std::ptrdiff_t n) {                                                 \
    return detail::portable::sum_below<T>(value, limit, n);                                                            \
  }                                                                                                                    \
  MirrorScan<T> scan_mirrored(const MirrorTask<T>& task) { return detail::portable::scan_mirrored<T>(task); }          \
  T largest_distance(const T* values, std::ptrdiff_t n) { return detail::portable::largest_distance<T>(values, n); }   \
  T lowest_value(PairValue kind, const T* a, const T* b, std::ptrdiff_t d) {                                           \
    return detail::portable::lowest_value<T>(kind, a, b, d);                                                           \
  }                                                                                                                    \
  T highest_value(PairValue kind, const T* a, const T* b, std::ptrdiff_t d) {                                          \
    return detail::portable::highest_value<T>(kind, a, b, d);                                                          \
  }                                                                                                                    \
  std::ptrdiff_t leaf_pairs(const LeafPairsTask<T>& task) { return detail::portable::leaf_pairs<T>(task); }            \
  std::ptrdiff_t points_within(const RunsTask<T>& task) { return detail::portable::points_within<T>(task); }           \
  void add_to_sums(const SumsTask<T>& task) { detail::portable::add_to_sums<T>(task); }                                \
  std::ptrdiff_t candidate_places(T, std::ptrdiff_t count, std::ptrdiff_t d) {                                         \
    return detail::portable::candidate_places(T(), count, d);                                                          \
  }                                                                                                                    \
  std::ptrdiff_t candidates_size(T, std::ptrdiff_t count, std::ptrdiff_t d) {                                          \
    return detail::portable::candidates_size(T(), count, d);                                                           \
  }                                                                                                                    \
  void pack_candidates(const T* const* rows, std::ptrdiff_t count, std::ptrdiff_t d, T* packed) {                      \
    detail::portable::pack_candidates<T>(rows, count, d, packed);                                                      \
  }                                                                                                                    \
  void try_candidates(const CandidatesTask<T>& task) { detail::portable::try_candidates<T>(task); }                    \
  T largest_magnitude(const T* values, std::ptrdiff_t n) { return detail::portable::largest_magnitude<T>(values, n); }
CORYMB_FORWARD(float)
CORYMB_FORWARD(double)
#undef CORYMB_FORWARD

std::uint64_t shrink_bytes(const ShrinkBytesTask& task) { return detail::portable::shrink_bytes(task); }
std::ptrdiff_t list_bytes(const ListBytesTask& task) { return detail::portable::list_bytes(task); }

std::ptrdiff_t quantized_panel_rows() { return detail::portable::quantized_panel_rows(); }
void quantized_scores(const QuantizedScoresTask& task) { detail::portable::quantized_scores(task); }
std::ptrdiff_t list_quantized(const QuantizedTask& task) { return detail::portable::list_quantized(task); }
bool multiplies_bytes() { return detail::portable::multiplies_bytes(); }

const char* kernel_target() { return "portable"; }

}  // namespace corymb::compiled

#endif
