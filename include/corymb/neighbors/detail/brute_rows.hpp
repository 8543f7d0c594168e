#pragma once

#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/distance/detail/row_values.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Brute force: calls use(i, value, worker) for all m rows that look, where value[j] is row i's value against row j of
/// n; in parallel, with progress (see reported_tasks).
/// @tparam Values  see row_values.hpp
template <class T, class Values, class Use>
void for_rows_of_values(std::string_view function, std::string_view stage, const ProgressReporter& progress,
                        int threads, Index m, Index n, const Values& values, const Use& use) {
  const Index block = rows_per_block(n), tasks = (m + block - 1) / block;
  std::vector<ValuesScratch> scratch(static_cast<std::size_t>(threads));
  std::vector<Scratch<T>> buffer(scratch.size());
  reported_tasks(function, stage, progress, threads, tasks, [&](Index task, int worker) {
    const auto w = static_cast<std::size_t>(worker);
    const Index first = task * block, last = std::min(first + block, m);
    T* value = buffer[w].reserve(block * n);
    values(first, last, value, scratch[w]);
    for (Index i = first; i < last; ++i, value += n) use(i, static_cast<const T*>(value), worker);
  });
}

}  // namespace detail
CORYMB_END
