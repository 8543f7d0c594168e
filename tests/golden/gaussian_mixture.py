#!/usr/bin/env python3
"""Makes tests/mixture/gaussian_mixture_golden_values.hpp from scikit-learn's GaussianMixture.

    python3 tests/golden/gaussian_mixture.py

Ten iterations without regularisation, from the parameters of given labels: the classes, every seventh row moved to the
next one.
"""

import warnings

import numpy as np
import sklearn
from sklearn.mixture import GaussianMixture
from sklearn.mixture._gaussian_mixture import _compute_precision_cholesky, _estimate_gaussian_parameters

from make_bundled_data import ROOT, load

# scikit-learn's name, ours
KINDS = [("full", "full"), ("tied", "tied"), ("diag", "diagonal"), ("spherical", "spherical")]


def fit(X, labels, kind):
    weights, means, covariances = _estimate_gaussian_parameters(X, np.eye(3)[labels], 0, kind)
    factor = _compute_precision_cholesky(covariances, kind)
    if kind == "full":
        precisions = np.array([f @ f.T for f in factor])
    else:
        precisions = factor @ factor.T if kind == "tied" else factor**2
    model = GaussianMixture(3, covariance_type=kind, reg_covar=0, tol=0, max_iter=10, weights_init=weights / len(X),
                            means_init=means, precisions_init=precisions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged
        return model.fit(X)


def main():
    lines = ["#pragma once", "", f"// Fits by GaussianMixture of scikit-learn {sklearn.__version__}. Do not edit. Made by",
             "//   python3 tests/golden/gaussian_mixture.py", "", "#include <corymb/mixture/gaussian_mixture.hpp>", "",
             "#include <string_view>", "", "namespace gaussian_mixture_golden {", "", "struct Case {",
             "  std::string_view data;", "  corymb::Covariance covariance;", "  double log_likelihood;  // mean",
             "  double bic;", "  double aic;", "};", "", "// clang-format off", "inline constexpr Case cases[] = {"]
    for name in ("iris", "wine"):
        X, labels = load(name)
        labels = np.where(np.arange(len(labels)) % 7 == 0, (labels + 1) % 3, labels)
        for kind, ours in KINDS:
            model = fit(X, labels, kind)
            lines.append('    {"%s", corymb::Covariance::%s, %.12f, %.9f, %.9f},' %
                         (name, ours, model.score(X), model.bic(X), model.aic(X)))
    lines += ["};", "// clang-format on", "", "}  // namespace gaussian_mixture_golden", ""]
    (ROOT / "tests/mixture/gaussian_mixture_golden_values.hpp").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
