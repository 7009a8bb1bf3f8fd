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

say() { echo "holdfast: $*" >&2; }

. "$settings/mysql-client.sh"
. "$settings/accounts.sh"
. "$settings/mysql-files.sh"

# --- stopping ---

# mysqld answers SIGTERM by letting every commit that waits for its acknowledgement return OK to its client. So clients
# are closed first; where that does not work within a second, SIGKILL loses nothing that anybody was told of.
close_clients() {
  timeout -s KILL 1 sh -c '
    . /etc/holdfast/mysql-client.sh
    query "SET GLOBAL offline_mode = ON" || exit 1
    # Those that may pass offline_mode stay, but for the replicas: somebody else must go on receiving what is being drained.
    kills=$(query "SELECT CONCAT(\"KILL \", id, \";\") FROM information_schema.processlist
      WHERE id <> CONNECTION_ID() AND user NOT IN (\"$MYSQL_REPLICATION_USER\", \"system user\", \"event_scheduler\") AND command <> \"Daemon\"") || exit 1
    [ -n "$kills" ] || exit 0
    query "$kills" --force 2>&1 | {
      left=0
      while IFS= read -r line; do
        # 1094: it has gone by itself.
        case $line in "ERROR 1094 "*) ;; *) echo "$line"; left=1 ;; esac
      done
      exit $left
    }
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

# --- before each start ---

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

# $1: where its remains go.
put_aside() {
  say "a CLONE was broken off: its remains are put aside"
  keep_binlogs "$(server_uuid)" && rm -rf "$1" && mv "$data" "$1"
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
  # Such a copy is not kept, since a second one would not fit beside it: initialising removes it, also when this is killed before.
  if first_start_broke_off; then put_aside "$volume/partial" || return 1; fi
  if [ -e "$data" ] && clone_broke_off; then put_aside "$broken_off" || return 1; fi
  [ -e "$data" ] || initialise || return 1
  # A killed mysqld leaves it behind, and the next one would believe it when that pid is in use again.
  rm -f "$run/mysqld.sock" "$run/mysqld.sock.lock"
  if clone_is_whole; then whole=yes; else whole=; fi
  renew_identity && keep_binlogs "$(server_uuid)" || return 1
  more=
  if [ -n "$whole" ]; then
    rm -rf "$broken_off"
    more=$(first_start "$run/first-start.sql") || return 1
  fi
  # After a power cut, too, the mark of a first start must tell the truth.
  sync "$data"
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
      --report-host="$POD_NAME.$MEMBERS_DOMAIN" --admin-address="$POD_IP" $more
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
