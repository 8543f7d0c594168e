#pragma once

// Version, build mode and the name of the inline namespace that all header code lives in.
//
// Two modes exist. `corymb::corymb` defines CORYMB_COMPILED: hot loops are calls into the compiled library, which
// picks its instruction set at run time. `corymb::headers` leaves it undefined: everything is compiled into the
// consumer. Code of both modes, or code compiled with flags that give Eigen another alignment, must not be merged by
// the linker: it would run silently with the wrong kernels or the wrong allocator. The inline namespace carries the
// mode, OpenMP and the alignment in its name, so such symbols are different symbols. What crosses into the compiled
// library (namespace corymb::compiled, and the exceptions) is free of Eigen and lives outside it.

#define CORYMB_VERSION_MAJOR 0
#define CORYMB_VERSION_MINOR 1
#define CORYMB_VERSION_PATCH 0
#define CORYMB_VERSION_STRING "0.1.0"

#define CORYMB_JOIN_(a, b) a##b
#define CORYMB_JOIN(a, b) CORYMB_JOIN_(a, b)

#if defined(CORYMB_BUILDING_LIBRARY)
#define CORYMB_COMPILED 1
#define CORYMB_ABI library
#else
#include <Eigen/Core>
#if defined(CORYMB_COMPILED)
#define CORYMB_MODE compiled_
#else
#define CORYMB_MODE headers_
#endif
#if defined(_OPENMP)  // decides what Eigen does with threads, and in corymb::headers what parallel_for does
#define CORYMB_THREADING openmp_align
#else
#define CORYMB_THREADING align
#endif
#define CORYMB_ABI CORYMB_JOIN(CORYMB_JOIN(CORYMB_MODE, CORYMB_THREADING), EIGEN_MAX_ALIGN_BYTES)
#endif

#define CORYMB_BEGIN \
  namespace corymb { \
  inline namespace CORYMB_ABI {
#define CORYMB_END \
  }                \
  }

// On functions that are no templates, but take long to compile: where the instances of templates are in a source of
// their own (see kmeans_impl.hpp), so are they.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_INSTANCE_INLINE
#else
#define CORYMB_INSTANCE_INLINE inline
#endif

// On what the compiled library exports; everything else in a shared build is hidden.
#if defined(__GNUC__)
#define CORYMB_EXPORT __attribute__((visibility("default")))
#else
#define CORYMB_EXPORT
#endif
