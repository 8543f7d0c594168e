#!/usr/bin/env python3
"""Makes tests/density/dbscan_golden_values.hpp from scikit-learn's DBSCAN.

    python3 tests/golden/dbscan.py

eps lies between distances that occur, so that rounding decides nothing. Labels are one letter per row: "." is noise,
"a" is 0. Generated points are a lattice with every coordinate moved by a linear congruential generator, which the test
repeats.
"""

import numpy as np
import sklearn
from sklearn.cluster import DBSCAN

from make_bundled_data import ROOT, load

# data, eps, min_points, metric
CASES = [("iris", 0.5, 5, "euclidean"), ("iris", 0.42, 6, "euclidean"), ("iris", 0.95, 10, "manhattan"),
         ("iris", 0.35, 5, "chebyshev"), ("wine", 30, 5, "euclidean"), ("wine", 24, 3, "manhattan"),
         ("old_faithful", 1.05, 5, "euclidean"), ("old_faithful", 2.05, 20, "euclidean"),
         ("digits", 21, 8, "euclidean"), ("lattice", 0.9, 4, "euclidean"), ("lattice", 0.75, 4, "chebyshev"),
         ("lattice", 1.2, 6, "manhattan")]


def lattice():
    """400 rows of two columns."""
    state, rows = 1, np.empty((400, 2))
    for i in range(400):
        for j, place in enumerate((i % 20, i // 20)):
            state = (state * 1103515245 + 12345) % 2**31
            rows[i, j] = place + state / 2**31
    return rows


def points_of(name):
    return lattice() if name == "lattice" else load(name)[0]


def main():
    lines = ["#pragma once", "", f"// Labels by DBSCAN of scikit-learn {sklearn.__version__}. Do not edit. Made by",
             "//   python3 tests/golden/dbscan.py", "", "#include <corymb/core/types.hpp>", "",
             "#include <string_view>", "", "namespace dbscan_golden {", "", "struct Case {", "  std::string_view data;",
             "  double eps;", "  corymb::Index min_points;", "  std::string_view metric;",
             '  std::string_view labels;  // by row; "." is noise, "a" is 0', "};", "", "// clang-format off",
             "inline constexpr Case cases[] = {"]
    for name, eps, min_points, metric in CASES:
        points = points_of(name)
        labels = DBSCAN(eps=eps, min_samples=min_points, metric=metric, algorithm="brute").fit_predict(points)
        assert labels.max() < 26, (name, labels.max())
        text = "".join("." if label < 0 else chr(ord("a") + label) for label in labels)
        lines.append(f'    {{"{name}", {eps}, {min_points}, "{metric}",')
        lines += [f'     "{text[i:i + 100]}"' for i in range(0, len(text), 100)]
        lines[-1] += "},"
    lines += ["};", "// clang-format on", "", "}  // namespace dbscan_golden", ""]
    (ROOT / "tests/density/dbscan_golden_values.hpp").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
