#pragma once

#include <corymb/core/detail/validate.hpp>

#include <string>
#include <string_view>

CORYMB_BEGIN
namespace detail {

inline void check_pixels(std::string_view function, const char* name, double value, double least, double most) {
  if (!(value >= least && value <= most))
    reject(function,
           std::string(name) + " = " + to_text(value) + " must be in [" + to_text(least) + ", " + to_text(most) + "]");
}

/// The sizes that a picture with axes may have.
inline void check_picture_size(std::string_view function, double width, double height) {
  check_pixels(function, "width", width, 160, 10000);
  check_pixels(function, "height", height, 120, 10000);
}

}  // namespace detail
CORYMB_END
