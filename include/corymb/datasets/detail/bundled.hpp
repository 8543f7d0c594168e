#pragma once

#include <corymb/datasets/bundled.hpp>
#include <corymb/datasets/detail/digits_data.hpp>
#include <corymb/datasets/detail/iris_data.hpp>
#include <corymb/datasets/detail/old_faithful_data.hpp>
#include <corymb/datasets/detail/wine_data.hpp>

#include <cstddef>
#include <initializer_list>
#include <string_view>

CORYMB_BEGIN
namespace detail {

template <std::size_t Size>
RowMatrix<double> rows_from(const double (&values)[Size], Index d) {
  return Eigen::Map<const RowMatrix<double>>(values, static_cast<Index>(Size) / d, d);
}

/// Labels of rows that stand class after class.
inline Labels labels_in_order(std::initializer_list<Index> sizes) {
  Index n = 0;
  for (const Index size : sizes) n += size;
  Labels labels(n);
  Index row = 0;
  std::int32_t c = 0;
  for (const Index size : sizes) {
    labels.segment(row, size).setConstant(c++);
    row += size;
  }
  return labels;
}

inline constexpr const char* uci_license =
    "Creative Commons Attribution 4.0 International (CC BY 4.0), UCI Machine Learning Repository";

}  // namespace detail

inline BundledData iris() {
  return {detail::rows_from(detail::iris_values, 4),
          detail::labels_in_order({50, 50, 50}),
          {"sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"},
          {"setosa", "versicolor", "virginica"},
          "Fisher (1936), The use of multiple measurements in taxonomic problems, Annals of Eugenics 7, 179-188; "
          "measured by Anderson (1935)",
          "measurements printed in the paper; no terms stated"};
}

inline BundledData wine() {
  return {
      detail::rows_from(detail::wine_values, 13),
      detail::labels_in_order({59, 71, 48}),
      {"alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids",
       "nonflavanoid phenols", "proanthocyanins", "color intensity", "hue", "OD280/OD315 of diluted wines", "proline"},
      {"cultivar 1", "cultivar 2", "cultivar 3"},
      "Aeberhard, Forina (1991), Wine, UCI Machine Learning Repository, doi:10.24432/C5PC7J",
      detail::uci_license};
}

inline BundledData digits() {
  BundledData data;
  const Index n = static_cast<Index>(detail::digits_labels.size()), d = 64;
  data.points.resize(n, d);
  double* x = data.points.data();
  for (const std::string_view block : detail::digits_pixels)
    for (const char ink : block) *x++ = ink <= '9' ? ink - '0' : ink - 'a' + 10;
  data.labels.resize(n);
  for (Index i = 0; i < n; ++i) data.labels[i] = detail::digits_labels[static_cast<std::size_t>(i)] - '0';
  for (int row = 0; row < 8; ++row)
    for (int column = 0; column < 8; ++column)
      data.feature_names.push_back("pixel (" + std::to_string(row) + ", " + std::to_string(column) + ")");
  for (int digit = 0; digit < 10; ++digit) data.class_names.push_back(std::to_string(digit));
  data.source =
      "Alpaydin, Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, "
      "doi:10.24432/C50P49; test part";
  data.license = detail::uci_license;
  return data;
}

inline BundledData old_faithful() {
  return {detail::rows_from(detail::old_faithful_values, 2),
          Labels(),
          {"eruption (min)", "waiting (min)"},
          {},
          "Haerdle (1991), Smoothing Techniques with Implementation in S, Springer; Azzalini, Bowman (1990), A look at "
          "some data on the Old Faithful geyser, Applied Statistics 39, 357-365",
          "published measurements; no terms stated"};
}

CORYMB_END
