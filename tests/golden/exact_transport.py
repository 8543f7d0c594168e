#!/usr/bin/env python3
"""Makes tests/transport/exact_transport_golden_values.hpp from POT and SciPy.

    python3 tests/golden/exact_transport.py

The first rows of a data set are sent to the others, at Euclidean distances to the power 1 or 2, with equal masses and
with masses that repeat every five rows. POT's network simplex and SciPy's HiGHS must agree.
"""

import numpy as np
import ot
import scipy
from scipy.optimize import linprog
from scipy.sparse import kron, identity, vstack
from scipy.spatial.distance import cdist

from make_bundled_data import ROOT, load

CASES = [("iris", 70, 1), ("wine", 50, 2), ("digits", 120, 1)]


def masses(size, factor):
    mass = 1.0 + (factor * np.arange(size)) % 5
    return mass / mass.sum()


def by_scipy(cost, a, b):
    n, k = cost.shape
    conditions = vstack([kron(identity(n), np.ones((1, k))), kron(np.ones((1, n)), identity(k))])
    done = linprog(cost.ravel(), A_eq=conditions, b_eq=np.concatenate([a, b]), method="highs-ds")
    assert done.status == 0, done.message
    return done.fun


def value(cost, a, b):
    by_pot = ot.emd2(a, b, cost, numItermax=10_000_000)
    np.testing.assert_allclose(by_scipy(cost, a, b), by_pot, rtol=1e-9)
    # The plan of POT decides; its own sum of it is as good as any.
    plan = ot.emd(a, b, cost, numItermax=10_000_000)
    return float((plan * cost).sum())


def main():
    lines = ["#pragma once", "",
             f"// Least costs by POT {ot.__version__}, checked by SciPy {scipy.__version__}. Do not edit. Made by",
             "//   python3 tests/golden/exact_transport.py", "",
             "#include <corymb/core/types.hpp>", "", "#include <string_view>", "",
             "namespace exact_transport_golden {", "",
             "struct Case {", "  std::string_view data;", "  corymb::Index first;  // rows that send", "  int power;",
             "  double even;", "  double uneven;", "};", "", "inline constexpr Case cases[] = {"]
    for name, first, power in CASES:
        points = np.asarray(load(name)[0], dtype=float)[:300]
        cost = cdist(points[:first], points[first:]) ** power
        n, k = cost.shape
        even = value(cost, np.full(n, 1 / n), np.full(k, 1 / k))
        uneven = value(cost, masses(n, 7), masses(k, 3))
        lines.append(f'    {{"{name}", {first}, {power}, {even:.17g}, {uneven:.17g}}},')
    lines += ["};", "", "}  // namespace exact_transport_golden", ""]
    (ROOT / "tests/transport/exact_transport_golden_values.hpp").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
