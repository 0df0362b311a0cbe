#!/usr/bin/env bash
# A stored failing run is judged again, compared with a passing one, and served.
set -euo pipefail
phaistos=${PHAISTOS:-./phaistos}
store=${STORE:-store}

say() { printf '\n== %s\n' "$*"; }
expect() { # exit code, command...
  local wanted=$1 code=0
  shift
  "$@" || code=$?
  [[ $code == "$wanted" ]] || { echo "exit code $code, expected $wanted: $*" >&2; exit 1; }
}

say "a run that fails, and one that passes"
expect 1 $phaistos run --seed 3 --time-limit 10s --nemesis partition --defect ack-before-standby-flush --store "$store" >/dev/null
failing=$(readlink -f "$store/latest")
expect 0 $phaistos run --seed 3 --time-limit 10s --nemesis partition --store "$store" --keep images >/dev/null
passing=$(readlink -f "$store/latest")

say "both judged again"
expect 1 $phaistos analyze "$failing" | tail -n 1
expect 0 $phaistos analyze "$passing" | tail -n 1
cmp "$failing/results.edn" "$failing/analysis/results.edn"
cmp "$passing/results.edn" "$passing/analysis/results.edn"

say "served"
: >served.txt
$phaistos serve --store "$store" --port 0 >served.txt &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
# A whole line, however long the machine takes; not if the server has ended.
until url=$(sed -n '/^http.*\/$/p' served.txt) && [[ -n $url ]]; do
  kill -0 $server 2>/dev/null || { echo "the server has ended" >&2; exit 1; }
  sleep 0.1
done
echo "$url"
root=$(readlink -f "$store")
a=${failing#"$root"/} b=${passing#"$root"/}
curl -sf -o list.html "${url}"
grep -q 'data-runs' list.html
curl -sf "${url}compare?a=$a&b=$b" | sed 's/<[^>]*>/ /g' | grep -E 'verdict|history' | tr -s ' '
curl -sf "${url}runs/$a/index.html" | grep -o '<p class="word invalid">[a-z]*'
curl -sf -o run.zip "${url}zip/$a"
head -c 2 run.zip
echo " $(wc -c <run.zip) bytes"
[[ $(curl -s -o /dev/null -w '%{http_code}' --path-as-is "${url}runs/../../../etc/passwd") == 403 ]]
kill $server
wait $server || true
echo "served and stopped"
