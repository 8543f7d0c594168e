#pragma once

#include <corymb/core/config.hpp>

#include <type_traits>
#include <utility>

#if defined(EIGEN_HAS_OPENMP)
#include <exception>
#include <optional>

#include <omp.h>
#endif

CORYMB_BEGIN
namespace detail {

#if defined(EIGEN_HAS_OPENMP)
/// One thread for the parallel regions that the calling task starts, unless they name a number, which they then get.
/// Both settings belong to the task: other tasks and threads see no change.
class OneThreadForThisTask {
 public:
  OneThreadForThisTask() {
    omp_set_num_threads(1);
    omp_set_dynamic(0);
  }
  ~OneThreadForThisTask() {
    omp_set_num_threads(threads_);
    omp_set_dynamic(dynamic_);
  }
  OneThreadForThisTask(const OneThreadForThisTask&) = delete;
  OneThreadForThisTask& operator=(const OneThreadForThisTask&) = delete;

 private:
  const int threads_ = omp_get_max_threads();
  const int dynamic_ = omp_get_dynamic();
};
#endif

/// f(), with every Eigen product or decomposition in it on the calling thread alone: Eigen's products give other bits
/// with other numbers of threads, and it starts threads of its own where a program is compiled with OpenMP. No global
/// setting is touched. f does its work before it returns: it must not return an expression that is yet to be evaluated.
template <class F>
auto one_thread(F&& f) {
  using Result = std::decay_t<std::invoke_result_t<F>>;
  if constexpr (std::is_base_of_v<Eigen::DenseBase<Result>, Result>)
    static_assert(std::is_same_v<Result, typename Result::PlainObject>,
                  "corymb: one_thread must return a matrix, not an expression evaluated after it");
#if defined(EIGEN_HAS_OPENMP)
  const OneThreadForThisTask guard;
  if (Eigen::nbThreads() > 1 && omp_get_num_threads() == 1) {
    // Somebody has called Eigen::setNbThreads, which outranks the task's setting. But inside an active parallel
    // region Eigen uses one thread: make one, and leave its second thread idle.
    std::exception_ptr error;
    std::conditional_t<std::is_void_v<Result>, bool, std::optional<Result>> result{};
#pragma omp parallel num_threads(2)
    if (omp_get_thread_num() == 0) {  // the calling thread
      try {
        if constexpr (std::is_void_v<Result>)
          std::forward<F>(f)();
        else
          result.emplace(std::forward<F>(f)());
      } catch (...) {
        error = std::current_exception();
      }
    }
    if (error) std::rethrow_exception(error);
    if constexpr (std::is_void_v<Result>)
      return;
    else
      return Result(std::move(*result));
  }
#endif
  return static_cast<Result>(std::forward<F>(f)());
}

}  // namespace detail
CORYMB_END
