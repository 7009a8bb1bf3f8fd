# Starts a Sentinel. What it has learned is kept on its volume; everything else comes from the settings, so that a changed
# setting counts.
set -u
umask 077
export LC_ALL=C
file=/data/sentinel.conf

. /etc/holdfast/sentinel-conf.sh
sentinel_conf "/etc/holdfast/$POD_NAME.sentinel.conf" "$file" >"$file.new" && mv "$file.new" "$file" || exit 1
unset REDIS_PASSWORD

# Hundredths of a second that a process has computed for.
computed() {
  read -r line <"/proc/$1/stat" || return 1
  set -- ${line##*) }
  echo $((${12} + ${13}))
}

# A connection that was begun while a Service had no pod, and came about a moment later, keeps the refusal in the kernel's
# queue of errors: epoll wakes the Sentinel for it again and again, for as long as the connection lasts (seen with Linux
# 6.18 and Redis 8.0: 5 to 30 % of a core instead of 0.7). It is started again then, which takes it a fifth of a second.
watch_for_spinning() {
  busy=0
  last=$(computed "$1") || return
  while sleep 10; do
    now=$(computed "$1") || return
    if [ $((now - last)) -gt 30 ]; then busy=$((busy + 1)); else busy=0; fi
    last=$now
    [ $busy -ge 3 ] || continue
    echo "holdfast: this Sentinel computes without end: starting it again" >&2
    kill -TERM "$1"
    return
  done
}

stopping=
on_term() {
  stopping=yes
  kill -TERM "$sentinel" 2>/dev/null
}
trap on_term TERM INT

code=0
while [ -z "$stopping" ] && [ $code -eq 0 ]; do
  redis-server "$file" --sentinel &
  sentinel=$!
  watch_for_spinning "$sentinel" &
  watcher=$!
  # wait also returns when a signal comes.
  while kill -0 "$sentinel" 2>/dev/null; do
    wait "$sentinel"
    code=$?
  done
  kill "$watcher" 2>/dev/null
done
[ -z "$stopping" ] || exit 0
exit $code
