#pragma once

#include <corymb/core/types.hpp>

#include <span>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

/// How Gower's distance compares a column of a mixed table.
enum class GowerColumn {
  numeric,            ///< |x − y| / range of the column, at most 1; a column of one value tells nothing apart: 0
  categorical,        ///< 0 if equal, else 1: the values are codes
  asymmetric_binary,  ///< as categorical, but two zeros are left out: what is absent in both says nothing
};

struct GowerOptions {
  /// One per column, or empty for all numeric.
  std::vector<GowerColumn> columns = {};
  /// One weight ≥ 0 per column, or empty for all one.
  Vector weights = {};
};

/// Gower's distance of two rows of a mixed table, in [0, 1]: the weighted mean of the distances in all columns that
/// both rows have. NaN is a missing value. A callable to be passed where a distance of one's own is taken
/// (pairwise_distances, nearest, kmedoids, clara …), which then take rows with missing values:
///
///     const Gower<double> gower(X, {.columns = {GowerColumn::numeric, GowerColumn::categorical}});
///     const auto result = kmedoids(X, 3, gower);
///
/// Two rows without a common value have no distance: the functions above reject them by an error that names the pair.
/// With missing values the triangle inequality does not hold.
/// @see Gower (1971), doi:10.2307/2528823; Kaufman and Rousseeuw (1990), Finding Groups in Data, chapter 1.
template <class T>
class Gower {
 public:
  /// Rows may hold NaN.
  static constexpr bool accepts_missing_values = true;

  /// @param X  n × d, the table that tells the range of each numeric column. Infinite values are an error.
  /// @throws InvalidArgument  no columns, options for another number of columns, weights that are negative or all 0.
  template <class Derived>
  explicit Gower(const Eigen::DenseBase<Derived>& X, const GowerOptions& options = {});

  /// NaN where the rows have no column in common.
  T operator()(std::span<const T> x, std::span<const T> y) const;

 private:
  struct Column {
    GowerColumn kind;
    double weight;
    double range;  // 0 for a column of one value
  };
  std::vector<Column> columns_;
};

template <class Derived>
explicit Gower(const Eigen::DenseBase<Derived>&, const GowerOptions&) -> Gower<typename Derived::Scalar>;
template <class Derived>
explicit Gower(const Eigen::DenseBase<Derived>&) -> Gower<typename Derived::Scalar>;

CORYMB_END

#include <corymb/distance/detail/gower_impl.hpp>
