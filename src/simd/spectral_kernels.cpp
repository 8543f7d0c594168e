// The kernels of spectral clustering, compiled as those of kernels.cpp.
#include <corymb/spectral/detail/spectral_kernel_tasks.hpp>

#include <cstdint>

#if defined(CORYMB_WITH_HIGHWAY)

#include "simd/targets.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/spectral_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/vectors_of_target.hpp"

HWY_BEFORE_NAMESPACE();
namespace corymb::compiled::spectral::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
#include <corymb/spectral/detail/spectral_kernels.ipp>

// Highway exports these, not inline functions.
#define CORYMB_SPECTRAL_KERNELS(T, Name)                                                              \
  void DenseProduct##Name(const DenseProductTask<T>& task) { HWY_NAMESPACE::dense_product(task); }    \
  void SparseProduct##Name(const SparseProductTask<T>& task) { HWY_NAMESPACE::sparse_product(task); } \
  void Gaussian##Name(const GaussianTask<T>& task) { HWY_NAMESPACE::gaussian(task); }
CORYMB_SPECTRAL_KERNELS(float, Float)
CORYMB_SPECTRAL_KERNELS(double, Double)
#undef CORYMB_SPECTRAL_KERNELS
}  // namespace corymb::compiled::spectral::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace corymb::compiled::spectral {
#define CORYMB_SPECTRAL_KERNELS(T, Name)                                                                     \
  HWY_EXPORT(DenseProduct##Name);                                                                            \
  HWY_EXPORT(SparseProduct##Name);                                                                           \
  HWY_EXPORT(Gaussian##Name);                                                                                \
  void dense_product(const DenseProductTask<T>& task) { HWY_DYNAMIC_DISPATCH(DenseProduct##Name)(task); }    \
  void sparse_product(const SparseProductTask<T>& task) { HWY_DYNAMIC_DISPATCH(SparseProduct##Name)(task); } \
  void gaussian(const GaussianTask<T>& task) { HWY_DYNAMIC_DISPATCH(Gaussian##Name)(task); }
CORYMB_SPECTRAL_KERNELS(float, Float)
CORYMB_SPECTRAL_KERNELS(double, Double)
#undef CORYMB_SPECTRAL_KERNELS
}  // namespace corymb::compiled::spectral
#endif  // HWY_ONCE

#else  // without Highway

#include <corymb/spectral/detail/portable_spectral_kernels.hpp>

namespace corymb::compiled::spectral {
namespace portable = detail::portable::spectral;
#define CORYMB_SPECTRAL_KERNELS(T)                                                          \
  void dense_product(const DenseProductTask<T>& task) { portable::dense_product(task); }    \
  void sparse_product(const SparseProductTask<T>& task) { portable::sparse_product(task); } \
  void gaussian(const GaussianTask<T>& task) { portable::gaussian(task); }
CORYMB_SPECTRAL_KERNELS(float)
CORYMB_SPECTRAL_KERNELS(double)
#undef CORYMB_SPECTRAL_KERNELS
}  // namespace corymb::compiled::spectral

#endif
