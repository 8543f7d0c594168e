# Lloyd's algorithm of R's stats::kmeans, called by kmeans.py:
#   Rscript --vanilla kmeans.R POINTS.csv COPIES.csv ROWS.csv
# POINTS: n x d values; COPIES: how often each row counts; ROWS: zero-based rows that the centroids start from.
# Prints three lines: iterations; cluster sizes (sums of copies); the total within sum of squares.
files <- commandArgs(trailingOnly = TRUE)
points <- as.matrix(read.csv(files[1], header = FALSE, colClasses = "numeric"))
copies <- scan(files[2], quiet = TRUE)
rows <- scan(files[3], quiet = TRUE) + 1
fit <- kmeans(points[rep(seq_len(nrow(points)), copies), ], points[rows, ], algorithm = "Lloyd", iter.max = 300)
cat(fit$iter, "\n")
cat(fit$size, "\n")
cat(sprintf("%.17g\n", fit$tot.withinss))
