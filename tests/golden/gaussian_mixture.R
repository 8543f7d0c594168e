# Mixtures of each family of covariances by R's mclust, for tests/mixture. From the root of the repository:
#   Rscript tests/golden/gaussian_mixture.R > tests/mixture/mclust_golden_values.hpp
# Iris with every seventh label, from the first, moved on by one; EM until nothing changes.
suppressMessages(library(mclust))
X <- as.matrix(iris[, 1:4])
y <- as.integer(iris$Species)
wrong <- seq(1, nrow(X), by = 7)
y[wrong] <- y[wrong] %% 3 + 1
cat("#pragma once\n\n")
cat(sprintf("// Fits by mclust %s. Do not edit. Made by\n", packageVersion("mclust")))
cat("//   Rscript tests/golden/gaussian_mixture.R\n\n")
cat("#include <corymb/mixture/gaussian_mixture.hpp>\n\n")
cat("namespace mclust_golden {\n\n")
cat("struct Case {\n  corymb::Covariance covariance;\n  double log_likelihood;  // mean\n")
cat("  corymb::Index parameters;\n};\n\n")
cat("constexpr Case cases[] = {\n")
for (model in mclust.options("emModelNames")) {
  fit <- me(modelName = model, data = X, z = unmap(y),
            control = emControl(tol = c(1e-13, 1e-13), itmax = c(20000, 2000), eps = 0))
  cat(sprintf("    {corymb::Covariance::%s, %.10f, %d},\n", tolower(model), fit$loglik / nrow(X),
              nMclustParams(model, ncol(X), 3)))
}
cat("};\n\n}  // namespace mclust_golden\n")
