#pragma once

#include <gtest/gtest.h>
#include <corymb/distance/detail/kernels.hpp>

#include <cstdint>
#include <string>
#include <vector>

// The tests of distance/ are built twice: against the compiled library, and with everything in the headers.
#if defined(CORYMB_TEST_HEADERS_MODE) && defined(CORYMB_COMPILED)
#error "this build must test corymb::headers, but CORYMB_COMPILED is defined"
#elif !defined(CORYMB_TEST_HEADERS_MODE) && !defined(CORYMB_COMPILED)
#error "this build must test corymb::corymb, but CORYMB_COMPILED is not defined"
#endif

#if defined(CORYMB_TEST_HIGHWAY) && defined(CORYMB_COMPILED)
#include <hwy/targets.h>
#endif

namespace corymb_test {

#if defined(CORYMB_TEST_HIGHWAY) && defined(CORYMB_COMPILED)

/// Makes the compiled library use one of Highway's targets, until the end of the scope.
class UseInstructionSet {
 public:
  explicit UseInstructionSet(std::int64_t target) { use(target); }
  ~UseInstructionSet() { use(0); }
  UseInstructionSet(const UseInstructionSet&) = delete;
  UseInstructionSet& operator=(const UseInstructionSet&) = delete;

 private:
  static void use(std::int64_t target) {  // 0 = all that the processor has
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

/// The targets that the library was built for and this processor has, best first; the fallback is the last.
inline const std::vector<std::int64_t>& instruction_sets() {
  static const std::vector<std::int64_t> sets = [] {
    std::vector<std::int64_t> found;
    const std::int64_t supported = hwy::SupportedTargets() | HWY_SCALAR | HWY_EMU128;
    for (int bit = 0; bit < 63; ++bit) {
      const std::int64_t target = std::int64_t{1} << bit;
      if ((supported & target) == 0) continue;
      const UseInstructionSet use(target);
      if (std::string(corymb::compiled::kernel_target()) == hwy::TargetName(target)) found.push_back(target);
    }
    return found;
  }();
  return sets;
}

/// Calls f() once on every instruction set.
template <class F>
void on_every_instruction_set(const F& f) {
  for (const std::int64_t target : instruction_sets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    const UseInstructionSet use(target);
    f();
  }
}

#else

template <class F>
void on_every_instruction_set(const F& f) {
  f();
}

#endif

}  // namespace corymb_test
