#!/bin/bash
# Runs the broker in its container by the configuration that `tocsin prepare` wrote; formats its storage at first.
# The password is on a command line for the seconds of the first start, which nobody outside of the container sees.
set -euo pipefail
if [ ! -e /state/broker/data/meta.properties ]; then
  /opt/kafka/bin/kafka-storage.sh format \
    --cluster-id "$(/opt/kafka/bin/kafka-storage.sh random-uuid)" \
    --config /state/broker/server.properties \
    --add-scram "SCRAM-SHA-512=[name=admin,password=$(cat /state/secrets/admin)]"
fi
exec /opt/kafka/bin/kafka-server-start.sh /state/broker/server.properties
