# Process 1 of a MySQL pod: starts mysqld, and starts it again when it ends, as it does by itself after CLONE and RESTART.
# Only the shell, coreutils and the server's own client are used.
#
# On the volume, all below $volume:
#   data/             mysqld's own
#   binlogs-kept/ID/  hard links of the binlogs that this member wrote as server ID: what a re-seed would delete
#   data-broken-off/  what a CLONE left that mysqld did not survive; until the next whole one
#   alive/            a named pipe per living copy of this script, see wait_for_others
set -u
umask 077
export LC_ALL=C

volume=/var/lib/mysql
data=$volume/data
kept=$volume/binlogs-kept
broken_off=$volume/data-broken-off
run=/run/mysqld
settings=/etc/holdfast
week_s=604800

say() { echo "holdfast: $*" >&2; }

. "$settings/mysql-client.sh"
. "$settings/accounts.sh"

# --- stopping ---

# mysqld answers SIGTERM by letting every commit that waits for its acknowledgement return OK to its client. So clients
# are closed first; where that does not work within a second, SIGKILL loses nothing that anybody was told of.
close_clients() {
  timeout -s KILL 1 sh -c '
    . /etc/holdfast/mysql-client.sh
    query "SET GLOBAL offline_mode = ON" &&
    kills=$(query "SELECT CONCAT(\"KILL \", id, \";\") FROM information_schema.processlist
      WHERE id <> CONNECTION_ID() AND user NOT IN (\"$MYSQL_REPLICATION_USER\", \"system user\", \"event_scheduler\") AND command <> \"Daemon\"") &&
    { [ -z "$kills" ] || query "$kills" --force || true; }
  ' 2>&1
}

stopping=
mysqld_pid=
on_term() {
  stopping=yes
  # Nothing runs yet, or it waits before a start.
  [ -n "$mysqld_pid" ] || exit 0
}
trap on_term TERM INT

stop_mysqld() {
  say "stopping: closing the clients"
  if said=$(close_clients); then
    say "clients are closed: SIGTERM"
    kill -TERM "$mysqld_pid"
  else
    say "the clients could not be closed, so SIGKILL: ${said:-no answer within a second}"
    kill -KILL "$mysqld_pid"
  fi
  # Past this nothing is gained by waiting: recovery is quick, and the next start may be waited for.
  { sleep 20; kill -KILL "$mysqld_pid"; } 2>/dev/null &
  while kill -0 "$mysqld_pid" 2>/dev/null; do wait "$mysqld_pid"; done
  say "mysqld has ended"
  exit 0
}

# Waits in a way that SIGTERM ends.
pause() { sleep "$1" & wait $!; }

# --- one at a time ---

# A pod that was deleted by force is replaced while its mysqld still runs, on the same volume. Who lives holds a named
# pipe open, which its mysqld inherits: opening a pipe for writing fails where nobody reads. The kernel closes it with
# its holder, however that ends. A new one waits until no other is left before it touches anything.
hold_pipe() {
  mkdir -p "$volume/alive" || return 1
  own=$volume/alive/$POD_UID
  rm -f "$own" "$own.new"
  mkfifo "$own.new" && exec 9<>"$own.new" && mv "$own.new" "$own"
}

has_reader() { dd if=/dev/null of="$1" oflag=nonblock conv=notrunc,nocreat 2>/dev/null; }

wait_for_others() {
  told=
  for pipe in "$volume"/alive/*; do
    case $pipe in "$own" | *.new) continue ;; esac
    while has_reader "$pipe"; do
      [ -n "$told" ] || say "waiting: the pod that was here before still uses this volume"
      told=yes
      pause 0.1
    done
    rm -f "$pipe"
  done
}

# --- before each start ---

server_uuid() {
  [ -e "$data/auto.cnf" ] || return 0
  while IFS== read -r key value; do
    [ "$key" != server-uuid ] || echo "$value"
  done <"$data/auto.cnf"
}

# CLONE's own marks. The first stands from before the old data is removed until the statement ends, well or not; the second
# once it has ended well, until mysqld starts and puts the new files in place.
clone_is_whole() { [ -e "$data/#clone/#status_fix" ]; }
clone_broke_off() { [ -e "$data/#clone/#status_error" ] && ! clone_is_whole; }

binlogs_in() {
  for file in "$1"/binlog.[0-9]*; do
    [ -e "$file" ] && echo "${file##*/}"
  done
}

last_number() {
  last=0
  for name in $(binlogs_in "$1"); do last=${name#binlog.}; done
  echo "$last"
}

# A CLONE that failed without mysqld being killed leaves no mark, but its first act shows: the binlogs that were linked
# under this identity are gone, and others have their names or lower numbers.
history_restarted() {
  [ -d "$kept/$1" ] || return 1
  for name in $(binlogs_in "$kept/$1"); do
    [ ! -e "$data/$name" ] || [ "$data/$name" -ef "$kept/$1/$name" ] || return 0
  done
  [ "$(last_number "$kept/$1")" -gt "$(last_number "$data")" ]
}

# CLONE keeps the server_uuid, under which a promoted member would give the GTIDs of its discarded transactions to others.
renew_identity() {
  uuid=$(server_uuid)
  [ -z "$uuid" ] || clone_is_whole || history_restarted "$uuid" || return 0
  [ -z "$uuid" ] || say "was re-seeded and gets a new server_uuid"
  read -r new </proc/sys/kernel/random/uuid &&
    printf '[auto]\nserver-uuid=%s\n' "$new" >"$data/auto.cnf.new" && mv "$data/auto.cnf.new" "$data/auto.cnf"
}

# An errant transaction can still be read in these. The last binlog is whole now, since mysqld is not running.
keep_binlogs() {
  history=$kept/${1:-unknown}
  mkdir -p "$history" || return 1
  for name in $(binlogs_in "$data"); do
    [ -e "$history/$name" ] || ln "$data/$name" "$history/$name" || return 1
  done
  drop_old_binlogs
}

# The time counts from the last change of the inode, which is when mysqld removed its own name for the file.
drop_old_binlogs() {
  now=$(date +%s)
  files=0 bytes=0
  for file in "$kept"/*/binlog.*; do
    [ -e "$file" ] || continue
    set -- $(stat -c '%h %Z %s' "$file")
    [ "$1" -eq 1 ] || continue
    if [ $((now - $2)) -gt $week_s ]; then rm -f "$file"; continue; fi
    files=$((files + 1)) bytes=$((bytes + $3))
  done
  for history in "$kept"/*; do rmdir "$history" 2>/dev/null; done
  say "binlogs that only their links keep: $files, $bytes bytes"
}

# Made beside its place and renamed, so that what broke off half-way is never started. It has all accounts and no
# transaction: mysqld writes no binlog while it initialises.
initialise() {
  say "has no data folder and gets an empty one"
  rm -rf "$volume/partial"
  accounts >"$run/accounts.sql" || return 1
  (
    drop_secrets
    exec mysqld --no-defaults --initialize-insecure --datadir="$volume/partial" --init-file="$run/accounts.sql" --tmpdir=/tmp \
      --auto-generate-certs=OFF --mysqlx=OFF --secure-file-priv=NULL --innodb-redo-log-capacity=64M --innodb-use-native-aio=OFF
  ) >"$run/initialise.log" 2>&1
  code=$?
  rm -f "$run/accounts.sql"
  log=$(cat "$run/initialise.log")
  case $log in *'[ERROR]'*) code=1 ;; esac
  if [ "$code" -ne 0 ]; then say "initialising failed: $log"; return 1; fi
  mv "$volume/partial" "$data"
}

put_aside_broken_off() {
  say "a CLONE was broken off: its remains are put aside"
  keep_binlogs "$(server_uuid)" && rm -rf "$broken_off" && mv "$data" "$broken_off"
}

# MySQL would upgrade data of an older series with no way back, and not start on that of a newer one.
series_fits() {
  version=$(mysqld --version)
  version=${version#*Ver }
  series=${version%%.*}
  rest=${version#*.}
  series=$series.${rest%%.*}
  if [ -e "$data" ] && [ -e "$volume/series" ] && read -r found <"$volume/series" && [ "$found" != "$series" ]; then
    say "refused: the volume holds data of MySQL $found, and this image has $series. Set images.mysql to one of $found."
    return 1
  fi
  echo "$series" >"$volume/series"
}

prepare() {
  series_fits || return 1
  if [ -e "$data" ] && clone_broke_off; then put_aside_broken_off || return 1; fi
  [ -e "$data" ] || initialise || return 1
  # A killed mysqld leaves it behind, and the next one would believe it when that pid is in use again.
  rm -f "$run/mysqld.sock" "$run/mysqld.sock.lock"
  if clone_is_whole; then whole=yes; else whole=; fi
  renew_identity && keep_binlogs "$(server_uuid)" || return 1
  [ -z "$whole" ] || rm -rf "$broken_off"
}

# --- the loop ---

drop_secrets() {
  unset MYSQL_OPERATOR_PASSWORD MYSQL_REPLICATION_PASSWORD MYSQL_SERVICE_PASSWORD MYSQL_MIGRATION_PASSWORD MYSQL_SUPERVISOR_PASSWORD MYSQL_ROOT_PASSWORD
}

start_mysqld() {
  (
    drop_secrets
    export MYSQLD_PARENT_PID=1
    exec mysqld --defaults-file="$settings/my.cnf" --datadir="$data" --server-id=$((${POD_NAME##*-} + 1)) \
      --report-host="$POD_NAME.$MEMBERS_DOMAIN" --admin-address="$POD_IP"
  ) &
  mysqld_pid=$!
}

# Returns mysqld's exit code; not at all when this was told to stop.
run_mysqld() {
  start_mysqld
  while :; do
    wait "$mysqld_pid"
    code=$?
    [ -z "$stopping" ] || stop_mysqld
    # wait also returns when a signal comes; a mysqld that has ended is not there any more once it was waited for.
    kill -0 "$mysqld_pid" 2>/dev/null || break
  done
  mysqld_pid=
  return "$code"
}

write_client_settings || { say "writing $run failed"; exit 1; }
until hold_pipe; do say "the volume cannot be written: free space on it"; pause 5; done
wait_for_others

# Seconds, doubled after each end that came soon. The first new start is at once.
delay=0
while [ -z "$stopping" ]; do
  if prepare; then
    started=$(date +%s)
    run_mysqld
    code=$?
    lasted=$(($(date +%s) - started))
    say "mysqld ended with $code after $lasted s"
    # 16: it asks to be started again, after CLONE and RESTART.
    if [ "$code" -eq 16 ] || [ "$lasted" -gt 30 ]; then delay=0; fi
  else
    say "mysqld is not started"
    [ "$delay" -gt 0 ] || delay=1
  fi
  [ "$delay" -eq 0 ] || pause "$delay"
  case $delay in 0) delay=1 ;; 1) delay=2 ;; 2) delay=4 ;; *) delay=8 ;; esac
done
exit 0
