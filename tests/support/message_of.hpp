#pragma once

#include <corymb/core/errors.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <string>

namespace corymb_test {

/// The message of the InvalidArgument that the call throws.
template <class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const corymb::InvalidArgument& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another exception: ") + error.what();
  }
  return "nothing was thrown";
}

template <class Call>
void expect_message(const Call& call, const std::string& message) {
  EXPECT_EQ(message_of(call), message);
}

}  // namespace corymb_test
