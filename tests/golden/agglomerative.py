#!/usr/bin/env python3
"""Makes tests/hierarchy/agglomerative_golden_values.hpp from SciPy's linkage.

    python3 tests/golden/agglomerative.py

Heights, and labels by number of clusters as one letter per row, numbered by their lowest row. Of data with ties (iris
is measured to 0.1) only single linkage has the same heights whichever pair comes first; all other data here have none.
"""

import numpy as np
import scipy
from scipy.cluster.hierarchy import fcluster, linkage

from make_bundled_data import ROOT, load

# data, linkage, metric, number of clusters
CASES = [("wine", "single", "euclidean", 9), ("wine", "complete", "euclidean", 5), ("wine", "average", "euclidean", 6),
         ("wine", "weighted", "euclidean", 4), ("wine", "ward", "euclidean", 3), ("wine", "average", "cityblock", 5),
         ("digits", "single", "euclidean", 30), ("digits", "ward", "euclidean", 10), ("iris", "single", "euclidean", 4)]
DIGITS = 250  # the first so many, with noise below their resolution, but for single linkage


def points_of(name, method):
    points, _ = load(name)
    if name != "digits":
        return points
    points = points[:DIGITS]
    if method == "single":
        return points
    # Numbers that any program can make: sums of column and row that are nowhere equal.
    rows, columns = np.meshgrid(np.arange(points.shape[0]), np.arange(points.shape[1]), indexing="ij")
    return points + np.mod(rows * 37 + columns * 101 + rows * columns * 13, 1009) / 4096


def letters(tree, k):
    labels = fcluster(tree, k, "maxclust")
    number = {}
    return "".join((lambda i: chr(97 + i) if i < 26 else chr(65 + i - 26))(number.setdefault(label, len(number)))
                   for label in labels)


def main():
    out = ["#pragma once", "", f"// Hierarchies by SciPy {scipy.__version__}. Do not edit. Made by",
           "//   python3 tests/golden/agglomerative.py", "", "#include <corymb/core/types.hpp>", "", "#include <span>",
           "#include <string_view>", "", "namespace agglomerative_golden {", "", "struct Case {",
           "  std::string_view data;", "  std::string_view linkage;", "  std::string_view metric;",
           "  std::span<const double> heights;", "  corymb::Index clusters;",
           "  std::string_view labels;  // by row; \"a\" is 0", "};", "", "// clang-format off"]
    cases = []
    for i, (name, method, metric, k) in enumerate(CASES):
        tree = linkage(points_of(name, method), method, metric)
        heights = tree[:, 2]
        out.append(f"inline constexpr double heights_{i}[] = {{")
        out += ["    " + ", ".join(repr(float(h)) for h in heights[j:j + 6]) + "," for j in range(0, len(heights), 6)]
        out.append("};")
        cases.append(f'    {{"{name}", "{method}", "{metric}", heights_{i}, {k},\n     "{letters(tree, k)}"}},')
    out += ["inline constexpr Case cases[] = {"] + cases + ["};", "// clang-format on", "",
            "}  // namespace agglomerative_golden", ""]
    (ROOT / "tests/hierarchy/agglomerative_golden_values.hpp").write_text("\n".join(out))


if __name__ == "__main__":
    main()
