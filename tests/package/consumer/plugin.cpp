// Loads a shared library that was linked from the static corymb, and clusters in it.
#include <dlfcn.h>

#include <cstdio>

#include "cluster.hpp"

int main() {
  void* library = dlopen(CLUSTERING, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::puts(dlerror());
    return 1;
  }
  const auto cluster = reinterpret_cast<void (*)(Outcome*)>(dlsym(library, "cluster_compiled"));
  if (cluster == nullptr) {
    std::puts(dlerror());
    return 1;
  }
  Outcome outcome;
  cluster(&outcome);
  return is_right(outcome) ? 0 : 1;
}
