#!/usr/bin/env bash
# Puts the configuration where it may be written, adds how the nodes find each other, and becomes the node.
set -euo pipefail

home=/usr/share/elasticsearch
# The root is read-only, and Elasticsearch keeps its keystore beside its settings.
cp -r "$home/config/." "$ES_PATH_CONF/"
{
  cat /etc/infometis/elasticsearch.yml
  if ((REPLICAS == 1)); then
    echo 'discovery.type: single-node'
  else
    echo 'discovery.seed_hosts: [elasticsearch-nodes]'
    # Who founds a cluster that does not exist yet. Only the first node, and only together with half of the others, who would
    # tell it of a cluster: neither one node that becomes three nor a lost volume can found a second one.
    if [ "$POD_NAME" = elasticsearch-0 ]; then
      echo 'cluster.initial_master_nodes:'
      for ((node = 0; node < REPLICAS; node++)); do echo "  - elasticsearch-$node"; done
    fi
  fi
} >"$ES_PATH_CONF/elasticsearch.yml"

# Half of the pod's memory: the other half is for buffers beside the heap and the page cache.
heap=$((MEMORY_MIB / 2))
# A log about garbage of up to 2 GB has no place on a node's disk.
export ES_JAVA_OPTS="-Xms${heap}m -Xmx${heap}m -Xlog:disable -Xlog:all=warning:stderr:utctime,level,tags ${ES_JAVA_OPTS:-}"
exec /usr/local/bin/docker-entrypoint.sh eswrapper
