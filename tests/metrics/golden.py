"""Prints the golden values of external_test.cpp: scores of scikit-learn and SciPy, and exact pair counts in integers.

    python3 golden.py          (written with scikit-learn 1.2.1, SciPy 1.10.1, NumPy 1.24.2)
"""

import math
from decimal import Decimal, getcontext
from fractions import Fraction

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import (
    adjusted_mutual_info_score,
    adjusted_rand_score,
    completeness_score,
    fowlkes_mallows_score,
    homogeneity_score,
    mutual_info_score,
    normalized_mutual_info_score,
    rand_score,
    v_measure_score,
)
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


def expected_information(truth, predicted):
    """In 60 digits: scikit-learn's, by logarithms of factorials in double, is good to 3e-10 only on these cases."""
    getcontext().prec = 60
    table = contingency_matrix(truth, predicted)
    n = int(table.sum())
    cells = {}
    for a in map(int, table.sum(axis=1)):
        for b in map(int, table.sum(axis=0)):
            cells[a, b] = cells.get((a, b), 0) + 1
    total = Decimal(0)
    for (a, b), alike in cells.items():
        k = max(0, a + b - n)
        p = Decimal(math.comb(a, k) * math.comb(n - a, b - k)) / Decimal(math.comb(n, b))
        while True:
            if k > 0:
                total += alike * p * k * (Decimal(n * k) / Decimal(a * b)).ln()
            if k == min(a, b) or (k * n > a * b and p < Decimal("1e-40")):
                break
            p *= Decimal((a - k) * (b - k)) / Decimal((k + 1) * (n - a - b + k + 1))
            k += 1
    return total / n


def adjusted_information(truth, predicted, normalizer):
    information, expected = Decimal(mutual_info_score(truth, predicted)), expected_information(truth, predicted)
    h = [Decimal(mutual_info_score(labels, labels)) for labels in (truth, predicted)]
    return (information - expected) / (normalizer(*h) - expected)


cases = [(10, 2, 3, 50), (100, 5, 5, 80), (1000, 10, 4, 60), (1000, 3, 40, 30), (5000, 70, 60, 90), (100000, 8, 9, 70)]
for case in cases:
    t, p = labelings(*case)
    scores = [adjusted_rand_score(t, p), normalized_mutual_info_score(t, p), accuracy(t, p), rand_score(t, p)]
    scores += [mutual_info_score(t, p), expected_information(t, p)]
    for method in ("arithmetic", "geometric", "min", "max"):
        scores.append(normalized_mutual_info_score(t, p, average_method=method))
    for normalizer in (lambda a, b: (a + b) / 2, lambda a, b: (a * b).sqrt(), min, max):
        scores.append(adjusted_information(t, p, normalizer))
    assert abs(float(scores[-4]) - adjusted_mutual_info_score(t, p)) < 1e-9
    scores += [homogeneity_score(t, p), completeness_score(t, p), v_measure_score(t, p, beta=2)]
    scores.append(fowlkes_mallows_score(t, p))
    print("{%s, {%s}}," % (", ".join(map(str, case)), ", ".join(repr(float(s)) for s in scores)))

#Ten thousand million points, where squares overflow 64 bits.
for table in [[[4 * 10**9, 10**9], [2 * 10**9, 3 * 10**9]], [[2500000001, 2499999999], [2499999999, 2500000001]]]:
    def pairs(counts):
        return sum(c * (c - 1) for c in counts)
    cells = pairs(c for row in table for c in row)
    rows = pairs(sum(row) for row in table)
    columns = pairs(sum(column) for column in zip(*table))
    n = sum(sum(row) for row in table)
    expected = Fraction(rows * columns, n * (n - 1))
    print(table, repr(float((cells - expected) / (Fraction(rows + columns, 2) - expected))))
