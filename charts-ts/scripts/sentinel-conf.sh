# Makes the settings of a Sentinel out of the manifests' own, and of what it has learned: who is master, and the epochs.

# learned WHAT FILE: what a Sentinel has written into its file itself, `monitor` or `epochs`.
learned() {
  [ -e "$2" ] || return 0
  while IFS= read -r line; do
    case $line in
      "sentinel monitor $MASTER_NAME "*) [ "$1" != monitor ] || echo "$line" ;;
      "sentinel config-epoch "* | "sentinel leader-epoch "* | "sentinel current-epoch "*) [ "$1" != epochs ] || echo "$line" ;;
    esac
  done <"$2"
}

# Everybody but the master. A master that is called a replica as well would be told to replicate itself.
replicas_of() {
  for name in $SERVERS; do
    [ "$name.$SERVERS_DOMAIN" = "$1" ] || echo "sentinel known-replica $MASTER_NAME $name.$SERVERS_DOMAIN $REDIS_PORT"
  done
}

# sentinel_conf SETTINGS FILE
sentinel_conf() {
  known=$(learned monitor "$2")
  while IFS= read -r line; do
    case $line in
      "sentinel monitor "*)
        monitor=${known:-$line}
        echo "$monitor"
        printf 'sentinel auth-pass %s "%s"\n' "$MASTER_NAME" "$REDIS_PASSWORD"
        set -- "$1" "$2" $monitor
        replicas_of "$6"
        ;;
      "sentinel known-replica "*) ;;
      *) printf '%s\n' "$line" ;;
    esac
  done <"$1"
  learned epochs "$2"
}
