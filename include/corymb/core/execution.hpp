#pragma once

#include <corymb/core/config.hpp>

#include <cstdint>
#include <functional>
#include <string_view>

CORYMB_BEGIN

/// How an iterative algorithm ended. Every result is usable, whichever it is.
enum class Status {
  converged,        ///< the stopping rule was met
  iteration_limit,  ///< max_iterations was reached first
  cancelled,        ///< the progress callback asked to stop; the result is the last complete iteration
};

/// Where a running algorithm stands.
struct Progress {
  std::string_view stage;  ///< e.g. "lloyd"; valid during the callback only
  std::int64_t step = 0;   ///< steps done in this stage, from 1
  std::int64_t steps = 0;  ///< steps at most in this stage; 0 = unknown
  double objective = 0;    ///< the algorithm's objective after the step; NaN where it has none yet
  double elapsed = 0;      ///< seconds since the call began
};

/// Called on the calling thread between iterations or blocks; returning false stops the algorithm.
/// An exception thrown by it leaves the algorithm.
using ProgressCallback = std::function<bool(const Progress&)>;

/// Settings that every algorithm shares. None of them changes a result.
struct Execution {
  /// Threads to use, at most 1024; 0 = as many as OpenMP would (OMP_NUM_THREADS, else the cores). Every number gives
  /// the same bits.
  int threads = 0;
  /// Progress and cancellation.
  ProgressCallback on_progress = {};
  /// Bytes that the call may allocate; 0 = the machine's physical memory. Exceeding it throws MemoryLimitExceeded
  /// before the allocation.
  std::uint64_t memory_limit = 0;
};

CORYMB_END
