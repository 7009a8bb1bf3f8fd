# Starts a Sentinel. What it has learned of the master and the epochs is kept on its volume; everything else comes from
# the settings, so that a changed setting counts.
set -u
umask 077
export LC_ALL=C
file=/data/sentinel.conf
settings=/etc/holdfast/$POD_NAME.sentinel.conf

learned() {
  [ -e "$file" ] || return 0
  while IFS= read -r line; do
    case $line in
      "sentinel monitor $MASTER_NAME "*) [ "$1" != monitor ] || echo "$line" ;;
      "sentinel config-epoch "* | "sentinel leader-epoch "* | "sentinel current-epoch "*) [ "$1" != epochs ] || echo "$line" ;;
    esac
  done <"$file"
}

monitor=$(learned monitor)
{
  while IFS= read -r line; do
    case $line in
      "sentinel monitor "*)
        echo "${monitor:-$line}"
        printf 'sentinel auth-pass %s "%s"\n' "$MASTER_NAME" "$REDIS_PASSWORD"
        ;;
      *) printf '%s\n' "$line" ;;
    esac
  done <"$settings"
  learned epochs
} >"$file.new" && mv "$file.new" "$file" || exit 1
unset REDIS_PASSWORD
exec redis-server "$file" --sentinel
