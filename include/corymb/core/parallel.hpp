#pragma once

#include <corymb/core/config.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <type_traits>
#include <vector>

// Where the parallel region itself is compiled: in the library, or in the consumer of corymb::headers.
#if defined(CORYMB_BUILDING_LIBRARY) || !defined(CORYMB_COMPILED)
#define CORYMB_PARALLEL_REGION_HERE
#if defined(_OPENMP)
#include <omp.h>
#endif
#endif

namespace corymb::compiled {
/// Runs body(context, task, worker) for every task in [0, tasks) on at most `threads` threads. body must not throw.
CORYMB_EXPORT void run_tasks(int threads, std::ptrdiff_t tasks, void (*body)(void*, std::ptrdiff_t, int),
                             void* context);
/// What "threads = 0" means: OpenMP's choice for a new parallel region; 1 in a build without OpenMP.
CORYMB_EXPORT int default_threads();
}  // namespace corymb::compiled

CORYMB_BEGIN

namespace detail {

#if defined(CORYMB_PARALLEL_REGION_HERE)
inline int default_threads() {
#if defined(_OPENMP)
  return omp_get_max_threads();
#else
  return 1;
#endif
}

inline void run_tasks([[maybe_unused]] int threads, std::ptrdiff_t tasks, void (*body)(void*, std::ptrdiff_t, int),
                      void* context) {
#if defined(_OPENMP)
  threads = static_cast<int>(std::min<std::ptrdiff_t>(threads, tasks));
  if (threads > 1) {
    // An own counter instead of schedule(dynamic): tasks start in ascending order with every OpenMP runtime.
    std::atomic<std::ptrdiff_t> next{0};
#pragma omp parallel num_threads(threads)
    for (std::ptrdiff_t task; (task = next.fetch_add(1, std::memory_order_relaxed)) < tasks;)
      body(context, task, omp_get_thread_num());
    return;
  }
#endif
  for (std::ptrdiff_t task = 0; task < tasks; ++task) body(context, task, 0);
}
#else
using compiled::default_threads;
using compiled::run_tasks;
#endif

}  // namespace detail

/// The number of threads a call with `threads` uses: the number itself, or the default for 0.
inline int resolve_threads(int threads) { return threads > 0 ? threads : std::max(detail::default_threads(), 1); }

/// Calls f(task) or f(task, worker) once for every task in [0, tasks). Tasks start in ascending order and run on at
/// most `threads` threads; worker < max(threads, 1) tells concurrent calls apart and is for scratch memory only: a
/// result that depends on it would depend on the number of threads. An exception thrown by f keeps later tasks from
/// starting; the one of the lowest task that throws is rethrown here, whatever the number of threads.
template <class F>
void parallel_for(int threads, std::ptrdiff_t tasks, F&& f) {
  struct Context {
    std::remove_reference_t<F>& f;
    std::atomic<std::ptrdiff_t> error_task;  // the lowest task that threw; `tasks` = none
    std::mutex mutex;
    std::exception_ptr error;
  } context{f, {tasks}, {}, {}};
  const auto body = [](void* data, std::ptrdiff_t task, int worker) {
    auto& shared = *static_cast<Context*>(data);
    if (task > shared.error_task.load(std::memory_order_relaxed)) return;
    try {
      if constexpr (std::is_invocable_v<F&, std::ptrdiff_t, int>)
        shared.f(task, worker);
      else
        shared.f(task);
    } catch (...) {
      const std::lock_guard lock(shared.mutex);
      if (task < shared.error_task.load(std::memory_order_relaxed)) {
        shared.error = std::current_exception();
        shared.error_task.store(task, std::memory_order_relaxed);
      }
    }
  };
  detail::run_tasks(threads, tasks, body, &context);
  if (context.error) std::rethrow_exception(context.error);
}

/// A partition of [0, size) into consecutive chunks that depends on the size alone, never on the threads. Partial
/// results of the chunks, combined in ascending order, are the same bits for any number of threads.
class Chunks {
 public:
  /// At most `most` chunks, each of at least `grain` elements where size allows.
  explicit Chunks(std::ptrdiff_t size, std::ptrdiff_t grain = 1024, std::ptrdiff_t most = 64)
      : size_(size),
        count_(size <= 0 ? 0 : std::clamp<std::ptrdiff_t>(size / std::max<std::ptrdiff_t>(grain, 1), 1, most)) {}

  std::ptrdiff_t count() const { return count_; }
  std::ptrdiff_t begin(std::ptrdiff_t chunk) const { return size_ / count_ * chunk + std::min(chunk, size_ % count_); }
  std::ptrdiff_t end(std::ptrdiff_t chunk) const { return begin(chunk + 1); }

 private:
  std::ptrdiff_t size_;
  std::ptrdiff_t count_;
};

/// Σ over chunks, in chunk order: f(begin, end) -> R for each chunk in parallel, then R += R in ascending order.
template <class R, class F>
R parallel_sum(int threads, const Chunks& chunks, R zero, F&& f) {
  std::vector<R> partial(static_cast<std::size_t>(chunks.count()), zero);
  parallel_for(threads, chunks.count(), [&](std::ptrdiff_t chunk) {
    partial[static_cast<std::size_t>(chunk)] = f(chunks.begin(chunk), chunks.end(chunk));
  });
  for (const R& value : partial) zero += value;
  return zero;
}

CORYMB_END
