#!/bin/bash
# Stands for the script of this name in Elasticsearch's image, as far as the pods use it.
set -euo pipefail
umask 0002
if [ "${1:-}" != eswrapper ]; then exec "$@"; fi
shift
# A variable whose name is that of a setting is that setting.
while IFS='=' read -r name value; do
  if [[ $name =~ ^[-a-z0-9_]+(\.[-a-z0-9_]+)+$ && -n $value ]]; then set -- "$@" "-E$name=$value"; fi
done < <(env)
exec /usr/share/elasticsearch/bin/elasticsearch "$@"
