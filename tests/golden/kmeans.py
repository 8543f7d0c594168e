#!/usr/bin/env python3
"""Makes tests/partition/kmeans_golden_values.hpp from scikit-learn and R.

    python3 tests/golden/kmeans.py
"""

import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from make_bundled_data import ROOT, load

# name, data, k, weighted, iteration limit
CASES = [
    ("iris", "iris", 3, False, 300),
    ("wine", "wine", 3, False, 300),
    ("digits", "digits", 10, False, 300),
    ("old_faithful", "old_faithful", 2, False, 300),
    ("iris_weighted", "iris", 3, True, 300),
    ("digits_weighted", "digits", 10, True, 300),
    ("digits_limited", "digits", 10, False, 5),
]

PREAMBLE = """\
#pragma once

// k-means from given rows, in double, by scikit-learn {sklearn} and
// {r}. Do not edit. Made by
//   python3 tests/golden/kmeans.py

#include <span>
#include <string_view>

namespace kmeans_golden {{

struct Case {{
  std::string_view name;
  std::string_view data;  // the function of corymb/datasets/bundled.hpp
  int k;
  bool weighted;  // row i has weight 1 + i % 3, else 1
  int max_iterations;
  std::span<const int> initial_rows;  // k; row c of them is the first centroid of cluster c
  double margin;  // smallest gap of a row between its two nearest centroids, as distances, in any assignment of the run

  // KMeans(init=X[initial_rows], n_init=1, algorithm="lloyd", tol=0, max_iter=max_iterations).
  // An iteration assigns the rows and moves the centroids; a run has converged in the iteration whose assignment
  // repeats the one before. At the limit the rows are assigned once more after the last move, so that labels and
  // inertia always belong to the centroids returned.
  bool converged;
  int iterations;                     // R's are the same
  double inertia;                     // sum of weight × squared distance
  std::string_view labels;            // n digits
  std::span<const double> centroids;  // k × d, row by row

  // kmeans(X, X[initial_rows, ], algorithm = "Lloyd", iter.max = 300), where a row of weight w stands w times in X.
  // Not run with a limit, which has another meaning in R: 0 and no sizes.
  double r_inertia;
  std::span<const int> r_sizes;  // k sums of weights
}};

// clang-format off
"""


def run_r(points, weights, rows):
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("points.csv", "copies.csv", "rows.csv")]
        np.savetxt(files[0], points, fmt="%.17g", delimiter=",")
        np.savetxt(files[1], weights, fmt="%d")
        np.savetxt(files[2], rows, fmt="%d")
        command = ["Rscript", "--vanilla", str(Path(__file__).with_name("kmeans.R")), *map(str, files)]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return int(out[0]), [int(s) for s in out[1].split()], float(out[2])


def wrapped(items, per_line):
    return ["    " + ", ".join(items[i:i + per_line]) + "," for i in range(0, len(items), per_line)]


def lloyd(X, rows, weights, limit):
    """The definition, as plainly as it can be written: labels, iterations, whether they converged, and the smallest gap
    of a row between its two nearest centroids in any assignment."""
    centroids, old, margin = X[rows], None, np.inf
    for iteration in range(1, limit + 2):
        distances = np.sqrt(((X[:, None, :] - centroids) ** 2).sum(axis=2))
        labels = distances.argmin(axis=1)
        nearest = np.sort(distances, axis=1)
        margin = min(margin, (nearest[:, 1] - nearest[:, 0]).min())
        converged = old is not None and (labels == old).all()
        if converged or iteration > limit:
            return labels, min(iteration, limit), converged, margin
        old = labels
        centroids = np.array([np.average(X[labels == c], axis=0, weights=weights[labels == c])
                              for c in range(len(rows))])


def run(name, data, k, weighted, limit):
    """The C++ arrays of a case, and its entry in the table."""
    X, _ = load(data)
    n = len(X)
    weights = 1 + np.arange(n) % 3 if weighted else np.ones(n, dtype=int)

    # Evenly spaced rows, moved on until no assignment of the run is a tie: libraries decide ties by rounding.
    margin, shift = 0, -1
    while margin < 1e-5:
        shift += 1
        rows = [i * n // k + shift for i in range(k)]
        labels, iterations, converged, margin = lloyd(X, rows, weights, limit)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fit = KMeans(k, init=X[rows], n_init=1, algorithm="lloyd", tol=0, max_iter=limit)
        fit.fit(X, sample_weight=weights.astype(float) if weighted else None)
    assert fit.n_iter_ == iterations and (fit.labels_ == labels).all()
    squares = ((X - fit.cluster_centers_[labels]) ** 2).sum(axis=1)
    assert np.isclose((weights * squares).sum(), fit.inertia_, rtol=1e-12)

    r_iterations, r_sizes, r_inertia = 0, [], 0.0
    if converged:
        r_iterations, r_sizes, r_inertia = run_r(X, weights, rows)
        assert r_iterations == iterations
        assert r_sizes == np.bincount(labels, weights=weights, minlength=k).astype(int).tolist()
        assert np.isclose(r_inertia, fit.inertia_, rtol=1e-12)

    text = "".join(map(str, labels))
    lines = ["", f"inline constexpr int {name}_rows[] = {{{', '.join(map(str, rows))}}};"]
    lines += [f"inline constexpr std::string_view {name}_labels ="]
    lines += [f'    "{text[i:i + 100]}"' for i in range(0, n, 100)]
    lines[-1] += ";"
    lines += [f"inline constexpr double {name}_centroids[] = {{"]
    lines += wrapped([format(v, ".17g") for v in fit.cluster_centers_.ravel()], 4) + ["};"]
    if converged:
        lines += [f"inline constexpr int {name}_r_sizes[] = {{{', '.join(map(str, r_sizes))}}};"]
    cpp = {False: "false", True: "true"}
    entry = [
        f'    {{"{name}", "{data}", {k}, {cpp[weighted]}, {limit}, {name}_rows, {margin:.3g},',
        f"     {cpp[bool(converged)]}, {iterations}, {fit.inertia_:.17g}, {name}_labels, {name}_centroids,",
        f"     {r_inertia:.17g}, {name + '_r_sizes' if converged else '{}'}}},",
    ]
    return lines, entry


def main():
    r = subprocess.run(["Rscript", "--vanilla", "-e", "cat(R.version$version.string)"], check=True, capture_output=True,
                       text=True).stdout
    arrays, table = [], []
    for case in CASES:
        lines, entry = run(*case)
        arrays += lines
        table += entry
    text = PREAMBLE.format(sklearn=sklearn.__version__, r=r) + "\n".join(
        arrays + ["", "inline constexpr Case cases[] = {"] + table + ["};", "", "// clang-format on", "",
                                                                    "}  // namespace kmeans_golden"])
    (ROOT / "tests/partition/kmeans_golden_values.hpp").write_text(text + "\n")


if __name__ == "__main__":
    main()
