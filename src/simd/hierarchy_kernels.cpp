// The kernels of hierarchies, compiled as those of kernels.cpp.
#include <corymb/distance/detail/kernel_tasks.hpp>
#include <corymb/distance/detail/rounding.hpp>
#include <corymb/hierarchy/detail/hierarchy_kernel_tasks.hpp>

#include <cstring>
#include <limits>
#include <new>
#include <type_traits>

#if defined(CORYMB_WITH_HIGHWAY)

#include "simd/targets.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/hierarchy_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/vectors_of_target.hpp"

HWY_BEFORE_NAMESPACE();
namespace corymb::compiled::hierarchy::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using corymb::detail::ScoreBound;
#include <corymb/distance/detail/kernels.ipp>
#include <corymb/hierarchy/detail/hierarchy_kernels.ipp>

// Highway exports these, not inline functions.
TwoLowest<float> ScanFloat(const TriangleRowTask<float>& task) { return HWY_NAMESPACE::scan_triangle_row(task); }
TwoLowest<double> ScanDouble(const TriangleRowTask<double>& task) { return HWY_NAMESPACE::scan_triangle_row(task); }
std::ptrdiff_t WardPanelRows() { return HWY_NAMESPACE::ward_panel_rows(); }
std::ptrdiff_t WardPairs(const WardPairsTask& task) { return HWY_NAMESPACE::ward_pairs(task); }
}  // namespace corymb::compiled::hierarchy::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace corymb::compiled::hierarchy {
HWY_EXPORT(ScanFloat);
HWY_EXPORT(ScanDouble);
HWY_EXPORT(WardPanelRows);
HWY_EXPORT(WardPairs);
TwoLowest<float> scan_triangle_row(const TriangleRowTask<float>& task) { return HWY_DYNAMIC_DISPATCH(ScanFloat)(task); }
TwoLowest<double> scan_triangle_row(const TriangleRowTask<double>& task) {
  return HWY_DYNAMIC_DISPATCH(ScanDouble)(task);
}
std::ptrdiff_t ward_panel_rows() { return HWY_DYNAMIC_DISPATCH(WardPanelRows)(); }
std::ptrdiff_t ward_pairs(const WardPairsTask& task) { return HWY_DYNAMIC_DISPATCH(WardPairs)(task); }
}  // namespace corymb::compiled::hierarchy
#endif  // HWY_ONCE

#else  // without Highway

#include <corymb/hierarchy/detail/portable_hierarchy_kernels.hpp>

namespace corymb::compiled::hierarchy {
namespace portable = detail::portable::hierarchy;
TwoLowest<float> scan_triangle_row(const TriangleRowTask<float>& task) { return portable::scan_triangle_row(task); }
TwoLowest<double> scan_triangle_row(const TriangleRowTask<double>& task) { return portable::scan_triangle_row(task); }
std::ptrdiff_t ward_panel_rows() { return portable::ward_panel_rows(); }
std::ptrdiff_t ward_pairs(const WardPairsTask& task) { return portable::ward_pairs(task); }
}  // namespace corymb::compiled::hierarchy

#endif
