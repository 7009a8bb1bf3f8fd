# Starts a Redis server. It is always empty then: the cache is never written to disk.
set -u
umask 077
export LC_ALL=C
run=/run/redis
settings=/etc/holdfast
self=$POD_NAME.$SERVERS_DOMAIN

say() { echo "holdfast: $*" >&2; }

ask() { timeout 1 redis-cli -h "$1" -p "$2" "$3" "$4" "${5:-}" 2>/dev/null; }

# What most Sentinels that answer call the master, into `master`; nothing when none answers. How many answered, into `answered`.
ask_sentinels() {
  for name in $SERVERS; do
    ask "$name.$SERVERS_DOMAIN" "$SENTINEL_PORT" SENTINEL GET-MASTER-ADDR-BY-NAME "$MASTER_NAME" >"$run/answer-$name" &
  done
  wait
  master= most=0 answered=0
  for name in $SERVERS; do
    answer=
    read -r answer <"$run/answer-$name"
    [ -n "$answer" ] || continue
    answered=$((answered + 1)) votes=0
    for other in $SERVERS; do
      said=
      read -r said <"$run/answer-$other"
      [ "$said" != "$answer" ] || votes=$((votes + 1))
    done
    if [ "$votes" -gt "$most" ]; then master=$answer most=$votes; fi
  done
}

# Whether another server holds anything that would be thrown away if this one came back empty as its master.
others_hold_data() {
  for name in $SERVERS; do
    [ "$name" != "$POD_NAME" ] || continue
    size=$(REDISCLI_AUTH=$REDIS_PASSWORD timeout 1 redis-cli -h "$name.$SERVERS_DOMAIN" -p "$REDIS_PORT" DBSIZE 2>/dev/null)
    case $size in '' | 0 | *[!0-9]*) ;; *) return 0 ;; esac
  done
  return 1
}

# A fifth of a second each: how long two Sentinels, and another master, are waited for.
readonly sentinel_tries=50 master_tries=40

# The Sentinels of pods that start at the same time are there in a moment, and know from before who the master was.
find_master() {
  tries=0
  ask_sentinels
  while [ $answered -lt 2 ] && [ $tries -lt $sentinel_tries ]; do
    sleep 0.2
    tries=$((tries + 1))
    ask_sentinels
  done
  [ -n "$master" ] || master=${SERVERS%% *}.$SERVERS_DOMAIN
}

# A master that comes back empty before the Sentinels saw it go would empty its replicas: it stays away until they have
# made another one, unless nobody has anything or they cannot.
leave_data_alone() {
  tries=0
  while [ "$master" = "$self" ] && [ $tries -lt $master_tries ] && others_hold_data; do
    [ $tries -gt 0 ] || say "the Sentinels still call this server the master, and others have its data: waiting for another master"
    tries=$((tries + 1))
    sleep 0.2
    ask_sentinels
  done
  [ -n "$master" ] || master=$self
}

find_master
leave_data_alone
{
  cat "$settings/redis.conf"
  printf 'requirepass "%s"\nmasterauth "%s"\nreplica-announce-ip %s\nreplica-announce-port %s\n' "$REDIS_PASSWORD" "$REDIS_PASSWORD" "$self" "$REDIS_PORT"
  [ "$master" = "$self" ] || printf 'replicaof %s %s\n' "$master" "$REDIS_PORT"
} >"$run/redis.conf" || exit 1
say "the master is $master"
unset REDIS_PASSWORD
exec redis-server "$run/redis.conf"
