#!/usr/bin/env python3
"""Makes tests/density/suggest_eps_golden_values.hpp from scikit-learn and R's dbscan.

    python3 tests/golden/suggest_eps.py

kneighbors() of the rows themselves counts each of them, as min_points does; kNNdist(x, k) does not, so its k is
min_points - 1. Where R has no package dbscan, scikit-learn speaks alone.
"""

import subprocess
import tempfile

import numpy as np
import sklearn
from sklearn.neighbors import NearestNeighbors

from make_bundled_data import ROOT, load

CASES = [("iris", 5, "euclidean"), ("wine", 10, "euclidean"), ("old_faithful", 4, "euclidean"),
         ("iris", 20, "manhattan")]


def from_r(points, k):
    """The sorted curve by R's dbscan, or nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        np.savetxt(file, points, fmt="%.17g", delimiter=",")
        file.flush()
        code = (f'x <- as.matrix(read.csv("{file.name}", header = FALSE)); '
                f'cat(sprintf("%.17g", sort(dbscan::kNNdist(x, k = {k}))))')
        done = subprocess.run(["Rscript", "--vanilla", "-e", code], capture_output=True, text=True)
    return np.array(done.stdout.split(), dtype=float) if done.returncode == 0 else None


def main():
    curves, peers = [], {f"scikit-learn {sklearn.__version__}"}
    for name, min_points, metric in CASES:
        points, _ = load(name)
        finder = NearestNeighbors(n_neighbors=min_points, algorithm="brute", metric=metric).fit(points)
        # Not kneighbors()' own distances, which are expanded and rounded.
        rows = finder.kneighbors(points, return_distance=False)[:, -1]
        gaps = points - points[rows]
        curve = np.sort(np.abs(gaps).sum(axis=1) if metric == "manhattan" else np.sqrt((gaps**2).sum(axis=1)))
        if metric == "euclidean" and (by_r := from_r(points, min_points - 1)) is not None:
            np.testing.assert_allclose(by_r, curve, rtol=1e-12)
            peers.add("R's dbscan")
        curves.append((name, min_points, metric, curve))

    lines = ["#pragma once", "",
             f"// Sorted k-distance curves by {' and '.join(sorted(peers))}. Do not edit. Made by",
             "//   python3 tests/golden/suggest_eps.py", "",
             "#include <corymb/core/types.hpp>", "",
             "#include <span>", "#include <string_view>", "",
             "namespace suggest_eps_golden {", "",
             "struct Case {", "  std::string_view data;", "  corymb::Index min_points;", "  std::string_view metric;",
             "  std::span<const double> curve;", "};", "", "// clang-format off"]
    for i, (_, _, _, curve) in enumerate(curves):
        lines.append(f"inline constexpr double curve_{i}[] = {{")
        texts = [f"{value:.17g}" for value in curve]
        lines += ["    " + ", ".join(texts[j:j + 6]) + "," for j in range(0, len(texts), 6)]
        lines.append("};")
    lines.append("inline constexpr Case cases[] = {")
    lines += [f'    {{"{name}", {m}, "{metric}", curve_{i}}},' for i, (name, m, metric, _) in enumerate(curves)]
    lines += ["};", "// clang-format on", "", "}  // namespace suggest_eps_golden", ""]
    (ROOT / "tests/density/suggest_eps_golden_values.hpp").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
