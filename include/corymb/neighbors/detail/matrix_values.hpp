#pragma once

#include <corymb/distance/detail/row_values.hpp>
#include <corymb/distance/distance_matrix.hpp>

#include <string_view>

CORYMB_BEGIN
namespace detail {

/// The values of a matrix that has been checked.
template <class T>
class MatrixValues {
 public:
  explicit MatrixValues(const DistanceMatrix<T>& D) : D_(D) {}
  void operator()(Index first, Index last, T* out, ValuesScratch&) const {
    for (Index i = first; i < last; ++i)
      for (Index j = 0; j < D_.size(); ++j) *out++ = D_(i, j);
  }
  void finish(T*, Index) const {}

 private:
  const DistanceMatrix<T>& D_;
};

/// The values of objects, as their callable gives them.
template <class F>
class ObjectValues {
 public:
  using T = DissimilarityScalar<F>;
  ObjectValues(std::string_view function, const Dissimilarity<F>& D) : function_(function), D_(D) {}
  void operator()(Index first, Index last, T* out, ValuesScratch&) const {
    for (Index i = first; i < last; ++i)
      for (Index j = 0; j < D_.size; ++j)
        *out++ = i == j ? T(0) : checked_distance(function_, "objects", i, j, D_.f(i, j));
  }
  void finish(T*, Index) const {}

 private:
  std::string_view function_;
  const Dissimilarity<F>& D_;
};

}  // namespace detail
CORYMB_END
