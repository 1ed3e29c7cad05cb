package data

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fathom/control"
	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

var rendered, printed = layertest.Of(Layer())

// guardrail is the organisation's policy that keeps data in its regions.
func guardrail(p *platform.Platform) []render.Resource {
	res, set := terraform.Resource, terraform.Set
	return []render.Resource{
		res("aws_organizations_policy", "regions",
			set("name", "regions"),
			set("content", render.Policy(render.Statement{
				Effect: "Deny", Action: []string{"*"}, Resource: []any{"*"},
				Condition: []render.Condition{{Operator: "StringNotEquals", Key: "aws:RequestedRegion", Value: []string{p.Region, p.BackupRegion}}},
			}))),
		res("aws_organizations_policy_attachment", "regions",
			set("policy_id", terraform.Expr("aws_organizations_policy.regions.id")), set("target_id", p.Account)),
	}
}

// others are the resources of other layers that this one refers to, as small as
// they can be.
func others(p *platform.Platform) []render.Resource {
	res, set := terraform.Resource, terraform.Set
	out := []render.Resource{
		res("aws_vpc", "main", set("cidr_block", p.Network.CIDR)),
		res("aws_s3_bucket", "access_logs", set("bucket", "access-logs"), set("tags", terraform.Obj("data-class", "internal"))),
	}
	out = append(out, res("aws_iam_policy", "boundary", set("name", "boundary"), set("policy", render.Policy(render.Statement{Action: []string{"*"}, Resource: []any{"*"}}))))
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
	return layertest.Whole(t, layertest.Tree(t, p,
		render.Part{Layer: "data", Resources: resources}, render.Part{Layer: "others", Resources: others(p)}))
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
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		for id, v := range judged(t, estateOf(t, p, append(rendered(t, p), guardrail(p)...))) {
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

// What is rendered depends on nothing but the declaration.
func TestDeterministic(t *testing.T) { layertest.SameEveryTime(t, Layer()) }

// Somebody who adds a service, or a store, finds nothing else changed.
func TestAddingChangesOnlyWhatItConcerns(t *testing.T) {
	const service = `
services:
  gifts:
    image: shopnow/gifts@sha256:1c168adb00d208e42f93314529f1fa9c0427eb63233ceda95a5db52b7012a719
    owner: checkout
    stores: {cache: read}
`
	for _, c := range []struct {
		name             string
		changes, touches []string
	}{
		{"a service without stores", []string{"\nservices:", strings.Replace(service, "    stores: {cache: read}\n", "", 1)}, nil},
		{"a reader of the cache", []string{"\nservices:", service}, []string{"+*gifts*", "aws_elasticache_user_group.cache"}},
		{
			"a store and its service",
			[]string{
				"\nservices:", strings.Replace(service, "cache: read", "gifts-db: write", 1),
				"\nstores:", "\nstores:\n  gifts-db: {engine: mysql, owner: checkout, holds: [catalogue], backup: {every: 1d, keep: 35d, immutable: 14d}}",
			},
			[]string{"+*gifts*", "aws_iam_role_policy.backup"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after := printed(t, layertest.Platform(t, "shopnow")), printed(t, layertest.Platform(t, "shopnow", c.changes...))
			layertest.Changes(t, before, after, c.touches...)
		})
	}
}

// Whatever is left out is missed: each control sees it.
func TestWhatIsLeftOutIsSeen(t *testing.T) {
	p := layertest.Platform(t, "shopnow")
	for _, c := range []struct{ address, control string }{
		{"aws_backup_vault_lock_configuration.orders_db", "data.backups"},
		{"aws_backup_vault_lock_configuration.card_vault_copy", "data.backups"},
		{"aws_backup_selection.card_vault", "data.backups"},
		{"aws_s3_bucket_object_lock_configuration.invoices", "data.object-lock"},
		{"aws_s3_bucket_lifecycle_configuration.invoices", "data.retention"},
		{"aws_s3_bucket_server_side_encryption_configuration.invoices", "data.at-rest"},
		{"aws_s3_bucket_policy.invoices", "data.s3-private"},
		{"aws_macie2_classification_job.buckets", "data.discovery"},
	} {
		left := layertest.Without(t, rendered(t, p), c.address)
		if v := judged(t, estateOf(t, p, left))[c.control]; v.Count(control.Absent)+v.Count(control.Partial) == 0 {
			t.Errorf("%s does not see that %s is missing", c.control, c.address)
		}
	}
}

// Every allowed action is named in full.
func TestNoWildcardActions(t *testing.T) {
	for _, name := range layertest.Examples {
		for address, text := range printed(t, layertest.Platform(t, name)) {
			for _, line := range strings.Split(text, "\n") {
				if wild.MatchString(line) && !strings.Contains(text, `Effect    = "Deny"`) {
					t.Errorf("%s: %s", address, strings.TrimSpace(line))
				}
			}
		}
	}
}

var wild = regexp.MustCompile(`"[a-z-]+:[A-Za-z]*\*"`)

// No engine logs what a statement says where it may say a card number.
func TestCardNumbersAreInNoLog(t *testing.T) {
	for name, c := range map[string]struct{ group, has, not string }{
		"shopnow": {"aws_rds_cluster_parameter_group.card_vault", `value = "none"`, `"ddl"`},
		"bazaar":  {"aws_rds_cluster_parameter_group.ledger", `value = "CONNECT"`, `QUERY`},
	} {
		text := printed(t, layertest.Platform(t, name))[c.group]
		if !strings.Contains(text, c.has) || strings.Contains(text, c.not) {
			t.Errorf("%s:\n%s", c.group, text)
		}
	}
}

// A declaration of other shapes is rendered too.
func TestOtherShapes(t *testing.T) {
	for name, changes := range map[string][]string{
		"two zones":          {"zones: [a, b, c]", "zones: [b, c]"},
		"an old version":     {"orders-db: {engine: postgres,", `orders-db: {engine: postgres, version: "15.10",`},
		"a key for a cache":  {"cache: {engine: redis,", "cache: {engine: redis, key: own,"},
		"a key for a stream": {"events: {engine: kafka,", "events: {engine: kafka, key: own, isolate: true,"},
		"no erasure":         {"erase: {by: customer, within: 30d}, ", ""},
		"governance":         {"mode: compliance", "mode: governance"},
	} {
		p := layertest.Platform(t, "shopnow", changes...)
		for id, v := range judged(t, estateOf(t, p, append(rendered(t, p), guardrail(p)...))) {
			for _, r := range v.Results {
				if r.Status == control.Absent || r.Status == control.Unknown || r.Status == control.Partial && name != "governance" {
					t.Errorf("%s: %s is %s at %s: %s%s", name, id, r.Status, r.At, r.Summary, r.Reason)
				}
			}
		}
	}
}

func TestSchedule(t *testing.T) {
	for every, want := range map[time.Duration]string{
		10 * time.Minute:    "cron(0 * * * ? *)",
		time.Hour:           "cron(0 * * * ? *)",
		5 * time.Hour:       "cron(0 0/4 * * ? *)",
		23 * time.Hour:      "cron(0 0/12 * * ? *)",
		24 * time.Hour:      "cron(0 3 * * ? *)",
		6 * 24 * time.Hour:  "cron(0 3 * * ? *)",
		30 * 24 * time.Hour: "cron(0 3 ? * 1 *)",
	} {
		if got := schedule(every); got != want {
			t.Errorf("every %v is %s, want %s", every, got, want)
		}
	}
}

// Old versions go soon after what replaced or expired them: a copy for somebody
// who asked after a week, a locked object when its lock ends.
func TestOldVersionsGo(t *testing.T) {
	all := printed(t, layertest.Platform(t, "shopnow"))
	for address, want := range map[string][]string{
		"aws_s3_bucket_lifecycle_configuration.exports":  {"days = 7", "noncurrent_days = 7"},
		"aws_s3_bucket_lifecycle_configuration.invoices": {"days = 400", "noncurrent_days = 30"},
	} {
		for _, w := range want {
			if !strings.Contains(all[address], w) {
				t.Errorf("%s does not say %s", address, w)
			}
		}
	}
}

// Other layers open ways for the services that are asked: both have to mean the
// same ones.
func TestAskedAreSubjects(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		if got, want := askedServices(asked(p)), p.Subjects(); !slices.Equal(got, want) {
			t.Errorf("%s: %d services are asked, %d are subjects", name, len(got), len(want))
		}
	}
}
