#pragma once

#include <corymb/spectral/detail/spectral_kernel_tasks.hpp>

#if !defined(CORYMB_COMPILED)
#include <corymb/spectral/detail/portable_spectral_kernels.hpp>
#endif

CORYMB_BEGIN
namespace detail {

// The kernels of spectral clustering under one name: calls into the compiled library, or the portable ones.
#if defined(CORYMB_COMPILED)
namespace spectral_kernels = corymb::compiled::spectral;
#else
namespace spectral_kernels = portable::spectral;
#endif

}  // namespace detail
CORYMB_END
