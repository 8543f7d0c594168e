#!/usr/bin/env python3
"""Makes tests/mixture/variational_mixture_golden_values.hpp from scikit-learn's BayesianGaussianMixture.

    python3 tests/golden/variational_mixture.py

Iris from given labels, without regularisation: virginica, setosa, versicolor, and some rows of the last in the first.
Ours breaks sticks in the order of the sizes, scikit-learn in that of the numbers: these sizes fall from the start to the
end. Where covariances are not full, scikit-learn expects other logarithms of the precisions, so there only the first
update is compared.
"""

import warnings

import numpy as np
import sklearn
from sklearn.mixture import BayesianGaussianMixture

from make_bundled_data import ROOT, load

# scikit-learn's name, ours, iterations
KINDS = [("full", "full", 0), ("full", "full", 1), ("full", "full", 10), ("diag", "diagonal", 0),
         ("spherical", "spherical", 0)]
PRIORS = [("dirichlet_distribution", "dirichlet"), ("dirichlet_process", "dirichlet_process")]


class FromLabels(BayesianGaussianMixture):

    def start(self, X, labels):
        self._check_parameters(X)
        self._initialize(X, np.eye(3)[labels])

    def _initialize_parameters(self, X, random_state):
        self._initialize(X, np.eye(3)[self.labels])


def fit(X, labels, kind, prior, iterations):
    cov = np.cov(X.T, bias=True)
    cov = {"full": cov, "diag": np.diag(cov).copy(), "spherical": np.trace(cov) / X.shape[1]}[kind]
    model = FromLabels(n_components=3, covariance_type=kind, weight_concentration_prior_type=prior, reg_covar=0, tol=0,
                       max_iter=max(iterations, 1), covariance_prior=cov)
    model.labels = labels
    if iterations == 0:
        model.start(X, labels)
        model._set_parameters(model._get_parameters())  # for weights_
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            model.fit(X)
    sizes = model.degrees_of_freedom_
    assert sizes[0] > sizes[1] > sizes[2]
    return model


def numbers(values):
    return "{" + ", ".join("%.12f" % value for value in np.ravel(values)) + "}"


def main():
    lines = ["#pragma once", "",
             f"// Fits by BayesianGaussianMixture of scikit-learn {sklearn.__version__}. Do not edit. Made by",
             "//   python3 tests/golden/variational_mixture.py", "", "#include <corymb/mixture/variational_mixture.hpp>",
             "", "namespace variational_golden {", "", "struct Case {", "  corymb::Covariance covariance;",
             "  corymb::ProportionPrior proportions;", "  int iterations;", "  double proportions_of_mixture[3];",
             "  double mean_precisions[3];", "  double degrees_of_freedom[3];", "  double means[12];",
             "  double variances[12];", "  double covariances[3];  // of the first two columns", "};", "",
             "// clang-format off", "inline constexpr Case cases[] = {"]
    X, classes = load("iris")
    every = np.arange(len(classes)) % 7 == 0
    labels = np.select([classes == 2, classes == 0, every], [0, 1, 0], 2)
    for kind, ours, iterations in KINDS:
        for prior, our_prior in PRIORS:
            model = fit(X, labels, kind, prior, iterations)
            if kind == "full":
                variances = [np.diag(S) for S in model.covariances_]
                covariances = model.covariances_[:, 0, 1]
            else:
                variances = model.covariances_ if kind == "diag" else np.repeat(model.covariances_, 4)
                covariances = np.zeros(3)
            lines.append("    {corymb::Covariance::%s, corymb::ProportionPrior::%s, %d," % (ours, our_prior, iterations))
            lines += ["     %s," % numbers(values) for values in
                      (model.weights_, model.mean_precision_, model.degrees_of_freedom_, model.means_, variances)]
            lines.append("     %s}," % numbers(covariances))
    lines += ["};", "// clang-format on", "", "}  // namespace variational_golden", ""]
    (ROOT / "tests/mixture/variational_mixture_golden_values.hpp").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
