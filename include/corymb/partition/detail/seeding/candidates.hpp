#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <vector>

CORYMB_BEGIN
namespace detail {

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
