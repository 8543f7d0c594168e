#pragma once

#include <corymb/core/config.hpp>

// Reading and writing files is compiled into the library; corymb::headers does not have it.
#if !defined(CORYMB_COMPILED)
#error "corymb: the headers of <corymb/io/> need the compiled library: link corymb::corymb, not corymb::headers"
#endif
