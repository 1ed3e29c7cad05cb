package tftest_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"fathom/estate/terraform/tftest"
)

// A document is what these tests look at in the JSON of a plan or a state.
type document struct {
	Changes []struct {
		Address string
		Change  struct {
			After        map[string]any
			AfterUnknown map[string]any `json:"after_unknown"`
		}
	} `json:"resource_changes"`
	Values struct {
		Root module `json:"root_module"`
	}
}

type module struct {
	Resources []resource
	Children  []module `json:"child_modules"`
}

type resource struct {
	Address, Mode string
	Values        map[string]any
}

func parse(t *testing.T, raw []byte) document {
	t.Helper()
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// state lists the resources of a state by address.
func (d document) state() map[string]map[string]any {
	out := map[string]map[string]any{}
	var walk func(module)
	walk = func(m module) {
		for _, r := range m.Resources {
			out[r.Address] = r.Values
		}
		for _, child := range m.Children {
			walk(child)
		}
	}
	walk(d.Values.Root)
	return out
}

func TestValidate(t *testing.T) {
	var got struct {
		Valid       bool
		Diagnostics []struct {
			Summary, Detail string
		}
	}
	if err := json.Unmarshal(tftest.Terraform(t).Validate("testdata/invalid"), &got); err != nil {
		t.Fatal(err)
	}

	var summaries []string
	for _, d := range got.Diagnostics {
		summaries = append(summaries, d.Summary)
	}
	slices.Sort(summaries)
	want := []string{"Missing required argument", "Unsupported block type"}
	if got.Valid || !slices.Equal(summaries, want) {
		t.Errorf("valid = %v with %q, want not valid with %q", got.Valid, summaries, want)
	}
}

func TestPlan(t *testing.T) {
	d := parse(t, tftest.Terraform(t).Plan("testdata/vpc", "region=eu-central-1"))

	var addresses []string
	for _, c := range d.Changes {
		addresses = append(addresses, c.Address)
	}
	want := []string{
		"aws_iam_role.app",
		"aws_iam_role_policy.read",
		"aws_lb.web",
		"aws_security_group.app",
		"aws_security_group.web",
		`aws_subnet.app["eu-central-1a"]`,
		`aws_subnet.app["eu-central-1b"]`,
		`aws_subnet.app["eu-central-1c"]`,
		"aws_vpc.main",
		"aws_vpc_security_group_ingress_rule.app",
	}
	if !slices.Equal(addresses, want) {
		t.Fatalf("planned\n%s\nwant\n%s", strings.Join(addresses, "\n"), strings.Join(want, "\n"))
	}

	for _, c := range d.Changes {
		after, unknown := c.Change.After, c.Change.AfterUnknown
		switch c.Address {
		case "aws_security_group.web":
			rule := after["ingress"].([]any)[0].(map[string]any)
			if rule["from_port"] != 443.0 || rule["description"] != "" {
				t.Errorf("ingress of web: %v", rule)
			}
			if unknown["egress"] != true || unknown["id"] != true || unknown["ingress"] == true {
				t.Errorf("unknown of web: %v", unknown)
			}
			tags := after["tags_all"].(map[string]any)
			if tags["Project"] != "tftest" || tags["Name"] != "web" {
				t.Errorf("tags_all of web: %v", tags)
			}
		case "aws_iam_role.app":
			if after["name"] != "app-111111111111" || after["path"] != "/" {
				t.Errorf("role: %v", after)
			}
		case "aws_iam_role_policy.read":
			want := `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:ListBucket",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::shop/home/${aws:username}/*",
      "Condition": {
        "Bool": {
          "aws:SecureTransport": "true"
        }
      }
    }
  ]
}`
			if after["policy"] != want {
				t.Errorf("policy:\n%s\nwant\n%s", after["policy"], want)
			}
		}
	}
}

func TestApply(t *testing.T) {
	state := parse(t, tftest.Terraform(t).Apply("testdata/vpc")).state()

	vpc := state["aws_vpc.main"]["id"].(string)
	web := state["aws_security_group.web"]["id"].(string)
	for _, tt := range []struct {
		address, attribute string
		want               any
	}{
		{"aws_vpc.main", "arn", "arn:aws:ec2:eu-west-1:111111111111:vpc/" + vpc},
		{"aws_security_group.web", "vpc_id", vpc},
		{"aws_security_group.app", "vpc_id", vpc},
		{"aws_vpc_security_group_ingress_rule.app", "referenced_security_group_id", web},
		{"aws_subnet.app[\"eu-west-1c\"]", "cidr_block", "10.0.2.0/24"},
		{"aws_lb.web", "vpc_id", vpc},
		{"aws_iam_role.app", "arn", "arn:aws:iam::111111111111:role/app-111111111111"},
		{"data.aws_availability_zones.available", "id", "eu-west-1"},
	} {
		if got := state[tt.address][tt.attribute]; got != tt.want {
			t.Errorf("%s.%s = %v, want %v", tt.address, tt.attribute, got, tt.want)
		}
	}
	if !strings.HasPrefix(web, "sg-") || web == state["aws_security_group.app"]["id"] {
		t.Errorf("id of web is %q", web)
	}
	if name := state["aws_security_group.app"]["name"].(string); !strings.HasPrefix(name, "app-") {
		t.Errorf("name of app is %q", name)
	}
	if got := state["aws_lb.web"]["security_groups"].([]any); len(got) != 1 || got[0] != web {
		t.Errorf("security groups of the load balancer: %v", got)
	}
}

// TestModulesAbove also shows that the state file itself can be had.
func TestModulesAbove(t *testing.T) {
	var state struct {
		Version   int
		Resources []struct {
			Module, Type string
			Instances    []struct{ Attributes map[string]any }
		}
	}
	raw := tftest.Terraform(t).State("testdata/layout//envs/production")
	if err := json.Unmarshal(raw, &state); err != nil {
		t.Fatal(err)
	}
	if state.Version != 4 || len(state.Resources) != 1 || state.Resources[0].Module != "module.invoices" {
		t.Fatalf("state: %s", raw)
	}
	bucket := state.Resources[0].Instances[0].Attributes
	if bucket["id"] != "shop-invoices" || bucket["arn"] != "arn:aws:s3:::shop-invoices" {
		t.Errorf("bucket: %v", bucket)
	}
}

// TestShopNowBefore keeps the example deployable as far as Terraform can tell,
// and its references whole.
func TestShopNowBefore(t *testing.T) {
	state := parse(t, tftest.Terraform(t).Apply("../../../examples/shopnow-before/terraform")).state()

	if len(state) < 120 {
		t.Errorf("%d resources and data sources, want all", len(state))
	}

	node := state["module.eks.aws_security_group.node"]
	alb := state["aws_security_group.alb"]["id"]
	var ports []float64
	for _, r := range node["ingress"].([]any) {
		rule := r.(map[string]any)
		if slices.Contains(rule["cidr_blocks"].([]any), any("0.0.0.0/0")) {
			ports = append(ports, rule["from_port"].(float64))
		}
		if rule["description"] == "load balancer" && rule["security_groups"].([]any)[0] != alb {
			t.Errorf("load balancer rule names %v, want %v", rule["security_groups"], alb)
		}
	}
	slices.Sort(ports)
	if !slices.Equal(ports, []float64{22, 443}) {
		t.Errorf("nodes answer the world on %v", ports)
	}

	for _, db := range []string{"orders", "payments"} {
		rule := state[`module.database["`+db+`"].aws_security_group_rule.mysql`]
		group := state[`module.database["`+db+`"].aws_security_group.this`]
		if rule["security_group_id"] != group["id"] || rule["from_port"] != 3306.0 {
			t.Errorf("rule of %s: %v", db, rule)
		}
	}

	listener := state["aws_lb_listener.https"]
	if listener["load_balancer_arn"] != state["aws_lb.main"]["arn"] {
		t.Errorf("listener of %v", listener["load_balancer_arn"])
	}
	var records []string
	for address := range maps.Keys(state) {
		if strings.HasPrefix(address, "aws_route53_record.cdn_validation[") {
			records = append(records, address)
		}
	}
	if len(records) != 2 {
		t.Errorf("validation records %v, want one for each domain of the certificate", records)
	}

	policy := state["module.eks.aws_iam_role_policy.node[0]"]["policy"].(string)
	if !strings.Contains(policy, `"Action": "s3:*"`) {
		t.Errorf("policy of the nodes:\n%s", policy)
	}
}
