#!/bin/bash
# Stands for the script of this name in Kafka's distribution.
set -euo pipefail
: "${KAFKA_HEAP_OPTS:=-Xmx1G -Xms1G}" "${KAFKA_LOG4J_OPTS:=-Dlog4j2.configurationFile=/opt/kafka/config/log4j2.properties}"
export KAFKA_HEAP_OPTS KAFKA_LOG4J_OPTS
# shellcheck disable=SC2086
exec /opt/kafka/bin/kafka-run-class.sh ${EXTRA_ARGS--name kafkaServer -loggc} kafka.Kafka "$@"
