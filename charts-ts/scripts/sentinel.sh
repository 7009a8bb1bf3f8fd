# Starts a Sentinel. What it has learned is kept on its volume; everything else comes from the settings, so that a changed
# setting counts.
set -u
umask 077
export LC_ALL=C
file=/data/sentinel.conf

. /etc/holdfast/sentinel-conf.sh
sentinel_conf "/etc/holdfast/$POD_NAME.sentinel.conf" "$file" >"$file.new" && mv "$file.new" "$file" || exit 1
unset REDIS_PASSWORD
exec redis-server "$file" --sentinel
