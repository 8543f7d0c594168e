#include <corymb/core/parallel.hpp>

namespace corymb::compiled {

int default_threads() { return detail::default_threads(); }

void run_tasks(int threads, std::ptrdiff_t tasks, void (*body)(void*, std::ptrdiff_t, int), void* context) {
  detail::run_tasks(threads, tasks, body, context);
}

}  // namespace corymb::compiled
