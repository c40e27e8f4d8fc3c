#!/bin/bash
# Stands for the script of this name in Kafka's distribution: the same variables and words, as far as the pods use them.
set -euo pipefail
: "${LOG_DIR:=/opt/kafka/logs}" "${KAFKA_HEAP_OPTS:=-Xmx256M}"
: "${KAFKA_JVM_PERFORMANCE_OPTS:=-XX:+UseSerialGC -XX:TieredStopAtLevel=1}"
: "${KAFKA_LOG4J_OPTS:=-Dlog4j2.configurationFile=/opt/kafka/config/tools-log4j2.properties}"
name='' gc=''
while :; do
  case ${1:-} in
    -name) name=$2; shift 2 ;;
    -loggc) gc=yes; shift ;;
    *) break ;;
  esac
done
if [ -n "$gc" ] && [ -z "${KAFKA_GC_LOG_OPTS:-}" ]; then
  mkdir -p "$LOG_DIR"
  KAFKA_GC_LOG_OPTS="-Xlog:gc*:file=$LOG_DIR/$name-gc.log:time,tags:filecount=10,filesize=100M"
fi
# Each variable holds several words.
# shellcheck disable=SC2086
exec "$JAVA_HOME/bin/java" $KAFKA_HEAP_OPTS $KAFKA_JVM_PERFORMANCE_OPTS ${KAFKA_GC_LOG_OPTS:-} "-Dkafka.logs.dir=$LOG_DIR" \
  $KAFKA_LOG4J_OPTS -cp '/opt/kafka/libs/*' ${KAFKA_OPTS:-} "$@"
