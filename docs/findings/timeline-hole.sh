#!/usr/bin/env bash
# A synchronous standby dies in the first segment of a new timeline, and loses commits that it acknowledged.
#
# usage: timeline-hole.sh BIN DIR     not as root
#   BIN  PostgreSQL's programs (13 or later): initdb, pg_ctl, pg_basebackup, psql
#   DIR  a folder that does not exist yet; about 200 MB
# Needs bash and python3. Exit code 1: commits were lost; 0: none. Takes less than a minute.
# REMEDY=aside in the environment moves the new timeline's incomplete segment away before n3 is started alone,
# REMEDY=current starts n3 with recovery_target_timeline = 'current': with either of them nothing is lost.
# END=power replaces what n3 had not synced of that segment by zeroes after its death: n3 does not become ready.
# END=none does not kill n3 but promotes it while its link is slow: it may PANIC, and is then started alone.
# ARCHIVE=on gives all nodes a common archive (archive_command, restore_command): the same is lost.
# ARCHIVE=switched has n2 archive the new timeline's first segment before it dies: nothing is lost.
set -euo pipefail
bin=$1
mkdir "$2"
cd "$2"
first=${PORT:-17610} second=$((${PORT:-17610} + 1)) third=$((${PORT:-17610} + 2)) slow=$((${PORT:-17610} + 3))
rows=600
link=

ask() { "$bin/psql" -X -A -t -q -h 127.0.0.1 -p "$1" -U postgres -d postgres -c "$2"; }

start() { "$bin/pg_ctl" -D "$1" -l "$1.log" -w -t 60 start >/dev/null; }

# SIGKILL to the postmaster and then to its children.
kill_node() {
  local postmaster children
  postmaster=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) || return 0
  children=$(cat "/proc/$postmaster/task/$postmaster/children" 2>/dev/null || true)
  # shellcheck disable=SC2086
  kill -9 "$postmaster" $children 2>/dev/null || true
  sleep 1
  rm -f "$1/postmaster.pid"
}

until_true() { # port, query
  for _ in $(seq 300); do
    [[ $(ask "$1" "$2" 2>/dev/null || true) == t ]] && return
    sleep 0.1
  done
  echo "never true on port $1: $2" >&2
  exit 2
}

caught_up() { until_true "$1" "select pg_last_wal_replay_lsn() >= '$(ask $first 'select pg_current_wal_lsn()')'"; }

finish() {
  if [[ -n $link ]]; then kill "$link" 2>/dev/null || true; fi
  for node in n1 n2 n3; do
    if [[ -e $node/postmaster.pid ]]; then "$bin/pg_ctl" -D $node -m immediate stop >/dev/null 2>&1 || true; fi
  done
}
trap finish EXIT

# 1. A primary n1 with the standbys n2 and n3; n3 is synchronous.
"$bin/initdb" -D n1 -U postgres -A trust >/dev/null
cat >>n1/postgresql.conf <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
autovacuum = off
checkpoint_timeout = 1h
max_wal_size = 4GB
wal_keep_size = 1GB
wal_sender_timeout = 0
wal_receiver_timeout = 0
port = $first
END
if [[ -n ${ARCHIVE:-} ]]; then
  mkdir archive
  cat >>n1/postgresql.conf <<END
archive_mode = on
archive_command = 'test ! -e $PWD/archive/%f && cp %p $PWD/archive/%f'
restore_command = 'cp $PWD/archive/%f %p'
END
fi
start n1
for node in n2 n3; do
  "$bin/pg_basebackup" -h 127.0.0.1 -p $first -U postgres -D $node -c fast -X stream
  touch $node/standby.signal
  cat >>$node/postgresql.conf <<END
port = $([[ $node == n2 ]] && echo $second || echo $third)
primary_conninfo = 'host=127.0.0.1 port=$first user=postgres application_name=$node'
END
  start $node
done
ask $first "alter system set synchronous_standby_names = 'FIRST 1 (n3)'"
ask $first 'select pg_reload_conf()' >/dev/null
until_true $first "select sync_state = 'sync' from pg_stat_replication where application_name = 'n3'"
ask $first 'create table t (id int primary key, pad text)'
ask $first 'alter table t alter pad set storage plain'
ask $first 'select pg_switch_wal()' >/dev/null
ask $first checkpoint
caught_up $third
ask $third checkpoint # n3's restartpoint is at the start of the segment

# 2. One row a transaction, each acknowledged by n3.
for id in $(seq $rows); do
  echo "insert into t values ($id, repeat('x', 7000)) returning id;"
done | "$bin/psql" -X -A -t -q -h 127.0.0.1 -p $first -U postgres -d postgres >acknowledged
segment=$(ask $first 'select substr(pg_walfile_name(pg_current_wal_lsn()), 9)')
caught_up $second
caught_up $third
echo "acknowledged: $(wc -l <acknowledged) commits, in segment 00000001$segment"

# 3. n1 dies, n2 is promoted, n3 follows it over a slow link.
kill_node n1
"$bin/pg_ctl" -D n2 -w promote >/dev/null
cat >link.py <<'END'
import socket, sys, threading, time
# Passes bytes between two ports; what comes back from the second one is limited to 400 kB a second.
def pump(source, target, piece, wait):
    try:
        while data := source.recv(piece):
            target.sendall(data)
            time.sleep(wait)
    except OSError:
        pass
    for end in (source, target):
        try: end.shutdown(socket.SHUT_RDWR)
        except OSError: pass
server = socket.create_server(('127.0.0.1', int(sys.argv[1])))
while True:
    client, _ = server.accept()
    try:
        upstream = socket.create_connection(('127.0.0.1', int(sys.argv[2])))
    except OSError:
        client.close()
        continue
    threading.Thread(target=pump, args=(client, upstream, 65536, 0), daemon=True).start()
    threading.Thread(target=pump, args=(upstream, client, 8192, 0.02), daemon=True).start()
END
python3 link.py $slow $second &
link=$!
sleep 1
echo "primary_conninfo = 'host=127.0.0.1 port=$slow user=postgres application_name=n3'" >>n3/postgresql.conf
"$bin/pg_ctl" -D n3 reload >/dev/null

# 4. n3 dies when it has a part of the new timeline's first segment, and nobody else is left.
new=n3/pg_wal/00000002$segment
for _ in $(seq 600); do
  # a page of this segment that was written begins with a magic number
  if [[ -e $new && $(od -A n -t x1 -j 819200 -N 2 "$new" | tr -d ' ') != 0000 ]]; then break; fi
  sleep 0.05
done
echo "n3: $(ask $third "select 'received and flushed ' || pg_last_wal_receive_lsn() || ', replayed ' || pg_last_wal_replay_lsn()")"
echo "n2 of n3: $(ask $second "select 'written ' || write_lsn || ', flushed ' || flush_lsn from pg_stat_replication")"
case ${END:-kill} in
  kill) kill_node n3 ;;
  power)
    kill_node n3
    head -c "$(stat -c %s "$new")" /dev/zero >zeroes
    cat zeroes >"$new"
    ;;
esac
if [[ ${ARCHIVE:-} == switched ]]; then
  ask $second 'select pg_switch_wal()' >/dev/null
  until_true $second "select last_archived_wal >= '00000002$segment' from pg_stat_archiver"
fi
kill_node n2
kill "$link" 2>/dev/null || true
link=
if [[ ${END:-kill} == none ]]; then
  "$bin/pg_ctl" -D n3 -w -t 20 promote >/dev/null 2>&1 || true
  grep PANIC n3.log || true
  kill_node n3
fi
echo "n3 died with a part of 00000002$segment"

# 5. n3 is started alone, and promoted.
echo "primary_conninfo = ''" >>n3/postgresql.conf
case ${REMEDY:-} in
  aside) mv "$new" aside ;;
  current) echo "recovery_target_timeline = 'current'" >>n3/postgresql.conf ;;
esac
start n3 || { echo "n3 does not become ready"; tail -n 3 n3.log; exit 1; }
"$bin/pg_ctl" -D n3 -w -t 60 promote >/dev/null
ask $third 'select id from t order by id' >present
lost=$(sort acknowledged | comm -23 - <(sort present) | wc -l)
"$bin/postgres" --version
echo "present after the promotion: $(wc -l <present); acknowledged and lost: $lost"
cat n3/pg_wal/*.history | sort -u
((lost == 0))
