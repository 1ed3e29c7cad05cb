package identity

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

var rendered, printed = layertest.Of(Layer())

// estateOf reads back resources.
func estateOf(t *testing.T, p *platform.Platform, resources []render.Resource) *estate.Estate {
	t.Helper()
	return layertest.Whole(t, layertest.Tree(t, p, render.Part{Layer: "identity", Resources: resources}))
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
var responds = []render.Resource{
	&render.Text{Path: "terraform/response.tf", Content: `resource "aws_guardduty_detector" "main" {
  enable = true
}
`},
	&render.Text{Path: ".github/workflows/check.yml", Content: `on: pull_request
jobs:
  policies:
    runs-on: ubuntu-latest
    steps:
      - run: fathom access diff main HEAD
`},
}

// amid adds what stands beside the layer.
func amid(p *platform.Platform, resources []render.Resource) []render.Resource {
	return slices.Concat(others(p), resources, responds)
}

// declaredEstate is an example as it is rendered, with what stands beside it.
func declaredEstate(t *testing.T, p *platform.Platform) *estate.Estate {
	t.Helper()
	return estateOf(t, p, amid(p, rendered(t, p)))
}

func TestEveryControlIsPresent(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			layertest.Present(t, Layer(), declaredEstate(t, layertest.Platform(t, name)))
		})
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
		p := layertest.Platform(t, "shopnow")
		all := rendered(t, p)
		without := []string{tt.without}
		if tt.control == "identity.mfa" { // the password policy is a part of it alone
			without = append(without, "aws_iam_account_password_policy.account")
		}
		for _, c := range []struct {
			kept    []render.Resource
			present bool
		}{{all, true}, {layertest.Without(t, all, without...), false}} {
			if v := layertest.Judge(t, Layer(), tt.control, estateOf(t, p, amid(p, c.kept))); (v.Status == control.Present) != c.present {
				t.Errorf("of %d resources of %d, %s", len(c.kept), len(all), layertest.Why(&v))
			}
		}
	}
}

// A new service changes nothing that is there.
func TestAServiceMore(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			p := layertest.Platform(t, name)
			before := printed(t, p)
			more := platform.Service{Name: "zebra", Namespace: p.Services[0].Namespace, Port: 8080, Protocol: "http"}
			for _, s := range p.Stores {
				more.Stores = append(more.Stores, platform.Use{Store: s.Name, Access: "write"})
			}
			p.Services = append(p.Services, more)
			layertest.Changes(t, before, printed(t, p), "+*zebra*")
		})
	}
}

func TestTheSameTwice(t *testing.T) { layertest.SameEveryTime(t, Layer()) }

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
			p := layertest.Platform(t, "shopnow")
			tt.change(p.Service("orders"))
			_, err := declare(p)
			var problem diag.Problem
			if !errors.As(err, &problem) || !strings.Contains(err.Error(), tt.want) || problem.Fix == "" {
				t.Errorf("got %v, want a problem with %q and a fix", err, tt.want)
			}
		})
	}
}
