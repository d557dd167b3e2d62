# Reference numbers of the real pipeline in metrics_test.cpp. Run in this folder: Rscript metrics_reference.R (R 4.2.2,
# survival 3.5-3).
library(survival)
d <- read.csv("../../examples/data/bpic2012_history.csv", stringsAsFactors = FALSE)
d <- d[substr(d$stage, 1, 2) == "A_", ]
d$time <- as.numeric(as.POSIXct(d$entered_at_utc, format = "%Y-%m-%dT%H:%M:%OS", tz = "UTC"))
as_of <- as.numeric(as.POSIXct("2012-01-15", tz = "UTC"))
since <- as.numeric(as.POSIXct("2011-12-15", tz = "UTC"))
d <- d[d$time <= as_of, ]
ends <- c(A_APPROVED = 1, A_REGISTERED = 1, A_ACTIVATED = 1, A_DECLINED = 2, A_CANCELLED = 2)
show <- function(name, x) cat(sprintf("%-28s", name), paste(sprintf("%.10g", x), collapse = ", "), "\n")

created <- tapply(d$time, d$case_id, min)
amount <- tapply(d$amount_requested, d$case_id, function(x) x[1])  # does not change
ended <- d[d$stage %in% names(ends), ]
ended <- ended[order(ended$time), ]
ended <- ended[!duplicated(ended$case_id), ]
end <- setNames(rep(as_of, length(created)), names(created))
cause <- setNames(rep(0, length(created)), names(created))
id <- as.character(ended$case_id)
end[id] <- ended$time
cause[id] <- ends[ended$stage]
days <- (end - created) / 86400
show("amounts of 0", sum(amount == 0))

show("deals, open, value", c(length(days), sum(cause == 0), sum(amount[cause == 0])))
for (by in c("count", "value")) {
  w <- if (by == "count") rep(1, length(days)) else as.numeric(amount)
  f <- survfit(Surv(days, factor(cause)) ~ 1, weights = w, id = seq_along(days), timefix = FALSE)
  s <- summary(f, times = c(15, 30))
  show(paste("won by 15, 30,", by), s$pstate[, 2])
  show(paste("s.e.", by), s$std.err[, 2])
  if (by == "count") {
    won <- f$pstate[, 2]
    show("median to a win", f$time[which(won >= max(won) / 2)[1]])
    show("mean to a win", sum(f$time * diff(c(0, won))) / max(won))
  }
}
closed <- cause > 0 & end > since
show("closed: won, lost, days", c(sum(cause[closed] == 1), sum(cause[closed] == 2), mean(days[closed])))
known <- amount > 0 | cause != 2  # a lost deal of 0 has an unknown amount
for (k in 1:2) {
  t <- t.test(amount[cause == k & known])
  show(paste("mean size, cause", k), c(t$estimate, t$conf.int))
  show(paste("median, trimmed, cause", k), c(median(amount[cause == k & known]), mean(amount[cause == k & known], trim = 0.1)))
}
