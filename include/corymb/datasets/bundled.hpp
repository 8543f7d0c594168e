#pragma once

#include <corymb/core/types.hpp>

#include <string>
#include <vector>

CORYMB_BEGIN

// Small real data sets that the library carries, for examples, tests and first steps. Nothing is read from a file and
// nothing can fail; each call builds the matrix anew, in time proportional to its size.

/// A real data set.
struct BundledData {
  RowMatrix<double> points;                ///< n × d
  Labels labels;                           ///< n, classes from 0; empty where the data have none
  std::vector<std::string> feature_names;  ///< d, with the unit in parentheses where it is known
  std::vector<std::string> class_names;    ///< one per class
  std::string source;                      ///< who measured and published the data
  std::string license;                     ///< terms, as far as the source states any
};

/// Iris flowers: n = 150, d = 4 (centimetres, to 0.1), three species of 50 in order.
/// These are the values printed by Fisher, as in R and scikit-learn. The copy of the UCI Machine Learning Repository
/// differs in two rows (34: petal width 0.1, here 0.2; 37: sepal width 3.1 and petal length 1.5, here 3.6 and 1.4).
/// @see Fisher (1936), The use of multiple measurements in taxonomic problems, Annals of Eugenics 7, 179-188,
///      doi:10.1111/j.1469-1809.1936.tb02137.x.
BundledData iris();

/// Wines: n = 178, d = 13 chemical analyses of wines from one region of Italy, three cultivars (59, 71, 48) in order.
/// The columns have very different scales (proline reaches 1680, nonflavanoid phenols 0.66): standardize them before
/// using euclidean distances.
/// @see Aeberhard, Forina (1991), Wine, UCI Machine Learning Repository, doi:10.24432/C5PC7J.
BundledData wine();

/// Handwritten digits: n = 1797, d = 64, ten classes. A row is an 8 × 8 image, row by row; each value counts the ink
/// of a 4 × 4 block of the scanned bitmap, an integer in [0, 16]. This is the test part of the published data.
/// @see Alpaydin, Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,
///      doi:10.24432/C50P49.
BundledData digits();

/// Eruptions of the Old Faithful geyser: n = 272, d = 2 (duration of an eruption and waiting time to the next one, both
/// in minutes), no classes. The version of R's `faithful`, a part of the data that Azzalini and Bowman describe.
/// @see Härdle (1991), Smoothing Techniques with Implementation in S, Springer.
/// @see Azzalini, Bowman (1990), A look at some data on the Old Faithful geyser, Applied Statistics 39, 357-365,
///      doi:10.2307/2347385.
BundledData old_faithful();

CORYMB_END

#include <corymb/datasets/detail/bundled.hpp>
