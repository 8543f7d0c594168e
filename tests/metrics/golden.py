"""Prints the golden values of external_test.cpp: scores of scikit-learn and SciPy, and exact pair counts in integers.

    python3 golden.py          (written with scikit-learn 1.2.1, SciPy 1.10.1, NumPy 1.24.2)
"""

from fractions import Fraction

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix


def labelings(n, classes, clusters, agreement):
    """Labelings that external_test.cpp draws too: a 64-bit linear congruential generator, its upper 31 bits."""
    state = 1
    truth, predicted = [], []

    def draw(bound):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % bound

    for _ in range(n):
        truth.append(draw(classes))
        agrees = draw(100) < agreement
        other = draw(clusters)
        predicted.append(7 * (truth[-1] % clusters) - 3 if agrees else 7 * other - 3)
    return truth, predicted


def accuracy(truth, predicted):
    table = contingency_matrix(truth, predicted)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return table[rows, columns].sum() / len(truth)


for case in [(10, 2, 3, 50), (100, 5, 5, 80), (1000, 10, 4, 60), (1000, 3, 40, 30), (5000, 70, 60, 90), (100000, 8, 9, 70)]:
    truth, predicted = labelings(*case)
    scores = adjusted_rand_score(truth, predicted), normalized_mutual_info_score(truth, predicted), accuracy(truth, predicted)
    print("{%s, %s}," % (", ".join(map(str, case)), ", ".join(repr(float(s)) for s in scores)))

# Ten thousand million points, where squares overflow 64 bits.
for table in [[[4 * 10**9, 10**9], [2 * 10**9, 3 * 10**9]], [[2500000001, 2499999999], [2499999999, 2500000001]]]:
    def pairs(counts):
        return sum(c * (c - 1) for c in counts)
    cells = pairs(c for row in table for c in row)
    rows = pairs(sum(row) for row in table)
    columns = pairs(sum(column) for column in zip(*table))
    n = sum(sum(row) for row in table)
    expected = Fraction(rows * columns, n * (n - 1))
    print(table, repr(float((cells - expected) / (Fraction(rows + columns, 2) - expected))))
