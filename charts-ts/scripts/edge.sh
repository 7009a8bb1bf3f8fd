# Starts nginx, which reads no resolv.conf: the cluster's name servers are written for it, and the folders for what this
# build of it may want to put aside.
set -u
export LC_ALL=C
run=/run/nginx
# Left by one that was stopped in this pod.
rm -f "$run/leaving"

servers=
while read -r word address rest; do
  [ "$word" = nameserver ] || continue
  case $address in *:*) address="[$address]" ;; esac
  servers="$servers $address"
done </etc/resolv.conf
[ -n "$servers" ] || { echo "holdfast: /etc/resolv.conf names no name server: check the pod's dnsPolicy" >&2; exit 1; }

build=$(nginx -V 2>&1)
{
  echo "resolver$servers valid=1s;"
  echo "resolver_timeout 2s;"
  for module in fastcgi uwsgi scgi; do
    case $build in *"--without-http_${module}_module"*) ;; *) echo "${module}_temp_path $run/$module;" ;; esac
  done
} >"$run/here.conf" || exit 1
exec nginx -e stderr -p "$run" -c /etc/holdfast/nginx.conf
