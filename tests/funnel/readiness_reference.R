# Reference numbers of readiness_test.cpp and action_plan_test.cpp. Run in this folder: Rscript readiness_reference.R
# (R 4.2.2, survival 3.5-3).
library(survival)
d <- read.csv("../../examples/data/bpic2012_history.csv", stringsAsFactors = FALSE)
d <- d[substr(d$stage, 1, 2) == "A_", ]
d$time <- as.numeric(as.POSIXct(d$entered_at_utc, format = "%Y-%m-%dT%H:%M:%OS", tz = "UTC"))
d$stage[d$stage %in% c("A_REGISTERED", "A_ACTIVATED")] <- "A_APPROVED"  # the file has the first of the three
as_of <- as.numeric(as.POSIXct("2012-02-10", tz = "UTC"))
d <- d[d$time <= as_of, ]
d <- d[order(d$case_id, d$time), ]  # ties stay in the order of the file
after <- c(d$time[-1], NA)
last <- c(d$case_id[-1] != d$case_id[-nrow(d)], TRUE)
to <- ifelse(last, 0, match(c(d$stage[-1], NA), c("A_ACCEPTED", "A_FINALIZED", "A_APPROVED", "A_DECLINED", "A_CANCELLED")))
to[to == 5] <- 4  # declined or cancelled: lost
stay <- (ifelse(last, as_of, after) - d$time) / 86400
show <- function(name, x) cat(sprintf("%-34s", name), paste(sprintf("%.10g", x), collapse = ", "), "\n")

# Among those still there at some age: start.time.
for (stage in c("A_PREACCEPTED", "A_FINALIZED"))
  for (age in c(3, 12, 25)) {
    here <- d$stage == stage
    f <- survfit(Surv(stay[here], factor(to[here])) ~ 1, timefix = FALSE, start.time = age)
    s <- summary(f, times = age + 7, extend = TRUE)
    for (k in seq_along(f$states)) show(paste(stage, "age", age, "to", f$states[k]), c(s$pstate[1, k], s$std.err[1, k]))
    show(paste(stage, "age", age, "at risk"), sum(stay[here] > age))
  }
