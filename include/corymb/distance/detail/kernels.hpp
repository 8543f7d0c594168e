#pragma once

#include <corymb/core/points.hpp>
#include <corymb/distance/detail/kernel_tasks.hpp>

#include <cstddef>
#include <new>

#if !defined(CORYMB_COMPILED)
#include <corymb/distance/detail/portable_kernels.hpp>
#endif

CORYMB_BEGIN
namespace detail {

// The kernels under one name: calls into the compiled library, or the portable ones.
#if defined(CORYMB_COMPILED)
namespace kernels = corymb::compiled;
#else
namespace kernels = portable;
#endif

using compiled::PairValue;
using compiled::RowsView;

template <class T>
RowsView<T> rows_view(const Points<T>& points, Index first, Index last) {
  return {points.row(first), last - first, points.cols(), points.stride()};
}
template <class T>
RowsView<T> rows_view(const Points<T>& points) {
  return rows_view(points, 0, points.rows());
}
template <class T>
RowsView<T> rows_view(const RowMatrix<T>& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols(), matrix.cols()};
}

/// Uninitialised memory aligned for any vector register. Grows on demand, so that a worker can keep one.
template <class T>
class Scratch {
 public:
  Scratch() = default;
  explicit Scratch(std::ptrdiff_t size) { reserve(size); }
  Scratch(Scratch&& other) noexcept : data_(other.data_), size_(other.size_) {
    other.data_ = nullptr;
    other.size_ = 0;
  }
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() { ::operator delete(data_, alignment); }

  T* reserve(std::ptrdiff_t size) {
    if (size > size_) {
      ::operator delete(data_, alignment);
      data_ = nullptr;
      size_ = 0;
      data_ = static_cast<T*>(::operator new(static_cast<std::size_t>(size) * sizeof(T), alignment));
      size_ = size;
    }
    return data_;
  }
  T* data() const { return data_; }

 private:
  static constexpr std::align_val_t alignment{64};
  T* data_ = nullptr;
  std::ptrdiff_t size_ = 0;
};

}  // namespace detail
CORYMB_END
