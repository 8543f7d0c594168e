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

/// parallel_for of an algorithm that has no result before its end: reports up to 64 times, between tasks, and throws
/// Cancelled if the callback asks to stop.
template <class F>
void reported_tasks(std::string_view function, std::string_view stage, const ProgressReporter& progress, int threads,
                    std::ptrdiff_t tasks, const F& f) {
  const std::ptrdiff_t rounds = progress.is_heard() ? std::min<std::ptrdiff_t>(tasks, 64) : 1;
  for (std::ptrdiff_t round = 0; round < rounds; ++round) {
    const std::ptrdiff_t first = tasks * round / rounds, last = tasks * (round + 1) / rounds;
    parallel_for(threads, last - first, [&](std::ptrdiff_t task, int worker) { f(first + task, worker); });
    if (!progress(stage, round + 1, rounds, not_a_number))
      throw Cancelled("corymb::" + std::string(function) + ": cancelled by the progress callback");
  }
}

}  // namespace detail
CORYMB_END
