#include <cstddef>
#include <cstdint>

#include "fuzz/targets.hpp"

// CORYMB_FUZZ_READER is the name of one of the targets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  corymb_fuzz::CORYMB_FUZZ_READER({data, size});
  return 0;
}
