// Both modes in one program. Their code must not be merged by the linker, and they must agree on the answer.
#include <cmath>
#include <cstdio>

#include "cluster.hpp"

extern "C" void cluster_headers(Outcome* outcome);
extern "C" void cluster_compiled(Outcome* outcome);

int main() {
  Outcome headers, compiled;
  cluster_headers(&headers);
  cluster_compiled(&compiled);
  std::printf("%s, inertia %g\n%s, inertia %g\n", headers.type_name.c_str(), headers.inertia,
              compiled.type_name.c_str(), compiled.inertia);
  const bool equal = headers.labels == compiled.labels && headers.predicted == compiled.predicted &&
                     std::abs(headers.inertia - compiled.inertia) <= 1e-10 * compiled.inertia;
  return is_right(headers) && is_right(compiled) && equal && headers.type_name != compiled.type_name ? 0 : 1;
}
