# The medoids that R's cluster::pam finds from given ones, by FasterPAM (pamonce = 6) and by PAM (pamonce = FALSE), for
# tests/partition/kmedoids_test.cpp. cluster 2.1.4 ends its FasterPAM early from some starts (k = 8 here), where a swap
# still improves; the test leaves that one out. Rscript --vanilla tests/golden/kmedoids.R
library(cluster)
X <- as.matrix(iris[, 1:4])
for (k in c(2, 3, 5, 8, 13)) {
  start <- round(seq(3, 147, length.out = k))
  for (once in list(6, FALSE)) {
    fit <- pam(dist(X), k, medoids = start, pamonce = once)
    cat(sprintf("{%s, {%s}, {%s}, %.17g},\n", if (once == 6) "true" else "false",
                paste(start - 1, collapse = ", "), paste(sort(fit$id.med) - 1, collapse = ", "),
                fit$objective[["swap"]] * nrow(X)))
  }
}
