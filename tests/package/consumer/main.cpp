#include <cstdio>

#include "cluster.hpp"

extern "C" void CLUSTER(Outcome* outcome);

int main() {
#if defined(REQUIRES_AVX2)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    std::puts("SKIPPED: this processor has no AVX2");
    return 77;  // what CTest counts as skipped
  }
#endif
  Outcome outcome;
  CLUSTER(&outcome);
  std::printf("%s, inertia %g\n", outcome.type_name.c_str(), outcome.inertia);
  return is_right(outcome) ? 0 : 1;
}
