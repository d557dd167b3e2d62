#!/bin/sh
# stops_on_the_spot.sh program arg ...: nobody reads the program's long answer, so that it waits to write on; Ctrl-C must
# end it there, with exit code 130.
answer=$(mktemp -u)
mkfifo "$answer"
"$@" >"$answer" &
program=$!
exec 3<"$answer"
rm "$answer"
read -r first <&3
sleep 1
kill -INT "$program"
(sleep 20; kill -KILL "$program") >/dev/null 2>&1 3<&- &
watch=$!
wait "$program"
code=$?
kill "$watch" 2>/dev/null
echo "'$first' .. exit code $code"
test "$code" = 130
