# Reference numbers of balance_statistics_test.cpp. Run: Rscript balance_statistics_reference.R (R 4.2.2).
show <- function(name, x) cat(sprintf("%-28s", name), paste(sprintf("%.12g", x), collapse = ", "), "\n")
cases <- list(c(11, 800, 23, 1083), c(137, 28, 97, 28), c(0, 7, 5, 14), c(4, 3, 0, 5), c(300, 30, 1000, 120), c(6, 1, 6, 1))
for (k in cases) {
  t <- poisson.test(c(k[1], k[3]), c(k[2], k[4]))
  show(paste(k, collapse = " "), c(t$p.value, t$conf.int))
}
t <- poisson.test(c(137, 97), c(28, 28), conf.level = 0.8)
show("80 %", t$conf.int)
for (x in list(c(12, 9, 15, 8, 11, 10, 14, 9), c(3, 40, 2, 35, 1, 50), c(10, 10, 10, 11))) {
  n <- length(x); s <- (n - 1) * var(x) / mean(x)
  show(paste(x, collapse = " "), c(var(x) / mean(x), s / qchisq(c(.975, .025), n - 1),
                                   min(1, 2 * min(pchisq(s, n - 1), 1 - pchisq(s, n - 1)))))
}
# Run lengths: chain of S on the lattice, written as a matrix over all counts to 200.
arl <- function(up, mean, q, m, h) {
  R <- matrix(0, h + 1, h + 1)
  for (s in 0:h) for (x in 0:200) {
    to <- max(0, if (up) s + q * x - m else s + m - q * x)
    if (to <= h) R[s + 1, to + 1] <- R[s + 1, to + 1] + dpois(x, mean)
  }
  solve(diag(h + 1) - R, rep(1, h + 1))[1]
}
show("up 4, k 5, h 10", arl(TRUE, 4, 1, 5, 10))
show("up 0.5, k 3/5, h 22/5", arl(TRUE, 0.5, 5, 3, 22))
show("down 4, k 3, h 9", arl(FALSE, 4, 1, 3, 9))
show("down 2.5, k 7/4, h 30/4", arl(FALSE, 2.5, 4, 7, 30))
