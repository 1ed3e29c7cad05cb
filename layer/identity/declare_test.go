package identity

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

var examples = []string{"shopnow", "bazaar"}

// declared reads an example's declaration.
func declared(t *testing.T, name string) *platform.Platform {
	t.Helper()
	file := "../../examples/" + name + "/platform.yaml"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, problems := platform.Parse(file, text, platform.Options{Today: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// estateOf reads back what is rendered, with more files beside it.
func estateOf(t *testing.T, p *platform.Platform, resources []render.Resource, more map[string]string) *estate.Estate {
	t.Helper()
	files, err := render.Files(p, []render.Part{{Layer: "identity", Resources: resources}})
	if err != nil {
		t.Fatal(err)
	}
	tree := fstest.MapFS{}
	for _, f := range files {
		tree[f.Path] = &fstest.MapFile{Data: f.Content}
	}
	for name, text := range more {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	e, problems := read.Paths(tree, []string{"."}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return e
}

// others are the resources of other layers that this one refers to, as small as
// they can be.
func others(p *platform.Platform) []render.Resource {
	res, set := terraform.Resource, terraform.Set
	out := []render.Resource{
		res("aws_eks_cluster", "main", set("name", p.Name)),
		res("aws_sns_topic", "oncall", set("name", p.Name+"-oncall")),
		res("aws_kms_key", "stores"),
		res("aws_lb_target_group", "gateway", set("name", p.Name+"-gateway")),
	}
	for i := range p.Stores {
		s := &p.Stores[i]
		kind, label, _ := strings.Cut(render.StoreAddress(s), ".")
		name := map[string]string{
			"aws_rds_cluster": "cluster_identifier", "aws_elasticache_replication_group": "replication_group_id",
			"aws_msk_cluster": "cluster_name", "aws_s3_bucket": "bucket",
		}[kind]
		out = append(out, res(kind, label, set(name, render.Name(p, s.Name))))
		if s.Key == "own" {
			out = append(out, res("aws_kms_key", label))
		}
	}
	for i := range p.Services {
		s := &p.Services[i]
		out = append(out, kubernetes.New("apps/v1", "Deployment", s.Namespace, s.Name, "spec", kubernetes.M(
			"selector", kubernetes.M("matchLabels", kubernetes.M("app.kubernetes.io/name", s.Name)),
			"template", kubernetes.M(
				"metadata", kubernetes.M("labels", kubernetes.M("app.kubernetes.io/name", s.Name)),
				"spec", kubernetes.M("serviceAccountName", s.Name, "containers", kubernetes.L{kubernetes.M("name", s.Name, "image", s.Image.Repository)}),
			),
		)))
	}
	return out
}

// responds is what the layers response and supply add to this one's controls: a
// detector, and a workflow that compares policies.
var responds = map[string]string{
	"terraform/response.tf": `resource "aws_guardduty_detector" "main" {
  enable = true
}
`,
	".github/workflows/check.yml": `on: pull_request
jobs:
  policies:
    runs-on: ubuntu-latest
    steps:
      - run: fathom access diff main HEAD
`,
}

// declaredEstate is an example as it is rendered, with what stands beside it.
func declaredEstate(t *testing.T, p *platform.Platform) *estate.Estate {
	t.Helper()
	out, err := declare(p)
	if err != nil {
		t.Fatal(err)
	}
	return estateOf(t, p, append(others(p), out...), responds)
}

func TestEveryControlIsPresent(t *testing.T) {
	for _, name := range examples {
		e := declaredEstate(t, declared(t, name))
		for _, c := range Layer().Controls {
			results := c.Check(e)
			if len(results) == 0 {
				t.Errorf("%s: %s sees nothing", name, c.ID)
			}
			for _, r := range results {
				if r.Status != control.Present {
					t.Errorf("%s: %s is %s: %+v", name, c.ID, r.Status, r)
				}
			}
		}
	}
}

// A resource that somebody takes out is missed.
func TestWhatIsTakenOutIsMissed(t *testing.T) {
	for _, tt := range []struct{ without, control string }{
		{"aws_organizations_policy_attachment.scp_guardrails", "identity.guardrails"},
		{"aws_organizations_policy_attachment.scp_guardrails", "identity.mfa"},
		{"aws_cloudwatch_event_target.role_from_outside", "identity.role-monitoring"},
		{"aws_eks_pod_identity_association.svc_orders", "identity.session-tags"},
	} {
		p := declared(t, "shopnow")
		out, err := declare(p)
		if err != nil {
			t.Fatal(err)
		}
		kept := slices.DeleteFunc(slices.Clone(out), func(r render.Resource) bool { return r.Address() == tt.without })
		if len(kept) != len(out)-1 {
			t.Fatalf("%s is not rendered", tt.without)
		}
		if tt.control == "identity.mfa" { // the password policy is a part of it alone
			kept = slices.DeleteFunc(kept, func(r render.Resource) bool {
				return r.Address() == "aws_iam_account_password_policy.account"
			})
		}
		before, after := status(t, tt.control, declaredEstate(t, p)), status(t, tt.control, estateOf(t, p, append(others(p), kept...), responds))
		if before != "present" || after == "present" {
			t.Errorf("without %s %s is %q, and was %q", tt.without, tt.control, after, before)
		}
	}
}

// status is present where all results of a control are.
func status(t *testing.T, id string, e *estate.Estate) string {
	t.Helper()
	for _, c := range Layer().Controls {
		if c.ID != id {
			continue
		}
		results := c.Check(e)
		for _, r := range results {
			if r.Status != control.Present {
				return r.Status.String()
			}
		}
		if len(results) == 0 {
			return "nothing"
		}
		return "present"
	}
	t.Fatalf("there is no control %s", id)
	return ""
}

// printed are resources by address, as they are written.
func printed(t *testing.T, p *platform.Platform) map[string]string {
	t.Helper()
	resources, err := declare(p)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range resources {
		switch r := r.(type) {
		case *terraform.Block:
			out[r.Address()] = string(terraform.PrintBlock(r))
		case *kubernetes.Object:
			text, err := kubernetes.Print([]*kubernetes.Object{r})
			if err != nil {
				t.Fatal(err)
			}
			out[r.Address()] = string(text)
		case *render.Text:
			out[r.Path] = r.Content
		}
	}
	return out
}

// A new service changes nothing that is there.
func TestAServiceMore(t *testing.T) {
	for _, name := range examples {
		p := declared(t, name)
		before := printed(t, p)
		more := platform.Service{Name: "zebra", Namespace: p.Services[0].Namespace, Port: 8080, Protocol: "http"}
		for _, s := range p.Stores {
			more.Stores = append(more.Stores, platform.Use{Store: s.Name, Access: "write"})
		}
		p.Services = append(p.Services, more)
		after := printed(t, p)
		for address, text := range before {
			if after[address] != text {
				t.Errorf("%s: with one service more %s is\n%s\nand was\n%s", name, address, after[address], text)
			}
			delete(after, address)
		}
		for address := range after {
			if !strings.Contains(address, "zebra") {
				t.Errorf("%s: one service more adds %s", name, address)
			}
		}
	}
}

func TestTheSameTwice(t *testing.T) {
	for _, name := range examples {
		if diff := cmp.Diff(printed(t, declared(t, name)), printed(t, declared(t, name))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatCannotBe(t *testing.T) {
	many := platform.Use{Store: "events"}
	for i := range 120 {
		many.Produce = append(many.Produce, "a-topic-with-a-long-name-"+strings.Repeat("x", 60)+strconv.Itoa(i))
	}
	for _, tt := range []struct {
		name   string
		change func(*platform.Service)
		want   string
	}{
		{"too long", func(s *platform.Service) { s.Stores = []platform.Use{many} }, `service "orders" needs about `},
		{"path in a database", func(s *platform.Service) {
			s.AWS = []platform.Permission{{Actions: []string{"rds:DescribeDBClusters"}, On: "orders-db", Path: "a/*", Text: "rds:DescribeDBClusters on orders-db/a/*"}}
		}, "only objects of a bucket have a path"},
		{"no such store", func(s *platform.Service) {
			s.AWS = []platform.Permission{{Actions: []string{"s3:GetObject"}, On: "nowhere", Text: "s3:GetObject on nowhere"}}
		}, `there is no store "nowhere"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := declared(t, "shopnow")
			tt.change(p.Service("orders"))
			_, err := declare(p)
			var problem diag.Problem
			if !errors.As(err, &problem) || !strings.Contains(err.Error(), tt.want) || problem.Fix == "" {
				t.Errorf("got %v, want a problem with %q and a fix", err, tt.want)
			}
		})
	}
}
