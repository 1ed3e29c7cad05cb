package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// special makes the few attributes that depend on others in ways that a
// template cannot say.
func special(f *filler) {
	switch f.kind.name {
	case "aws_acm_certificate":
		f.validationOptions()
	case "aws_msk_cluster":
		f.bootstrapBrokers()
	case "aws_rds_cluster", "aws_db_instance":
		f.masterSecret()
	}
}

// validationOptions completes what planValidation began.
func (f *filler) validationOptions() {
	set := f.root["domain_validation_options"].Type().(tftypes.Set)

	options := []tftypes.Value{}
	for _, option := range elements(f.root["domain_validation_options"]) {
		m := fields(option)
		domain, _ := text(m["domain_name"])
		hash := f.digits(domain, alphabets["hex"], 32)
		m["resource_record_name"] = str("_" + hash + "." + strings.TrimPrefix(domain, "*.") + ".")
		m["resource_record_type"] = str("CNAME")
		m["resource_record_value"] = str("_" + hash + ".acm-validations.aws.")
		options = append(options, tftypes.NewValue(set.ElementType, m))
	}
	f.root["domain_validation_options"] = tftypes.NewValue(set, options)
}

// bootstrapBrokers gives a Kafka cluster one address for each way in that its
// encryption and authentication leave open.
func (f *filler) bootstrapBrokers() {
	inTransit, iam, scram := "TLS", "", ""
	for _, info := range elements(f.root["encryption_info"]) {
		for _, transit := range elements(fields(info)["encryption_in_transit"]) {
			if s, ok := text(fields(transit)["client_broker"]); ok {
				inTransit = s
			}
		}
	}
	for _, auth := range elements(f.root["client_authentication"]) {
		for _, sasl := range elements(fields(auth)["sasl"]) {
			iam, _ = text(fields(sasl)["iam"])
			scram, _ = text(fields(sasl)["scram"])
		}
	}

	if inTransit != "TLS" {
		f.root["bootstrap_brokers"] = f.brokers(9092)
	}
	if inTransit != "PLAINTEXT" {
		f.root["bootstrap_brokers_tls"] = f.brokers(9094)
	}
	if iam == "true" {
		f.root["bootstrap_brokers_sasl_iam"] = f.brokers(9098)
	}
	if scram == "true" {
		f.root["bootstrap_brokers_sasl_scram"] = f.brokers(9096)
	}
}

func (f *filler) brokers(port int) tftypes.Value {
	n, err := strconv.Atoi(f.named("number_of_broker_nodes"))
	if err != nil {
		n = 1
	}
	var list []string
	for i := 1; i <= min(n, 3); i++ { // AWS answers with three at most
		list = append(list, f.expand("brokers", fmt.Sprintf("b-%d.{cluster_name}.{alnum:6}.c2.kafka.{region}.amazonaws.com:%d", i, port)))
	}
	return str(strings.Join(list, ","))
}

// masterSecret is the secret that RDS keeps the password in, if asked to.
func (f *filler) masterSecret() {
	if managed, _ := text(f.root["manage_master_user_password"]); managed != "true" {
		return
	}
	list := f.root["master_user_secret"].Type()
	f.root["master_user_secret"] = must(fromJSON(list, []any{map[string]any{
		"secret_arn":    f.expand("master_user_secret", "arn:aws:secretsmanager:{region}:{account}:secret:rds!{uuid}-{alnum:6}"),
		"secret_status": "active",
		"kms_key_id":    f.expand("master_user_secret", "arn:aws:kms:{region}:{account}:key/{uuid}"),
	}}))
}
