# Reference numbers of strengths_test.cpp. Run: Rscript strengths_reference.R (R 4.2.2).
p <- c(0.041, 0.0002, 0.9, 0.03, 0.03, 0.5, 0.0011, 1, 0)
cat("BH", sprintf("%.10g", p.adjust(p, "BH")), "\n")
# 60 of 120 against 40 of 200: without correction for continuity, chi-squared is z^2
x <- prop.test(c(60, 40), c(120, 200), correct = FALSE)
cat("score test", sprintf("%.10g", c(sqrt(x$statistic), x$p.value)), "\n")
# DerSimonian & Laird by their formula, for two values: 1 - 1 / z^2
