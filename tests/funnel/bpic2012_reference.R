# Reference numbers of bpic2012_test.cpp. Run in this folder: Rscript bpic2012_reference.R [all_events.csv]
# (R 4.2.2, survival 3.5-3). Of all events of the source or of the extract: the numbers are the same.
library(survival)
given <- commandArgs(trailingOnly = TRUE)
d <- read.csv(if (length(given) > 0) given[1] else "../../examples/data/bpic2012_history.csv", stringsAsFactors = FALSE)
d <- d[substr(d$stage, 1, 2) == "A_", ]
d$time <- as.numeric(as.POSIXct(d$entered_at_utc, format = "%Y-%m-%dT%H:%M:%OS", tz = "UTC"))
d$stage[d$stage %in% c("A_REGISTERED", "A_ACTIVATED")] <- "A_APPROVED"
d <- d[!(d$stage == "A_APPROVED" & duplicated(d[, c("case_id", "stage")])), ]  # of the three the first is the win
as_of <- as.numeric(as.POSIXct("2012-03-15", tz = "UTC"))
ends <- c(A_APPROVED = 1, A_DECLINED = 2, A_CANCELLED = 3)
show <- function(name, x) cat(sprintf("%-28s", name), paste(sprintf("%.10g", x), collapse = ", "), "\n")

created <- tapply(d$time, d$case_id, min)
ended <- d[d$stage %in% names(ends), ]
time <- setNames(as_of - created, names(created))
cause <- setNames(rep(0, length(time)), names(time))
id <- as.character(ended$case_id)
time[id] <- ended$time - created[id]
cause[id] <- ends[ended$stage]
time <- time / 86400

s <- summary(survfit(Surv(time, factor(cause)) ~ 1, timefix = FALSE), times = c(1, 7, 14, 30, 60, 90), extend = TRUE)
for (k in 1:4) {
  show(paste("state", k - 1), s$pstate[, k])
  show(paste("state", k - 1, "s.e."), s$std.err[, k])
}
fit <- survfit(Surv(time, cause > 0) ~ 1, timefix = FALSE)
q <- quantile(fit, c(.25, .5, .75, .9))
for (part in names(q)) show(part, q[[part]])
m <- survival:::survmean(fit, rmean = 60)$matrix
show("restricted mean to 60", c(m[["rmean"]], m[["se(rmean)"]]))

# Time in a stage: from its only entry to the next change of the deal.
d <- d[order(d$case_id, d$time), ]  # ties stay in the order of the file
after <- c(d$time[-1], NA)
last <- c(d$case_id[-1] != d$case_id[-nrow(d)], TRUE)
to <- ifelse(last, 0, match(c(d$stage[-1], NA), c("A_ACCEPTED", "A_FINALIZED", "A_APPROVED", "A_DECLINED", "A_CANCELLED")))
stay <- (ifelse(last, as_of, after) - d$time) / 86400
for (stage in c("A_PREACCEPTED", "A_FINALIZED")) {
  here <- d$stage == stage
  show(paste(stage, "median, p90"), quantile(survfit(Surv(stay, to > 0) ~ 1, subset = here, timefix = FALSE), c(.5, .9), conf.int = FALSE))
  f <- survfit(Surv(stay[here], factor(to[here])) ~ 1, timefix = FALSE)
  s <- summary(f, times = c(7, 30), extend = TRUE)
  for (k in seq_along(f$states)) show(paste(stage, "to", f$states[k]), rbind(s$pstate[, k], s$std.err[, k]))
}

# The same curves over a spread of ages.
ages <- c(1/1440, 1/24, .25, 1, 2, 3, 5, 7, 10, 14, 21, 28, 30, 45, 60, 90)
for (stage in c("A_PREACCEPTED", "A_ACCEPTED", "A_FINALIZED")) {
  here <- d$stage == stage
  f <- survfit(Surv(stay[here], factor(to[here])) ~ 1, timefix = FALSE)
  s <- summary(f, times = ages, extend = TRUE)
  cat(stage, sum(here), "visits,", sum(to[here] == 0), "still there\n")
  for (k in seq_along(f$states)) {
    show(paste("curve to", f$states[k]), s$pstate[, k])
    show(paste("curve to", f$states[k], "s.e."), s$std.err[, k])
  }
}
