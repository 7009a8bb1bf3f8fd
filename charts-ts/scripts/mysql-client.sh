# What the scripts of a MySQL pod ask its mysqld with: the supervisor's account, on the admin port, which has room when
# all connections are taken.
client_settings=/run/mysqld/client.cnf

# The password goes by a file: arguments and environments are read by more people.
write_client_settings() {
  (umask 077 && printf '[client]\nuser=%s\npassword="%s"\nport=%s\nprotocol=TCP\nssl-mode=DISABLED\nget-server-public-key\nconnect-timeout=1\n' \
    "$MYSQL_SUPERVISOR_USER" "$MYSQL_SUPERVISOR_PASSWORD" "$MYSQL_ADMIN_PORT" >"$client_settings")
}

# query STATEMENTS [option of the client…]
query() {
  statements=$1
  shift
  mysql --defaults-file="$client_settings" --host="${ASK:-$POD_IP}" --batch --skip-column-names "$@" -e "$statements"
}
