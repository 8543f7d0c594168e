#pragma once

#include <corymb/mixture/detail/mixture_kernel_tasks.hpp>

#if !defined(CORYMB_COMPILED)
#include <corymb/mixture/detail/portable_mixture_kernels.hpp>
#endif

CORYMB_BEGIN
namespace detail {

// The kernels of mixtures under one name: calls into the compiled library, or the portable ones.
#if defined(CORYMB_COMPILED)
namespace mixture_kernels = corymb::compiled::mixture;
#else
namespace mixture_kernels = portable::mixture;
#endif

}  // namespace detail
CORYMB_END
