package data

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fathom/control"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

var examples = []string{"shopnow", "bazaar"}

// declared reads an example's declaration, with changes to its text.
func declared(t *testing.T, name string, changes ...string) *platform.Platform {
	t.Helper()
	file := "../../examples/" + name + "/platform.yaml"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := string(text)
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(changed, changes[i]) {
			t.Fatalf("%s does not say %q", file, changes[i])
		}
		changed = strings.Replace(changed, changes[i], changes[i+1], 1)
	}
	p, problems := platform.Parse(file, []byte(changed), platform.Options{Today: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

func rendered(t *testing.T, p *platform.Platform) []render.Resource {
	t.Helper()
	out, err := declare(p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// others are the resources of other layers that this one refers to, as small as
// they can be, and the organisation's policy that keeps data in its regions.
func others(p *platform.Platform) []render.Resource {
	res, set := terraform.Resource, terraform.Set
	out := []render.Resource{
		res("aws_vpc", "main", set("cidr_block", p.Network.CIDR)),
		res("aws_s3_bucket", "access_logs", set("bucket", "access-logs"), set("tags", terraform.Obj("data-class", "internal"))),
		res("aws_organizations_policy", "regions",
			set("name", "regions"),
			set("content", render.Policy(render.Statement{
				Effect: "Deny", Action: []string{"*"}, Resource: []any{"*"},
				Condition: []render.Condition{{Operator: "StringNotEquals", Key: "aws:RequestedRegion", Value: []string{p.Region, p.BackupRegion}}},
			}))),
		res("aws_organizations_policy_attachment", "regions",
			set("policy_id", terraform.Expr("aws_organizations_policy.regions.id")), set("target_id", p.Account)),
	}
	out = append(out, res("aws_iam_policy", "boundary", set("name", "boundary"), set("policy", render.Policy(render.Statement{Action: []string{"sqs:*"}, Resource: []any{"*"}}))))
	for _, tier := range []string{"database", "vault"} {
		out = append(out, res("aws_subnet", tier, set("for_each", terraform.Expr(`{ a = "10.0.0.0/24" }`)), set("cidr_block", terraform.Expr("each.value")), set("vpc_id", render.VPC)))
	}
	for i := range p.Stores {
		out = append(out, res("aws_security_group", "store_"+render.Label(p.Stores[i].Name), set("vpc_id", render.VPC)))
	}
	for i := range p.Services {
		label := "svc_" + render.Label(p.Services[i].Name)
		out = append(out, res("aws_iam_role", label, set("name", label), set("assume_role_policy", render.TrustService(p, "pods.eks.amazonaws.com"))))
	}
	for _, t := range []string{"oncall", "privacy"} {
		out = append(out, res("aws_sns_topic", t, set("name", t), set("kms_master_key_id", render.KeyARN("logs"))))
	}
	return out
}

func estateOf(t *testing.T, p *platform.Platform, resources []render.Resource) *estate.Estate {
	t.Helper()
	files, err := render.Files(p, []render.Part{{Layer: "data", Resources: resources}, {Layer: "others", Resources: others(p)}})
	if err != nil {
		t.Fatal(err)
	}
	tree := fstest.MapFS{}
	for _, f := range files {
		tree[f.Path] = &fstest.MapFile{Data: f.Content}
	}
	e, problems := read.Paths(tree, []string{"."}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return e
}

// judged are the controls' statuses, but for results about other layers.
func judged(t *testing.T, e *estate.Estate) map[string]control.Verdict {
	t.Helper()
	out := map[string]control.Verdict{}
	for _, c := range Layer().Controls {
		if c.Check == nil {
			continue
		}
		v := c.Judge(e)
		v.Results = slices.DeleteFunc(v.Results, func(r control.Result) bool {
			return strings.HasPrefix(r.At.File, "terraform/others")
		})
		out[c.ID] = v
	}
	return out
}

func TestEveryControlIsPresent(t *testing.T) {
	for _, name := range examples {
		p := declared(t, name)
		for id, v := range judged(t, estateOf(t, p, rendered(t, p))) {
			if len(v.Results) == 0 {
				t.Errorf("%s: %s sees nothing to judge", name, id)
			}
			for _, r := range v.Results {
				if r.Status != control.Present {
					t.Errorf("%s: %s is %s at %s: %s%s", name, id, r.Status, r.At, r.Summary, r.Reason)
				}
			}
		}
	}
}
