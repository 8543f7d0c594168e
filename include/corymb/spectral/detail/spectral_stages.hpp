#pragma once

#include <corymb/core/detail/progress.hpp>
#include <corymb/core/errors.hpp>
#include <corymb/partition/kmeans.hpp>
#include <corymb/spectral/detail/affinities.hpp>
#include <corymb/spectral/spectral_embedding.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Of components those that count: all of at least so many rows, of more than `most` the ones with the most rows. Their
/// numbers are ascending by their lowest row; rows of others have −1.
inline ConnectedComponents components_that_count(const ConnectedComponents& all, Index least_rows, Index most) {
  std::vector<Index> rows(static_cast<std::size_t>(all.components), 0);
  for (const std::int32_t label : all.labels) ++rows[static_cast<std::size_t>(label)];
  std::vector<std::int32_t> order;
  for (std::int32_t c = 0; c < all.components; ++c)
    if (rows[static_cast<std::size_t>(c)] >= least_rows) order.push_back(c);
  if (static_cast<Index>(order.size()) > most) {
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
      return rows[static_cast<std::size_t>(a)] > rows[static_cast<std::size_t>(b)];
    });
    order.resize(static_cast<std::size_t>(most));
    std::sort(order.begin(), order.end());
  }
  std::vector<std::int32_t> number(rows.size(), -1);
  for (std::size_t c = 0; c < order.size(); ++c)
    number[static_cast<std::size_t>(order[c])] = static_cast<std::int32_t>(c);
  ConnectedComponents result{Labels(all.labels.size()), static_cast<std::int32_t>(order.size())};
  for (Index i = 0; i < all.labels.size(); ++i) result.labels[i] = number[static_cast<std::size_t>(all.labels[i])];
  return result;
}

/// The embedding by affinities of whatever form. In embed.hpp.
CORYMB_INSTANCE_INLINE SpectralEmbedding embed(std::string_view function, const AffinityOperator& affinity,
                                               Index dimensions, const SpectralOptions& options,
                                               const ProgressReporter& progress);

/// Labels of embedded rows, in [0, k). In spectral_labels.hpp.
/// @throws Cancelled  the progress callback asked to stop
CORYMB_INSTANCE_INLINE Labels cluster_embedding(std::string_view function, const RowMatrix<double>& rows, Index k,
                                                const SpectralOptions& options);

/// kmeans as a stage of an algorithm that has no result before its end.
/// @throws Cancelled  the progress callback asked to stop
template <class Derived>
KMeansResult<typename Derived::Scalar> kmeans_stage(std::string_view function, const Eigen::DenseBase<Derived>& X,
                                                    Index k, const KMeansOptions& options) {
  auto result = kmeans(X, k, options);
  if (result.status == Status::cancelled)
    throw Cancelled("corymb::" + std::string(function) + ": cancelled by the progress callback");
  return result;
}

}  // namespace detail
CORYMB_END
