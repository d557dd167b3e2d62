# Reference numbers of kaplan_meier_test.cpp and aalen_johansen_test.cpp. Run: Rscript survival_reference.R
# (R 4.2.2, survival 3.5-3).
library(survival)
show <- function(name, x) cat(sprintf("%-44s", name), paste(ifelse(is.na(x), "NA", sprintf("%.12g", x)), collapse = ", "), "\n")
limits <- function(name, fit, times) {
  s <- summary(fit, times = times, extend = TRUE)
  show(paste(name, "lower"), s$lower)
  show(paste(name, "upper"), s$upper)
}
quartiles <- function(name, fit, p = c(.25, .5, .75)) {
  q <- quantile(fit, p)
  for (part in names(q)) show(paste(name, part), q[[part]])
}

cat("# 6-MP arm of Gehan 1965 (Freireich et al. 1963), weeks of remission\n")
weeks <- c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
end <- c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
for (kind in c("plain", "log", "log-log")) {
  fit <- survfit(Surv(weeks, end) ~ 1, conf.type = kind)
  limits(paste("6-MP", kind), fit, c(6, 13, 23))
  quartiles(paste("6-MP", kind), fit)
}
for (horizon in c(5, 20, 35)) {
  m <- survival:::survmean(fit, rmean = horizon)$matrix
  show(paste("6-MP restricted mean to", horizon), c(m[["rmean"]], m[["se(rmean)"]]))
}

cat("# placebo arm: everyone relapsed\n")
placebo <- c(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
fit <- survfit(Surv(placebo, rep(1, 21)) ~ 1, conf.type = "log")
quartiles("placebo log", fit, c(1/3, .5, .9, 1))

cat("# left truncation with ties\n")
entry <- c(0, 0, 0, 1, 2, 2, 3, 3, 4, 4.5, 5, 6)
time <- c(2, 3, 6, 4, 5, 6, 5, 7, 9, 8, 6, 9)
cause <- c(1, 0, 2, 1, 1, 1, 0, 2, 2, 1, 1, 0)
fit <- survfit(Surv(entry, time, cause > 0) ~ 1)
show("truncated time", fit$time)
show("truncated at risk", fit$n.risk)
show("truncated survival", fit$surv)
show("truncated std.err", summary(fit)$std.err)
show("truncated hazard", fit$cumhaz)
show("truncated hazard std.err", fit$std.chaz)
quartiles("truncated log", fit)
m <- survival:::survmean(fit, rmean = 8)$matrix
show("truncated restricted mean to 8", c(m[["rmean"]], m[["se(rmean)"]]))
fit <- survfit(Surv(entry, time, factor(cause)) ~ 1, id = seq_along(time))
show("truncated competing time", fit$time)
for (k in 1:3) show(paste("truncated competing", fit$states[k]), fit$pstate[, k])

cat("# competing risks with ties\n")
time <- c(0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 5, 5, 6, 6, 7, 8, 8, 9, 10)
cause <- c(1, 1, 2, 0, 3, 1, 0, 1, 2, 2, 0, 3, 3, 1, 0, 2, 1, 0, 3, 0)
fit <- survfit(Surv(time, factor(cause)) ~ 1)
s <- summary(fit, times = c(0, 1, 2.5, 3, 5, 6, 8, 9, 12), extend = TRUE)
for (k in 1:4) {
  show(paste("competing", fit$states[k]), s$pstate[, k])
  show(paste("competing std.err", fit$states[k]), s$std.err[, k])
}
