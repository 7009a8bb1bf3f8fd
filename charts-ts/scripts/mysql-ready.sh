# Readiness of a MySQL pod, measured here and without the operator: a primary that takes writes, or a replica that the
# operator has opened and that is connected, caught up to a second and able to acknowledge.
. /etc/holdfast/mysql-client.sh

# Times of commits are the primary's on both sides, so that no difference between two clocks counts.
answer=$(query "
SELECT CASE
  WHEN @@GLOBAL.offline_mode THEN 'closed'
  WHEN NOT @@GLOBAL.super_read_only AND NOT @@GLOBAL.read_only THEN IF(@@GLOBAL.rpl_semi_sync_source_enabled, 'ready', 'open, but it waits for no acknowledgement')
  WHEN NOT EXISTS (SELECT 1 FROM performance_schema.replication_connection_status WHERE channel_name = '' AND service_state = 'ON') THEN 'not connected to a primary'
  WHEN NOT EXISTS (SELECT 1 FROM performance_schema.replication_applier_status WHERE channel_name = '' AND service_state = 'ON') THEN 'applies nothing'
  WHEN (SELECT variable_value FROM performance_schema.global_status WHERE variable_name = 'Rpl_semi_sync_replica_status') <> 'ON' THEN 'cannot acknowledge'
  WHEN (SELECT TIMESTAMPDIFF(MICROSECOND, w.at, c.last_queued_transaction_original_commit_timestamp)
        FROM performance_schema.replication_connection_status c,
          (SELECT MAX(last_applied_transaction_original_commit_timestamp) AS at FROM performance_schema.replication_applier_status_by_worker WHERE channel_name = '') w
        WHERE c.channel_name = '' AND w.at > '1970-01-02' AND NOT GTID_SUBSET(c.received_transaction_set, @@GLOBAL.gtid_executed)) > 1000000 THEN 'behind the primary'
  ELSE 'ready' END")
[ "$answer" = ready ] || { echo "${answer:-no answer}"; exit 1; }
