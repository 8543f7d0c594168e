#pragma once

#include <corymb/core/config.hpp>

#include <cstddef>

namespace corymb::compiled {

/// The largest eigenpairs of a symmetric operator by implicitly restarted Lanczos.
struct LanczosTask {
  std::ptrdiff_t rows;
  std::ptrdiff_t wanted;  // < rows
  std::ptrdiff_t basis;   // vectors kept, in (wanted, rows]
  double tolerance;
  std::ptrdiff_t max_restarts;
  void (*multiply)(void* context, const double* x, double* y);
  void* context;
  const double* start;  // rows
  double* values;       // wanted, descending
  double* vectors;      // wanted vectors of `rows` entries, one after the other
};

/// Returns how many restarts it took, or −1: not all have converged. What has not is zeros.
CORYMB_EXPORT std::ptrdiff_t lanczos(const LanczosTask& task);

/// Whether the library was built with Spectra.
CORYMB_EXPORT bool has_lanczos();

}  // namespace corymb::compiled
