package main

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// read is shared: reading the schema takes a while.
var read = sync.OnceValues(newServer)

// testServer is a provider in which nothing has been made yet.
func testServer(t *testing.T) *server {
	t.Helper()
	s, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return &server{
		resources: s.resources,
		data:      s.data,
		setup:     configuration{region: "eu-west-1", account: "111111111111"},
		cloud:     newCloud(),
	}
}

// TestEveryKind creates one of everything from nothing, which applies every
// line of values.txt.
func TestEveryKind(t *testing.T) {
	s := testServer(t)
	for name, k := range s.resources {
		planned := s.plan(k, true, tftypes.NewValue(k.typ, nothing(k)))
		for attr, v := range fields(s.filler(k, planned).fill()) {
			if !v.IsFullyKnown() {
				t.Errorf("%s.%s is unknown after apply", name, attr)
			}
		}
	}
}

// TestEveryDataSource reads one of everything.
func TestEveryDataSource(t *testing.T) {
	s := testServer(t)
	for name, k := range s.data {
		config, err := tfprotov6.NewDynamicValue(k.typ, tftypes.NewValue(k.typ, nothing(k)))
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: &config})
		if err != nil || len(res.Diagnostics) > 0 {
			t.Fatalf("%s: %v %v", name, err, res)
		}
		v, err := res.State.Unmarshal(k.typ)
		if err != nil || !v.IsFullyKnown() {
			t.Errorf("%s is not known: %v", name, err)
		}
	}
}

// nothing is a configuration that sets nothing.
func nothing(k *kind) map[string]tftypes.Value {
	m := map[string]tftypes.Value{}
	for name, typ := range k.typ.AttributeTypes {
		m[name] = null(typ)
	}
	for _, n := range k.root.blocks {
		if !n.single() {
			m[n.name] = zero(n.typ)
		}
	}
	return m
}

// TestBlocks creates a block that is not there in the configuration, and
// completes one that is.
func TestBlocks(t *testing.T) {
	s := testServer(t)
	k := s.resources["aws_instance"]

	for _, tt := range []struct{ name, config, want string }{
		{"absent", `{"metadata_options": []}`, "optional 1"},
		{"given", `{"metadata_options": [{"http_tokens": "required"}]}`, "required 1"},
		{"given whole", `{"metadata_options": [{"http_tokens": "optional", "http_put_response_hop_limit": 2}]}`, "optional 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var config map[string]any
			if err := json.Unmarshal([]byte(tt.config), &config); err != nil {
				t.Fatal(err)
			}
			proposed, err := fromJSON(k.typ, config)
			if err != nil {
				t.Fatal(err)
			}
			root := fields(s.filler(k, s.plan(k, true, proposed)).fill())

			options := elements(root["metadata_options"])
			if len(options) != 1 {
				t.Fatalf("%d blocks", len(options))
			}
			tokens, _ := text(fields(options[0])["http_tokens"])
			hops, _ := text(fields(options[0])["http_put_response_hop_limit"])
			if got := tokens + " " + hops; got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestTemplates(t *testing.T) {
	s := testServer(t)
	for _, tt := range []struct{ typ, set, attribute, want string }{
		{"aws_vpc", `{"id": "vpc-1"}`, "arn", "arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-1"},
		{"aws_vpc", `{"id": "vpc-1", "region": "us-east-1"}`, "arn", "arn:aws:ec2:us-east-1:111111111111:vpc/vpc-1"},
		{"aws_iam_openid_connect_provider", `{"url": "https://token.actions.githubusercontent.com"}`, "id", "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"},
		{"aws_wafv2_ip_set", `{"id": "x", "name": "office", "scope": "CLOUDFRONT"}`, "arn", "arn:aws:wafv2:eu-west-1:111111111111:global/ipset/office/x"},
		{"aws_lb", `{"name": "a", "load_balancer_type": "network", "arn_suffix": "net/a/1"}`, "arn", "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/net/a/1"},
		{"aws_route53_record", `{"zone_id": "Z1", "name": "a.example", "type": "A"}`, "id", "Z1_a.example_A"},
		{"aws_flow_log", `{}`, "log_format", "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"},
		{"aws_s3_bucket", `{"bucket": "b"}`, "id", "b"},
		{"aws_msk_cluster", `{"cluster_name": "c", "number_of_broker_nodes": 0}`, "bootstrap_brokers", ""},
	} {
		t.Run(tt.typ+"."+tt.attribute, func(t *testing.T) {
			k := s.resources[tt.typ]
			var set map[string]any
			if err := json.Unmarshal([]byte(tt.set), &set); err != nil {
				t.Fatal(err)
			}
			v, err := fromJSON(k.typ, set)
			if err != nil {
				t.Fatal(err)
			}
			root := fields(v)
			for name, member := range root {
				if member.IsNull() {
					root[name] = unknown(member.Type())
				}
			}
			for _, n := range k.root.blocks {
				root[n.name] = zero(n.typ)
			}
			got, _ := text(fields(s.filler(k, tftypes.NewValue(k.typ, root)).fill())[tt.attribute])
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestTwins: resources that look the same must not share an id.
func TestTwins(t *testing.T) {
	s := testServer(t)
	k := s.resources["aws_eip"]
	root := nothing(k)
	root["id"] = unknown(tftypes.String)

	v := tftypes.NewValue(k.typ, root)
	first, _ := text(fields(s.filler(k, v).fill())["id"])
	second, _ := text(fields(s.filler(k, v).fill())["id"])
	again, _ := text(fields(testServer(t).filler(k, v).fill())["id"])
	if !strings.HasPrefix(first, "eipalloc-") || first == second || first != again {
		t.Errorf("ids %s and %s, in another run %s", first, second, again)
	}
}

func TestReadValues(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"no type", "    id ~ x\n", "values.txt:1: want one line"},
		{"no operator", "aws_vpc\n    id x\n", "values.txt:2: want one line"},
		{"attribute twice", "aws_vpc\n    id ~ x\n    id ~ y\n", "values.txt:3: want one line"},
		{"type twice", "aws_vpc\naws_vpc\n", "values.txt:2: aws_vpc is there twice"},
		{"not in the schema", "aws_vpc\n    idd ~ x\n", "values.txt:2: the schema has no aws_vpc.idd"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := readValues(tt.text)
			if err == nil {
				err = v.checkUsed()
			}
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
