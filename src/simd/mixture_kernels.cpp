// The kernels of mixtures, compiled as those of kernels.cpp.
#include <corymb/mixture/detail/mixture_kernel_tasks.hpp>

#if defined(CORYMB_WITH_HIGHWAY)

#include "simd/targets.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/mixture_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/vectors_of_target.hpp"

HWY_BEFORE_NAMESPACE();
namespace corymb::compiled::mixture::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
#include <corymb/mixture/detail/mixture_kernels.ipp>

// Highway exports these, not inline functions.
std::ptrdiff_t PanelRows() { return HWY_NAMESPACE::panel_rows(); }
std::ptrdiff_t WhiteningSize(std::ptrdiff_t d) { return HWY_NAMESPACE::whitening_size(d); }
void PackWhitening(const double* lower, std::ptrdiff_t d, double* packed) {
  HWY_NAMESPACE::pack_whitening(lower, d, packed);
}
void PackPanels(const PanelsTask& task) { HWY_NAMESPACE::pack_panels(task); }
void LogDensities(const LogDensitiesTask& task) { HWY_NAMESPACE::log_densities(task); }
void Posteriors(const PosteriorsTask& task) { HWY_NAMESPACE::posteriors(task); }
void Moments(const MomentsTask& task) { HWY_NAMESPACE::moments(task); }
}  // namespace corymb::compiled::mixture::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace corymb::compiled::mixture {
HWY_EXPORT(PanelRows);
HWY_EXPORT(WhiteningSize);
HWY_EXPORT(PackWhitening);
HWY_EXPORT(PackPanels);
HWY_EXPORT(LogDensities);
HWY_EXPORT(Posteriors);
HWY_EXPORT(Moments);
std::ptrdiff_t panel_rows() { return HWY_DYNAMIC_DISPATCH(PanelRows)(); }
std::ptrdiff_t whitening_size(std::ptrdiff_t d) { return HWY_DYNAMIC_DISPATCH(WhiteningSize)(d); }
void pack_whitening(const double* lower, std::ptrdiff_t d, double* packed) {
  HWY_DYNAMIC_DISPATCH(PackWhitening)(lower, d, packed);
}
void pack_panels(const PanelsTask& task) { HWY_DYNAMIC_DISPATCH(PackPanels)(task); }
void log_densities(const LogDensitiesTask& task) { HWY_DYNAMIC_DISPATCH(LogDensities)(task); }
void posteriors(const PosteriorsTask& task) { HWY_DYNAMIC_DISPATCH(Posteriors)(task); }
void moments(const MomentsTask& task) { HWY_DYNAMIC_DISPATCH(Moments)(task); }
}  // namespace corymb::compiled::mixture
#endif  // HWY_ONCE

#else  // without Highway

#include <corymb/mixture/detail/portable_mixture_kernels.hpp>

namespace corymb::compiled::mixture {
namespace portable = detail::portable::mixture;
std::ptrdiff_t panel_rows() { return portable::panel_rows(); }
std::ptrdiff_t whitening_size(std::ptrdiff_t d) { return portable::whitening_size(d); }
void pack_whitening(const double* lower, std::ptrdiff_t d, double* packed) {
  portable::pack_whitening(lower, d, packed);
}
void pack_panels(const PanelsTask& task) { portable::pack_panels(task); }
void log_densities(const LogDensitiesTask& task) { portable::log_densities(task); }
void posteriors(const PosteriorsTask& task) { portable::posteriors(task); }
void moments(const MomentsTask& task) { portable::moments(task); }
}  // namespace corymb::compiled::mixture

#endif
