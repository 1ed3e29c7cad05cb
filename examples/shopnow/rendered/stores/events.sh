#!/bin/sh
# The topics of shopnow-events: run inside the network after each change.
# control: data.retention
# from: stores.events.topics
# BOOTSTRAP is the cluster's bootstrap_brokers_sasl_iam; client.properties has
# security.protocol=SASL_SSL and sasl.mechanism=AWS_MSK_IAM.
set -eu

kafka-topics.sh --bootstrap-server "$BOOTSTRAP" --command-config client.properties --create --if-not-exists \
  --topic order-events --partitions 3 --replication-factor 3
kafka-configs.sh --bootstrap-server "$BOOTSTRAP" --command-config client.properties --alter --entity-type topics \
  --entity-name order-events --add-config retention.ms=604800000
