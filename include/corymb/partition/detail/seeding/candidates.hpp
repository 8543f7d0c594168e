#pragma once

#include <corymb/core/points.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <algorithm>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Rows of X one after the other.
template <class T>
RowMatrix<T> gather_rows(const Points<T>& X, const std::vector<Index>& rows) {
  RowMatrix<T> result(static_cast<Index>(rows.size()), X.cols());
  for (Index c = 0; c < result.rows(); ++c)
    std::copy_n(X.row(rows[static_cast<std::size_t>(c)]), X.cols(), result.data() + c * X.cols());
  return result;
}

/// Few rows as kernels::try_candidates wants them.
template <class T>
class PackedCandidates {
 public:
  explicit PackedCandidates(const RowMatrix<T>& rows)
      : places_(kernels::candidate_places(T(), rows.rows(), rows.cols())),
        packed_(kernels::candidates_size(T(), rows.rows(), rows.cols())) {
    std::vector<const T*> pointers;
    for (Index c = 0; c < rows.rows(); ++c) pointers.push_back(rows.data() + c * rows.cols());
    kernels::pack_candidates(pointers.data(), rows.rows(), rows.cols(), packed_.data());
  }

  Index places() const { return places_; }

  /// Takes candidate 0 into the closest squared distances of the rows x; then mass[l] += Σ weight · the smaller of
  /// closest and the squared distance to candidate l. Null: `weight` all one, `mass` not wanted.
  void scan(const RowsView<T>& x, T* closest, const double* weight, double* mass, Scratch<T>& scratch) const {
    kernels::try_candidates(
        compiled::CandidatesTask<T>{x, packed_.data(), places_, closest, weight, mass, scratch.reserve(8 * places_)});
  }

 private:
  Index places_;
  Scratch<T> packed_;
};

}  // namespace detail
CORYMB_END
