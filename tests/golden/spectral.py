#!/usr/bin/env python3
"""Makes tests/spectral/spectral_golden_values.hpp from scikit-learn and SciPy.

    python3 tests/golden/spectral.py

Neighbours are found here, ties going to the lower row, so that the graph is the same.
"""

import numpy as np
import scipy.linalg
import sklearn
from sklearn.cluster import SpectralClustering
from sklearn.datasets import load_iris, load_wine
from sklearn.metrics.pairwise import rbf_kernel

from make_bundled_data import ROOT


def squared_distances(x):
    d = np.zeros((len(x), len(x)))
    for j in range(x.shape[1]):
        d += (x[:, None, j] - x[None, :, j]) ** 2
    return d


def knn(x, neighbors):
    d = squared_distances(x)
    np.fill_diagonal(d, np.inf)
    near = np.argsort(d, axis=1, kind="stable")[:, :neighbors]
    c = np.zeros_like(d)
    np.put_along_axis(c, near, 1, axis=1)
    return (c + c.T) / 2


def smallest_eigenvalues(w, count, kind):
    w = w.copy()
    np.fill_diagonal(w, 0)
    degree = w.sum(axis=1)
    if kind == "unnormalized":
        laplacian = np.diag(degree) - w
    else:
        laplacian = np.eye(len(w)) - w / np.sqrt(np.outer(degree, degree))
    return scipy.linalg.eigvalsh(laplacian)[:count]


def labels(w, k, assign):
    fit = SpectralClustering(k, affinity="precomputed", assign_labels=assign, random_state=0, n_init=20).fit(w)
    return fit.labels_


def main():
    iris = load_iris().data
    wine = load_wine().data
    wine = (wine - wine.mean(axis=0)) / wine.std(axis=0)
    cases = [
        ("iris_rbf", rbf_kernel(iris, gamma=0.5), 3),
        ("iris_knn", knn(iris, 10), 3),
        ("wine_rbf", rbf_kernel(wine, gamma=0.05), 3),
        ("wine_knn", knn(wine, 10), 3),
    ]
    lines = ["#pragma once", "",
             f"// Labels by scikit-learn {sklearn.__version__}, eigenvalues by SciPy. Do not edit. Made by",
             "//   python3 tests/golden/spectral.py", "namespace spectral_golden {", "",
             "// clang-format off"]
    for name, w, k in cases:
        for kind in ("symmetric", "unnormalized"):
            values = ", ".join(f"{max(v, 0):.12g}" for v in smallest_eigenvalues(w, 6, kind))
            lines.append(f"inline constexpr double {name}_{kind}[] = {{{values}}};")
        for assign in ("kmeans", "discretize", "cluster_qr"):
            digits = "".join(str(label) for label in labels(w, k, assign))
            lines.append(f'inline constexpr char {name}_{assign}[] = "{digits}";')
    lines += ["// clang-format on", "", "}  // namespace spectral_golden", ""]
    (ROOT / "tests/spectral/spectral_golden_values.hpp").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
