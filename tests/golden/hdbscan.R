# The clusters of R's dbscan::hdbscan (1.1-11), whose minPts is min_cluster_size and min_samples, for
# tests/density/hdbscan_golden_test.cpp. Its membership probabilities and outlier scores are defined otherwise. Its
# hierarchy is binary: of what joins at one distance, as all does that a row joins at its own core distance, some comes
# first, and a set may be large enough for no more than a moment. So on other data its selection may differ.
# Rscript --vanilla tests/golden/hdbscan.R > tests/density/hdbscan_golden_values.hpp
suppressPackageStartupMessages(library(dbscan))
cat("#pragma once\n\n#include <string_view>\n#include <vector>\n\n// Made by tests/golden/hdbscan.R.\n")
cat("namespace hdbscan_golden {\n\nstruct Case {\n  int min_points;\n")
cat("  std::string_view labels;  // . = noise, then a, b, ... by the lowest row\n")
cat("};\n\n")
cat("inline const std::vector<Case> iris_cases = {\n")
for (k in c(3, 5, 8, 12, 20)) {
  fit <- hdbscan(as.matrix(iris[, 1:4]), minPts = k)
  found <- setdiff(unique(fit$cluster), 0)
  letter <- ifelse(fit$cluster == 0, ".", letters[match(fit$cluster, found)])
  cat(sprintf("    {%s,\n", k))
  text <- paste(letter, collapse = "")
  for (from in seq(1, nchar(text), 90)) cat(sprintf("     \"%s\"\n", substr(text, from, min(from + 89, nchar(text)))))
  cat("    },\n")
}
cat("};\n\n}  // namespace hdbscan_golden\n")
