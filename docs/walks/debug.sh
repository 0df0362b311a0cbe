#!/usr/bin/env bash
# From the page of last night's campaign to a breakpoint in a simulated node, without knowing what is wrong: every
# command but the first comes out of the page. docs/DEBUGGING.md tells the same by hand.
set -euo pipefail
phaistos=${PHAISTOS:-./phaistos}
store=${STORE:-store}

say() { printf '\n== %s\n' "$*"; }

# What a page shows in the open: without the parts that open on a click and name the defect.
open_part() {
  sed '/<details id="defect">/,/<\/details>/d; /<summary>What was asked for/,/<\/details>/d' "$1"
}

# The commands of the first finding's five steps, one a line.
steps() {
  sed -n '/<details class="debug">/,/<\/details>/p' "$1" | sed '/<\/details>/q' | sed -n 's/.*<div class="command"><pre>\(.*\)<\/pre>.*/\1/p' |
    sed 's/&amp;/\&/g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g'
}

say "last night somebody planted a defect"
code=0
$phaistos campaign --seeds 1 --first-seed 3 --workers 1 --explain-limit 0 --time-limit 10s --nemesis partition \
  --defect ack-before-standby-flush --store "$store" --json night.json >night.txt || code=$?
[[ $code == 1 ]] || { cat night.txt >&2; echo "expected an invalid campaign, exit code $code" >&2; exit 1; }
tail -n 4 night.txt

say "the morning: the page has the finding and does not name the defect"
morning=$(readlink -f "$store/campaign")/index.html
open_part "$morning" | grep -o '<h1>[^<]*' | sed 's/<[^>]*>//'
open_part "$morning" | grep -o '<section class="finding".*'
page=$(dirname "$morning")/$(sed -n 's/.*<a href="\(runs[^"]*index.html\)">its page.*/\1/p' "$morning" | head -n 1)
open_part "$page" | grep -o '<p class="join">[^<]*' | sed 's/<[^>]*>//'
if { open_part "$morning"; open_part "$page"; } | grep ack-before >/dev/null; then
  echo "a page names the defect" >&2
  exit 1
fi
mapfile -t step < <(steps "$morning")
[[ ${#step[@]} == 5 ]] || { echo "expected five steps, found ${#step[@]}" >&2; exit 1; }

# As in a shell at the project's root; the launcher may be another one here.
type_in() {
  echo "\$ $1"
  local command=${1//.\/phaistos/$phaistos}
  eval "${command//store\/latest/$store/latest}"
}

say "1: it is judged again"
code=0
type_in "${step[0]}" >again.txt || code=$?
[[ $code == 1 ]]
tail -n 1 again.txt

say "2 and 3: it is repeated, and the histories are equal"
code=0
type_in "${step[1]} --store $store" >repeated.txt || code=$?
[[ $code == 1 ]]
type_in "${step[2]}"

say "4: it waits for a debugger"
waiting=${step[3]/address=127.0.0.1:5005/address=127.0.0.1:0}
echo "\$ $waiting"
: >debugged.txt
(eval "${waiting//.\/phaistos/$phaistos} --store $store" >debugged.txt 2>&1 || true) &
run=$!
trap 'kill $run $(jobs -p) 2>/dev/null || true; rm -f jdb.in' EXIT
# However long the machine takes to start a JVM; not if that has ended.
until port=$(sed -n 's/.*Listening for transport dt_socket at address: \([0-9]*\)$/\1/p' debugged.txt) && [[ -n $port ]]; do
  kill -0 $run 2>/dev/null || { cat debugged.txt >&2; exit 1; }
  sleep 0.1
done

say "5: a node stops where it flushes the record of a commit"
jdb=${JAVA_HOME:+$JAVA_HOME/bin/}jdb
attach=${step[4]/port=5005/port=$port}
attach=${attach/#jdb/$jdb}
echo "\$ $attach"
rm -f jdb.in && mkfifo jdb.in
$attach <jdb.in >jdb.txt 2>&1 &
debugger=$!
exec 3>jdb.in
echo 'stop in phaistos.server.wal.Wal.flushUpTo' >&3
echo 'resume' >&3
until grep -q 'Breakpoint hit' jdb.txt; do
  kill -0 $debugger 2>/dev/null || break
  sleep 0.1
done
echo 'where' >&3
until grep -q 'Wal.flushUpTo' <(sed '1,/Breakpoint hit/d' jdb.txt); do
  kill -0 $debugger 2>/dev/null || break
  sleep 0.1
done
sed -n '/Breakpoint hit/,$p' jdb.txt | head -n 12
grep -q 'Breakpoint hit' jdb.txt || { cat jdb.txt debugged.txt >&2; exit 1; }
echo 'clear phaistos.server.wal.Wal.flushUpTo' >&3
echo 'resume' >&3
wait $run
echo 'exit' >&3 2>/dev/null || true
exec 3>&-
wait $debugger || true

say "and the debugged run is the same run"
cmp "$(dirname "$page")/history.edn" "$store/latest/history.edn" && echo equal
