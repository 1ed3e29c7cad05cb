//go:build ignore

// Trim keeps of the schema of the whole AWS provider the types that an estate of
// Fathom's tests may hold, so that the provider starts quickly:
//
//	go run trim.go -in aws-provider-6.25.0.json.gz -out testdata/schema.json.gz
//
// Input and output have the same form, described in schema.go. The output
// depends on nothing but the input.
package main

import (
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// kept lists the families of types: aws_KEPT itself and aws_KEPT_*.
const kept = `
accessanalyzer account acm acmpca alb ami api_gateway apigatewayv2 appautoscaling
autoscaling
backup caller_identity canonical_user_id chatbot cloudfront cloudfrontkeyvaluestore cloudtrail cloudwatch
codebuild cognito_user_pool config customer_gateway db default detective dlm dynamodb ebs
ec2 ecr ecs efs egress_only eip eks elasticache elasticsearch_domain elb fis fms flow_log guardduty iam
identitystore inspector2 instance internet_gateway ip_ranges key_pair
kinesis_firehose kinesis_stream kms lambda launch_configuration launch_template
lb load_balancer macie2 main_route_table mq msk nat_gateway network_acl
network_interface networkfirewall opensearch_domain organizations partition
placement prefix_list ram rds redshift region rolesanywhere route route53 s3 scheduler
secretsmanager security_group security_groups securityhub service_discovery sfn
shield signer sns sqs ssm ssmcontacts ssmincidents ssoadmin subnet subnets availability_zone
availability_zones volume_attachment vpc vpcs vpn wafv2 elb_service_account
iam_policy_document arn service service_principal cloudtrail_service_account
`

// schema is the part of the file that trim looks into.
type schema struct {
	Provider  string                     `json:"provider"`
	Resources map[string]json.RawMessage `json:"resources"`
	Data      map[string]json.RawMessage `json:"data"`
}

func main() {
	in := flag.String("in", "", "the schema of the whole provider, gzipped JSON")
	out := flag.String("out", "", "where to write the trimmed one")
	flag.Parse()

	if *in == "" || *out == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*in, *out); err != nil {
		fmt.Fprintln(os.Stderr, "trim:", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	s, err := read(in)
	if err != nil {
		return err
	}

	keep(s.Resources)
	keep(s.Data)

	return write(out, s)
}

func read(path string) (*schema, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()

	z, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}

	var s schema
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &s, nil
}

func write(path string, s *schema) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}

	var b strings.Builder
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(raw); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

func keep(types map[string]json.RawMessage) {
	families := strings.Fields(kept)
	for name := range types {
		if !inFamily(strings.TrimPrefix(name, "aws_"), families) {
			delete(types, name)
		}
	}
}

func inFamily(name string, families []string) bool {
	for _, f := range families {
		if name == f || strings.HasPrefix(name, f+"_") {
			return true
		}
	}
	return false
}
