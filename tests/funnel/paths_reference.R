# The numbers of "Weighted incidence and its clustered errors are those of R" in paths_test.cpp.
# survfit does not cluster the errors of several ends by deal, so they are taken from its estimates: what each changes
# by when all spells of a deal weigh a little more, squared and added up.
library(survival)
options(digits = 12)
time <- c(2, 3, 3, 5, 7, 7, 8, 10, 12, 15, 15, 20)
end <- factor(c(1, 0, 2, 1, 2, 1, 0, 1, 2, 0, 1, 0), 0:2, c("censored", "won", "lost"))
weight <- c(1, 0.5, 2, 1, 0.25, 1.5, 1, 1, 0.5, 1, 2, 1)
deal <- c(1, 2, 1, 3, 4, 4, 5, 6, 2, 7, 8, 8)

won <- function(w) summary(survfit(Surv(time, end) ~ 1, weights = w), times = 10)$pstate[, 2]
step <- 1e-5
change <- sapply(unique(deal), function(d) {
  factor <- ifelse(deal == d, step, 0)
  (won(weight * (1 + factor)) - won(weight * (1 - factor))) / (2 * step)
})
cat("won", format(won(weight)), format(sqrt(sum(change^2))), "\n")

# With one end survfit does: the restricted mean and its influence by deal, which includes the weights.
any <- survfit(Surv(time, end != "censored") ~ 1, weights = weight, cluster = deal, robust = TRUE, influence = 1)
early <- any$time < 10
widths <- diff(c(any$time[early], 10))
cat("mean", format(any$time[1] + sum(any$surv[early] * widths)),
    format(sqrt(sum((any$influence.surv[, early] %*% widths)^2))), "\n")
