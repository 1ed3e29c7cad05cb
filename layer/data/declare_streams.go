package data

import (
	"strconv"
	"strings"
	"time"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// stream renders a Kafka cluster with a broker in each zone, which takes clients
// over TLS and by IAM alone.
func stream(p *platform.Platform, s *platform.Store) []render.Resource {
	label, name := render.Label(s.Name), render.Name(p, s.Name)
	set, nest := terraform.Set, terraform.Nest
	group := render.LogGroup(p, "store_"+label, "/aws/msk/"+name).For("data.retention", "data.at-rest").From(from(s), "logs")
	brokers := len(p.Network.Zones)
	version := kafkaVersion(s.Version)
	keep := longest(s.Topics)
	configuration := terraform.Resource("aws_msk_configuration", label,
		set("name", name),
		set("kafka_versions", []string{version}),
		set("server_properties", terraform.Call{Name: "join", Args: []any{terraform.Expr(`"\n"`), []string{
			"auto.create.topics.enable=false",
			"allow.everyone.if.no.acl.found=false",
			"default.replication.factor=" + strconv.Itoa(min(3, brokers)),
			"min.insync.replicas=" + strconv.Itoa(min(2, brokers)),
			"log.retention.ms=" + strconv.FormatInt(keep.Milliseconds(), 10),
		}}}),
	).For("data.retention").From(from(s) + ".topics").
		Note("no topic comes into being by a typing mistake, and none keeps its records for longer than any was declared to")
	return []render.Resource{
		group,
		configuration,
		terraform.Resource("aws_msk_cluster", label,
			set("cluster_name", name),
			set("kafka_version", version),
			set("number_of_broker_nodes", brokers),
			nest("broker_node_group_info",
				set("instance_type", orElse(s.Size, "kafka.m7g.large")),
				set("client_subnets", render.SubnetIDs(tier(s))),
				set("security_groups", terraform.List{render.StoreGroup(s.Name)}),
				nest("storage_info", nest("ebs_storage_info", set("volume_size", 100)))),
			nest("configuration_info", set("arn", configuration.Attr("arn")), set("revision", configuration.Attr("latest_revision"))),
			nest("encryption_info",
				set("encryption_at_rest_kms_key_arn", render.KeyARN(render.StoreKey(s))),
				nest("encryption_in_transit", set("client_broker", "TLS"), set("in_cluster", true))),
			nest("client_authentication",
				set("unauthenticated", false),
				nest("sasl", set("iam", true))),
			nest("logging_info", nest("broker_logs", nest("cloudwatch_logs",
				set("enabled", true), set("log_group", group.Attr("name"))))),
			set("tags", storeTags(p, s)),
		).For("data.at-rest", "data.classes", "mesh.store-tls").For(cardControls(p, s)...).From(from(s), "network.zones"),
		&render.Text{Path: "stores/" + s.Name + ".sh", Content: topicScript(p, s)},
	}
}

// kafkaVersion is what MSK calls a version: since 3.7 it keeps the patch level to
// itself, 3.9.x.
func kafkaVersion(v string) string {
	if v == "" {
		return "3.9.x"
	}
	if strings.Count(v, ".") == 1 {
		return v + ".x"
	}
	return v
}

// longest is how long a topic of a stream is kept at most; a week where none says.
func longest(topics []platform.Topic) time.Duration {
	var out time.Duration
	for _, t := range topics {
		out = max(out, t.Keep)
	}
	if out == 0 {
		return 7 * 24 * time.Hour
	}
	return out
}

// topicScript makes the topics, which no API of AWS does: it runs inside the
// network, as somebody who may.
func topicScript(p *platform.Platform, s *platform.Store) string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n# The topics of " + render.Name(p, s.Name) + `: run inside the network after each change.
# control: data.retention
# from: ` + from(s) + `.topics
# BOOTSTRAP is the cluster's bootstrap_brokers_sasl_iam; client.properties has
# security.protocol=SASL_SSL and sasl.mechanism=AWS_MSK_IAM.
set -eu
`)
	replicas := strconv.Itoa(min(3, len(p.Network.Zones)))
	for _, t := range s.Topics {
		keep := t.Keep
		if keep == 0 {
			keep = longest(nil)
		}
		retention := " retention.ms=" + strconv.FormatInt(keep.Milliseconds(), 10)
		b.WriteString("\nkafka-topics.sh --bootstrap-server \"$BOOTSTRAP\" --command-config client.properties --create --if-not-exists \\\n" +
			"  --topic " + t.Name + " --partitions " + strconv.Itoa(max(1, t.Partitions)) + " --replication-factor " + replicas + "\n" +
			"kafka-configs.sh --bootstrap-server \"$BOOTSTRAP\" --command-config client.properties --alter --entity-type topics \\\n" +
			"  --entity-name " + t.Name + " --add-config" + retention + "\n")
	}
	return b.String()
}
