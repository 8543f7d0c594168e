#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/transport/detail/sinkhorn/sinkhorn_impl.hpp>
#include <corymb/transport/sinkhorn_batch.hpp>

#include <algorithm>
#include <string>
#include <string_view>

CORYMB_BEGIN

template <class T>
std::vector<SinkhornResult<T>> sinkhorn_batch(std::span<const TransportProblem<T>> problems,
                                              const SinkhornOptions& options) {
  constexpr std::string_view function = "sinkhorn_batch";
  detail::require_threads(function, options.execution.threads);
  if (options.initial_column_potential.size() != 0)
    detail::reject(function, "initial_column_potential must be empty: the problems differ");
  double bytes = 0;
  for (const TransportProblem<T>& problem : problems)
    bytes += (options.plan ? detail::matrix_bytes<T>(problem.cost.rows(), problem.cost.cols()) : 0) +
             2 * sizeof(double) * static_cast<double>(problem.cost.rows() + problem.cost.cols());
  detail::require_memory(function, bytes, options.execution.memory_limit, "solve fewer problems at a time");

  SinkhornOptions of_one = options;
  of_one.execution = {.threads = 1, .memory_limit = options.execution.memory_limit};
  const detail::ProgressReporter report(options.execution.on_progress);
  const auto count = static_cast<Index>(problems.size());
  std::vector<SinkhornResult<T>> results(problems.size());
  for (SinkhornResult<T>& result : results) result.status = Status::cancelled;
  // Without an audience all at once; else a hundred reports.
  const Index step = report.is_heard() ? std::max<Index>((count + 99) / 100, 8) : std::max<Index>(count, 1);
  for (Index first = 0; first < count; first += step) {
    const Index size = std::min(step, count - first);
    parallel_for(resolve_threads(options.execution.threads), size, [&](Index task) {
      const Index p = first + task;
      const TransportProblem<T>& problem = problems[static_cast<std::size_t>(p)];
      results[static_cast<std::size_t>(p)] =
          detail::sinkhorn("sinkhorn_batch: problem " + detail::to_text(p), CostMatrix<T>(problem.cost),
                           problem.row_mass, problem.column_mass, of_one);
    });
    if (!report("problems", first + size, count, detail::not_a_number)) break;
  }
  return results;
}

CORYMB_END
