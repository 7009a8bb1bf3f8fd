# Before a Redis server is stopped: a master hands over to a replica first, so that nobody has to notice that it is gone. Five
# seconds at most. The Sentinel beside it is stopped at the same time, so another one is asked.
role() { REDISCLI_AUTH=$REDIS_PASSWORD timeout 1 redis-cli -p "$REDIS_PORT" ROLE 2>/dev/null | head -n 1; }

[ "$(role)" = master ] || exit 0
for name in $SERVERS; do
  [ "$name" != "$POD_NAME" ] || continue
  [ "$(timeout 1 redis-cli -h "$name.$SERVERS_DOMAIN" -p "$SENTINEL_PORT" SENTINEL FAILOVER "$MASTER_NAME" 2>/dev/null)" != OK ] || break
done
waited=0
while [ $waited -lt 25 ] && [ "$(role)" = master ]; do
  sleep 0.2
  waited=$((waited + 1))
done
exit 0
