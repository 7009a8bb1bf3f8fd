# What happens to the files of a MySQL member between two lives of mysqld; read by mysql.sh, which sets:
#   volume  the member's volume
#   data    mysqld's own folder on it
#   kept    hard links of binlogs, one folder per server_uuid
# and has the functions `say` and `pause`.
week_s=604800

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

# The first start after a CLONE is one that nobody can reach and that ends by itself, with the code that asks for another.
# Its pid file is made here, and removed by mysqld as its last act, once all is on the disk. Where it is still there, that
# start did not end in order, and from what is left mysqld may never start again. It is a copy and nothing else: nobody
# could reach the member, so it has acknowledged nothing since its data was allowed to go.
first_start_broke_off() { [ -e "$data/first-start.pid" ]; }

# Says what mysqld must be told beside the rest; $1: a file for its statement. A CLONE leaves the relay logs of the data that
# it replaced, and from the second start on mysqld would say that it has received what is in them: they go before.
first_start() {
  rm -f "$data"/relay.[0-9]* "$data/relay.index" "$data"/relay-*.[0-9]* "$data"/relay-*.index
  echo 'RESTART;' >"$1" && : >"$data/first-start.pid" &&
    echo "--skip-networking --init-file=$1 --pid-file=$data/first-start.pid"
}

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
