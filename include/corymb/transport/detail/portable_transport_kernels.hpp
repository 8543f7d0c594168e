#pragma once

#include <corymb/distance/detail/portable_vectors.hpp>
#include <corymb/transport/detail/transport_kernel_tasks.hpp>

#include <corymb/distance/detail/portable_begin.ipp>

CORYMB_BEGIN
namespace detail::portable::transport {
using namespace corymb::compiled::transport;
#include <corymb/transport/detail/transport_kernels.ipp>
}  // namespace detail::portable::transport
CORYMB_END

#include <corymb/distance/detail/portable_end.ipp>
