#!/bin/sh
# Makes bpic2012_history.csv from the events of BPI Challenge 2012 as CSV (see README.md beside this script):
#
#   sh extract_bpic2012.sh all_events.csv > bpic2012_history.csv
#
# Reads the columns case_id, stage, entered_at_utc, amount_requested, rows of a case in order of time. Keeps what a
# pipeline is made of: the A_ events, of which A_APPROVED, A_REGISTERED and A_ACTIVATED are one event seen three times,
# so only the first of a case stays; and of the O_ events O_SENT and O_SENT_BACK. Times lose their Z and zeros at the
# end of their milliseconds, nothing else. Bytes, and so checksums, do not depend on locale or awk.
set -eu
LC_ALL=C
export LC_ALL
if [ $# -ne 1 ] || [ ! -r "$1" ]; then
  echo "usage: sh extract_bpic2012.sh all_events.csv > bpic2012_history.csv" >&2
  exit 2
fi
awk -F, '
  { sub(/\r$/, "") }
  NR == 1 {
    if ($0 != "case_id,stage,entered_at_utc,amount_requested") {
      print "unexpected header: " $0 > "/dev/stderr"
      exit 2
    }
    print
    next
  }
  $2 == "A_APPROVED" || $2 == "A_REGISTERED" || $2 == "A_ACTIVATED" {
    if ($1 in won) next
    won[$1] = 1
  }
  $2 ~ /^A_/ || $2 == "O_SENT" || $2 == "O_SENT_BACK" {
    time = $3
    sub(/Z$/, "", time)
    if (time ~ /\./) sub(/\.?0*$/, "", time)
    print $1 "," $2 "," time "," $4
  }' "$1"
