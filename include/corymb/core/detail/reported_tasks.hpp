#pragma once

#include <corymb/core/detail/progress.hpp>
#include <corymb/core/errors.hpp>
#include <corymb/core/parallel.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

CORYMB_BEGIN
namespace detail {

/// Progress of an algorithm that has no result before its end.
/// @throws Cancelled  the callback asks to stop
inline void report_or_cancel(std::string_view function, std::string_view stage, const ProgressReporter& progress,
                             std::ptrdiff_t done, std::ptrdiff_t total) {
  if (!progress(stage, done, total, not_a_number))
    throw Cancelled("corymb::" + std::string(function) + ": cancelled by the progress callback");
}

/// parallel_for that reports up to 64 times, between tasks (see report_or_cancel).
template <class F>
void reported_tasks(std::string_view function, std::string_view stage, const ProgressReporter& progress, int threads,
                    std::ptrdiff_t tasks, const F& f) {
  const std::ptrdiff_t rounds = progress.is_heard() ? std::min<std::ptrdiff_t>(tasks, 64) : 1;
  for (std::ptrdiff_t round = 0; round < rounds; ++round) {
    const std::ptrdiff_t first = tasks * round / rounds, last = tasks * (round + 1) / rounds;
    parallel_for(threads, last - first, [&](std::ptrdiff_t task, int worker) { f(first + task, worker); });
    report_or_cancel(function, stage, progress, round + 1, rounds);
  }
}

}  // namespace detail
CORYMB_END
