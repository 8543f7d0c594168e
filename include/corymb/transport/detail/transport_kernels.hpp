#pragma once

#include <corymb/transport/detail/transport_kernel_tasks.hpp>

#if !defined(CORYMB_COMPILED)
#include <corymb/transport/detail/portable_transport_kernels.hpp>
#endif

CORYMB_BEGIN
namespace detail {

// The kernels of transport under one name: calls into the compiled library, or the portable ones.
#if defined(CORYMB_COMPILED)
namespace transport_kernels = corymb::compiled::transport;
#else
namespace transport_kernels = portable::transport;
#endif

}  // namespace detail
CORYMB_END
