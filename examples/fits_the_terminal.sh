#!/bin/sh
# fits_the_terminal.sh program arg ...: no line before the account of the rows is wider than 80 characters, and no figure
# is a negative zero, infinite or no number.
LC_ALL=C
export LC_ALL
said=$("$@") || exit 1
printf '%s\n' "$said" | awk '
  / rows? read, / { exit }
  { lines++; text = $0; gsub(/[\200-\277]/, "", text) }
  length(text) > 80 { print length(text) ": " $0; wrong = 1 }
  (" " text " ") ~ /[^0-9.,]-0(\.0+)?[^0-9.,-]|[^a-z](nan|inf)[^a-z]/ { print "no figure: " $0; wrong = 1 }
  END { if (lines < 5) { print "too few lines"; wrong = 1 } exit wrong }'
