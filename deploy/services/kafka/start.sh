#!/usr/bin/env bash
# Derives from the pod what differs between brokers, formats a volume that is new, and becomes the broker.
set -euo pipefail

home=/opt/kafka
settings=/tmp/server.properties
log=/var/lib/kafka/data/log
ordinal=${POD_NAME##*-}
# The same namespace has the same id, so that a volume from elsewhere is noticed. 21 hex digits and an A are a UUID in base64.
cluster=$(printf %s "$POD_NAMESPACE" | md5sum | cut -c1-21)A
domain=kafka-brokers.$POD_NAMESPACE.svc

# A quorum has one vote or three: who holds them is settled when the first volume is formatted.
controllers=$((REPLICAS < 3 ? 1 : 3))
copies=$((REPLICAS < 3 ? REPLICAS : 3))
in_sync=$((REPLICAS < 3 ? 1 : 2))
voters=''
for ((voter = 0; voter < controllers; voter++)); do
  voters+=${voters:+,}$voter@kafka-$voter.$domain:9093
done

roles=broker
listeners=INTERNAL://:9092
advertised=INTERNAL://$POD_NAME.$domain:9092
if ((ordinal < controllers)); then
  roles=broker,controller
  listeners+=,CONTROLLER://:9093
fi
if [ -n "${KAFKA_EXTERNAL_DOMAIN:-}" ]; then
  listeners+=,EXTERNAL://:9094
  advertised+=,EXTERNAL://$POD_NAME.$KAFKA_EXTERNAL_DOMAIN:9094
fi

# Half of the pod's memory: the other half is the page cache, which is what Kafka reads from.
heap=$((MEMORY_MIB / 2))
# The log cleaner's buffer is taken from the heap; its default of 128 MiB kills a small one.
cleaner=$((heap < 512 ? heap / 4 : 128))

{
  cat /etc/infometis/server.properties
  cat <<PROPERTIES
node.id=$ordinal
process.roles=$roles
controller.quorum.voters=$voters
listeners=$listeners
advertised.listeners=$advertised
default.replication.factor=$copies
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$copies
transaction.state.log.replication.factor=$copies
transaction.state.log.min.isr=$in_sync
share.coordinator.state.topic.replication.factor=$copies
share.coordinator.state.topic.min.isr=$in_sync
log.cleaner.dedupe.buffer.size=$((cleaner * 1024 * 1024))
PROPERTIES
} >"$settings"

export LOG_DIR=/tmp/logs
if [ -f "$log/meta.properties" ]; then
  found=$(sed -n 's/^cluster\.id=//p' "$log/meta.properties")
  if [ "$found" != "$cluster" ]; then
    echo "error: the volume of $POD_NAME holds data of the Kafka cluster $found, and that of the namespace $POD_NAMESPACE is" \
      "$cluster. Nothing was changed. Give the pod the volume that belongs here, or an empty one." >&2
    exit 1
  fi
else
  "$home/bin/kafka-storage.sh" format --cluster-id "$cluster" --config "$settings"
fi

export KAFKA_HEAP_OPTS="-Xms${heap}m -Xmx${heap}m"
export KAFKA_LOG4J_OPTS=-Dlog4j2.configurationFile=/etc/infometis/log4j2.properties
# Without -loggc: a gigabyte of logs about garbage has no place on a node's disk.
export EXTRA_ARGS='-name kafkaServer'
exec "$home/bin/kafka-server-start.sh" "$settings"
