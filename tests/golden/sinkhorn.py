#!/usr/bin/env python3
"""Makes tests/transport/sinkhorn_golden_values.hpp from POT (Python Optimal Transport).

    python3 tests/golden/sinkhorn.py

Costs and masses are those of golden_cost() and golden_masses() of tests/transport/sinkhorn_test.cpp.
"""

import numpy as np
import ot

from make_bundled_data import ROOT

N, K, EPSILON = 12, 5, 0.05


def problem():
    i, j = np.arange(N), np.arange(K)
    x = np.stack([(7 * i % 11) / 11, (5 * i % 13) / 13], axis=1)
    y = np.stack([(3 * j % 5) / 5, (2 * j % 7) / 7], axis=1)
    cost = ((x[:, None] - y[None]) ** 2).sum(axis=2)
    a = (1 + i % 3).astype(float)
    b = (1 + j % 2).astype(float)
    return cost, a / a.sum(), b / b.sum()


def main():
    cost, a, b = problem()
    unbalanced = lambda strength: ot.unbalanced.sinkhorn_knopp_unbalanced(a, 1.5 * b, cost, EPSILON, strength,
                                                                          numItermax=1000000, stopThr=1e-15)
    cases = [
        ("balanced", ot.sinkhorn(a, b, cost, EPSILON, numItermax=100000, stopThr=1e-15)),
        ("log_domain_of_small_epsilon", ot.sinkhorn(a, b, cost, 0.002, method="sinkhorn_log", numItermax=1000000,
                                                    stopThr=1e-13)),
        ("unbalanced", unbalanced(0.5)),
        ("strongly_unbalanced", unbalanced(20)),
        ("partial", ot.partial.entropic_partial_wasserstein(a, b, cost, EPSILON, m=0.6, numItermax=100000,
                                                            stopThr=1e-15)),
    ]
    lines = ["#pragma once", "", f"// Plans by POT {ot.__version__}. Do not edit. Made by", "//   python3 tests/golden/sinkhorn.py",
             "", "namespace sinkhorn_golden {", "", f"inline constexpr int n = {N}, k = {K};", "", "// clang-format off"]
    for name, plan in cases:
        assert np.isfinite(plan).all()
        lines.append("inline constexpr double %s[] = {" % name)
        lines += ["    " + ", ".join("%.15g" % p for p in row) + "," for row in plan]
        lines.append("};")
    lines += ["// clang-format on", "", "}  // namespace sinkhorn_golden", ""]
    (ROOT / "tests/transport/sinkhorn_golden_values.hpp").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
