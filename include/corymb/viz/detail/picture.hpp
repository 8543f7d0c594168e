#pragma once

#include <corymb/core/config.hpp>

#include <string>
#include <vector>

namespace corymb {
struct Picture;
}

namespace corymb::compiled {

CORYMB_EXPORT Picture grid(const std::vector<Picture>& pictures, int columns, const std::string& title);
CORYMB_EXPORT std::string to_svg(const Picture& picture);
CORYMB_EXPORT void write_svg(const std::string& path, const Picture& picture);

}  // namespace corymb::compiled
