# Before a MySQL pod is stopped: a primary waits until the operator has made another one, 20 s at most. At once when it is
# none, or no other member answers: nobody could take over then.
. /etc/holdfast/mysql-client.sh

# Also while it is being drained (offline_mode): that must not be cut off half-way.
is_primary() { [ "$(query 'SELECT NOT @@GLOBAL.super_read_only' 2>/dev/null)" = 1 ]; }

another_answers() {
  pids=
  for member in $MEMBERS; do
    [ "$member" != "$POD_NAME" ] || continue
    ASK=$member.$MEMBERS_DOMAIN timeout 2 sh -c '. /etc/holdfast/mysql-client.sh; query "SELECT 1"' >/dev/null 2>&1 &
    pids="$pids $!"
  done
  found=1
  for pid in $pids; do ! wait "$pid" || found=0; done
  return $found
}

is_primary || exit 0
another_answers || exit 0
waited=0
while [ $waited -lt 100 ] && is_primary; do
  sleep 0.2
  waited=$((waited + 1))
done
exit 0
