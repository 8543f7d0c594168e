#!/usr/bin/env python3
"""Makes tests/density/optics_golden_values.hpp from scikit-learn's OPTICS.

    python3 tests/golden/optics.py

Scikit-learn rounds reachabilities to 15 decimals, which makes ties of distances that differ in their last bits, and it
expands the distances of Euclidean neighbours, which unties those that are equal; either changes the ordering. Hence
metric="precomputed" with distances that are exact, and iris in millimetres, which are whole numbers: then both orderings
follow the same rule, the lowest row first. Labels by cluster_optics_dbscan are those of core rows only, and
numbered by their lowest core row; labels by xi are one letter per row, numbered by their lowest row: "." is noise.
"""

import numpy as np
import sklearn
from sklearn.cluster import OPTICS, cluster_optics_dbscan, cluster_optics_xi

from make_bundled_data import ROOT, load

# data, min_samples, max_eps, metric, then the eps of a cut, and for each xi: xi, min_cluster_size, predecessor correction
CASES = [("iris", 5, np.inf, "euclidean", 5.5, [(0.05, 5, True), (0.05, 5, False), (0.1, 10, True)]),
         ("iris", 10, 13.0, "manhattan", 9.5, [(0.05, 10, True), (0.02, 5, True)]),
         ("wine", 6, np.inf, "euclidean", 31.0, [(0.05, 6, True), (0.2, 6, True), (0.05, 6, False)]),
         ("wine", 4, 40.0, "manhattan", 33.3, [(0.08, 4, True)]),
         ("digits", 5, np.inf, "euclidean", 24.1, [(0.02, 10, True), (0.05, 5, True), (0.05, 5, False)])]
DIGITS = 250  # the first so many


def points_of(name):
    points, _ = load(name)
    return np.rint(10 * points) if name == "iris" else points[:DIGITS] if name == "digits" else points


def distances(points, metric):
    """As the library defines them: sums in the order of the columns."""
    total = np.zeros((len(points), len(points)))
    for column in points.T:
        gap = column[:, None] - column[None, :]
        total += np.abs(gap) if metric == "manhattan" else gap * gap
    return total if metric == "manhattan" else np.sqrt(total)


def predecessors_for_xi(model):
    """Before version 1.3 the correction took the row that stands at the place which the predecessor's number names
    (github.com/scikit-learn/scikit-learn/pull/26459): there the numbers must be those of places to name the rows."""
    if tuple(int(part) for part in sklearn.__version__.split(".")[:2]) >= (1, 3):
        return model.predecessor_
    place = np.argsort(model.ordering_)
    return np.where(model.predecessor_ < 0, -1, place[model.predecessor_])


def renumbered(labels, counted):
    """Clusters by the lowest of the rows that count."""
    number = {}
    for label in labels[counted]:
        if label >= 0:
            number.setdefault(label, len(number))
    return np.array([number.get(label, -1) for label in labels])


def letters(labels):
    assert labels.max() < 52, labels.max()
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "".join("." if label < 0 else alphabet[label] for label in labels)


def array_of(kind, name, values):
    lines = [f"inline constexpr {kind} {name}[] = {{"]
    line = "   "
    for text in values:
        if len(line) + len(text) > 116:
            lines.append(line)
            line = "   "
        line += f" {text},"
    return [*lines, line, "};"]


def number(value):
    return "infinity" if np.isinf(value) else f"{value:.15g}"


def main():
    arrays, cases, labels_of_xi = [], [], []
    for c, (name, min_samples, max_eps, metric, eps, xis) in enumerate(CASES):
        points = points_of(name)
        model = OPTICS(min_samples=min_samples, max_eps=max_eps, metric="precomputed").fit(distances(points, metric))
        arrays += array_of("std::int32_t", f"ordering_{c}", map(str, model.ordering_))
        arrays += array_of("std::int32_t", f"predecessor_{c}", map(str, model.predecessor_))
        arrays += array_of("double", f"reachability_{c}", map(number, model.reachability_))
        arrays += array_of("double", f"core_{c}", map(number, model.core_distances_))
        cut = cluster_optics_dbscan(reachability=model.reachability_, core_distances=model.core_distances_,
                                    ordering=model.ordering_, eps=eps)
        cut = renumbered(cut, model.core_distances_ <= eps)
        cases.append(f'    {{"{name}", {min_samples}, {number(max_eps)}, "{metric}", ordering_{c}, predecessor_{c}, '
                     f'reachability_{c}, core_{c}, {eps},')
        text = letters(cut)
        cases += [f'     "{text[i:i + 100]}"' for i in range(0, len(text), 100)]
        cases[-1] += "},"
        for x, (xi, size, correction) in enumerate(xis):
            labels, clusters = cluster_optics_xi(
                reachability=model.reachability_, predecessor=predecessors_for_xi(model), ordering=model.ordering_,
                min_samples=min_samples, min_cluster_size=size, xi=xi, predecessor_correction=correction)
            intervals = sorted((end + 1, -begin) for begin, end in clusters)
            arrays += array_of("Interval", f"intervals_{c}_{x}", [f"{{{-b}, {e}}}" for e, b in intervals])
            text = letters(renumbered(labels, np.full(len(labels), True)))
            labels_of_xi.append(f"    {{{c}, {xi}, {size}, {str(correction).lower()}, intervals_{c}_{x},")
            labels_of_xi += [f'     "{text[i:i + 100]}"' for i in range(0, len(text), 100)]
            labels_of_xi[-1] += "},"
    lines = ["#pragma once", "", f"// Orderings and clusters by OPTICS of scikit-learn {sklearn.__version__}. Do not edit. "
             "Made by", "//   python3 tests/golden/optics.py", "", "#include <corymb/core/types.hpp>", "",
             "#include <cstdint>", "#include <limits>", "#include <span>", "#include <string_view>", "",
             "namespace optics_golden {", "", "inline constexpr double infinity = std::numeric_limits<double>::infinity();",
             "", "struct Case {", "  std::string_view data;", "  corymb::Index min_samples;", "  double max_eps;",
             "  std::string_view metric;", "  std::span<const std::int32_t> ordering;",
             "  std::span<const std::int32_t> predecessor;", "  std::span<const double> reachability;",
             "  std::span<const double> core_distances;", "  double eps;",
             '  std::string_view cut;  // at eps, by row; "." is noise, "a" is 0', "};", "",
             "/// Places in the ordering.", "struct Interval {", "  corymb::Index begin;", "  corymb::Index end;", "};",
             "", "struct Xi {", "  std::size_t of;  // the case", "  double xi;", "  corymb::Index min_cluster_size;",
             "  bool predecessor_correction;", "  std::span<const Interval> intervals;",
             "  std::string_view labels;  // by row", "};", "", "// clang-format off", *arrays,
             "inline constexpr Case cases[] = {", *cases, "};", "inline constexpr Xi xis[] = {", *labels_of_xi, "};",
             "// clang-format on", "", "}  // namespace optics_golden", ""]
    (ROOT / "tests/density/optics_golden_values.hpp").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
