#pragma once

#include <cstdlib>
#include <string_view>

namespace corymb_test {

/// Whether randomised tests take thousands of instances instead of hundreds: CORYMB_SLOW_TESTS=1 in the environment.
inline bool slow_tests() {
  const char* value = std::getenv("CORYMB_SLOW_TESTS");
  return value != nullptr && value == std::string_view("1");
}

}  // namespace corymb_test
