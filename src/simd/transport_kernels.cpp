// The kernels of transport, compiled as those of kernels.cpp.
#include <corymb/transport/detail/transport_kernel_tasks.hpp>

#include <cstdint>

#if defined(CORYMB_WITH_HIGHWAY)

#include "simd/targets.hpp"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/transport_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/vectors_of_target.hpp"

HWY_BEFORE_NAMESPACE();
namespace corymb::compiled::transport::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
#include <corymb/transport/detail/transport_kernels.ipp>

// Highway exports these, not inline functions.
#define CORYMB_TRANSPORT_KERNELS(T, Name)                                                                \
  void Exponentials##Name(const ExponentialsTask<T>& task) { HWY_NAMESPACE::exponentials(task); }        \
  void Plan##Name(const PlanTask<T>& task) { HWY_NAMESPACE::plan(task); }                                \
  void RowProducts##Name(const RowProductsTask<T>& task) { HWY_NAMESPACE::row_products(task); }          \
  void ColumnProducts##Name(const ColumnProductsTask<T>& task) { HWY_NAMESPACE::column_products(task); } \
  void ColumnLogSums##Name(const ColumnLogSumsTask<T>& task) { HWY_NAMESPACE::column_log_sums(task); }
CORYMB_TRANSPORT_KERNELS(float, Float)
CORYMB_TRANSPORT_KERNELS(double, Double)
#undef CORYMB_TRANSPORT_KERNELS
void Step(const StepTask& task) { HWY_NAMESPACE::step(task); }
}  // namespace corymb::compiled::transport::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace corymb::compiled::transport {
#define CORYMB_TRANSPORT_KERNELS(T, Name)                                                                       \
  HWY_EXPORT(Exponentials##Name);                                                                               \
  HWY_EXPORT(Plan##Name);                                                                                       \
  HWY_EXPORT(RowProducts##Name);                                                                                \
  HWY_EXPORT(ColumnProducts##Name);                                                                             \
  HWY_EXPORT(ColumnLogSums##Name);                                                                              \
  void exponentials(const ExponentialsTask<T>& task) { HWY_DYNAMIC_DISPATCH(Exponentials##Name)(task); }        \
  void plan(const PlanTask<T>& task) { HWY_DYNAMIC_DISPATCH(Plan##Name)(task); }                                \
  void row_products(const RowProductsTask<T>& task) { HWY_DYNAMIC_DISPATCH(RowProducts##Name)(task); }          \
  void column_products(const ColumnProductsTask<T>& task) { HWY_DYNAMIC_DISPATCH(ColumnProducts##Name)(task); } \
  void column_log_sums(const ColumnLogSumsTask<T>& task) { HWY_DYNAMIC_DISPATCH(ColumnLogSums##Name)(task); }
CORYMB_TRANSPORT_KERNELS(float, Float)
CORYMB_TRANSPORT_KERNELS(double, Double)
#undef CORYMB_TRANSPORT_KERNELS
HWY_EXPORT(Step);
void step(const StepTask& task) { HWY_DYNAMIC_DISPATCH(Step)(task); }
}  // namespace corymb::compiled::transport
#endif  // HWY_ONCE

#else  // without Highway

#include <corymb/transport/detail/portable_transport_kernels.hpp>

namespace corymb::compiled::transport {
namespace portable = detail::portable::transport;
#define CORYMB_TRANSPORT_KERNELS(T)                                                            \
  void exponentials(const ExponentialsTask<T>& task) { portable::exponentials(task); }         \
  void plan(const PlanTask<T>& task) { portable::plan(task); }                                 \
  void row_products(const RowProductsTask<T>& task) { portable::row_products(task); }          \
  void column_products(const ColumnProductsTask<T>& task) { portable::column_products(task); } \
  void column_log_sums(const ColumnLogSumsTask<T>& task) { portable::column_log_sums(task); }
CORYMB_TRANSPORT_KERNELS(float)
CORYMB_TRANSPORT_KERNELS(double)
#undef CORYMB_TRANSPORT_KERNELS
void step(const StepTask& task) { portable::step(task); }
}  // namespace corymb::compiled::transport

#endif
