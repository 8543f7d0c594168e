#pragma once

#include <corymb/core/config.hpp>

// Pictures are drawn by the compiled library; corymb::headers does not have them.
#if !defined(CORYMB_COMPILED)
#error "corymb: the headers of <corymb/viz/> need the compiled library: link corymb::corymb, not corymb::headers"
#endif
