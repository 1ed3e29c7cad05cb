package response

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"fathom/control"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

var examples = []string{"shopnow", "bazaar"}

// example is the platform of an example.
func example(t *testing.T, name string) *platform.Platform {
	t.Helper()
	file := "../../examples/" + name + "/platform.yaml"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, problems := platform.Parse(file, text, platform.Options{Today: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)})
	for _, x := range problems {
		t.Error(x)
	}
	if p == nil {
		t.FailNow()
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

// reread prints resources and reads them back as an estate.
func reread(t *testing.T, p *platform.Platform, resources []render.Resource) *estate.Estate {
	t.Helper()
	files, err := render.Files(p, []render.Part{{Layer: "response", Resources: resources}})
	if err != nil {
		t.Fatal(err)
	}
	tree := fstest.MapFS{}
	for _, f := range files {
		tree[f.Path] = &fstest.MapFile{Data: f.Content, Mode: 0o644}
	}
	e, problems := read.Paths(tree, []string{"."}, read.Options{})
	for _, x := range problems {
		t.Errorf("problem: %v", x)
	}
	return e
}

func TestTheControlsArePresent(t *testing.T) {
	for _, name := range examples {
		t.Run(name, func(t *testing.T) {
			p := example(t, name)
			all := rendered(t, p)
			e := reread(t, p, append(all, neighbours(t, all)...))
			for _, c := range Layer().Controls {
				if c.Check == nil {
					continue
				}
				v := c.Judge(e)
				if v.Status == control.Present {
					continue
				}
				t.Errorf("%s is %s %s", c.ID, v.Status, v.Reason)
				for _, r := range v.Results {
					if r.Status != control.Present {
						t.Errorf("  %s %s %s%s", r.Status, r.On.ID, r.Summary, r.Reason)
					}
				}
			}
		})
	}
}

// neighbours are bare resources for what other layers render.
func neighbours(t *testing.T, resources []render.Resource) []render.Resource {
	t.Helper()
	have := map[string]bool{}
	for _, r := range resources {
		have[r.Address()] = true
	}
	var out []render.Resource
	for _, r := range resources {
		b, ok := r.(*terraform.Block)
		if !ok {
			continue
		}
		refs, err := terraform.References(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range refs {
			kind, label, _ := strings.Cut(ref, ".")
			switch {
			case have[ref]:
				continue
			case kind == "var":
				continue // of the root
			case strings.HasPrefix(kind, "aws_"):
				out = append(out, terraform.Resource(kind, label))
			}
			have[ref] = true
		}
	}
	return out
}

// What each control is lost with: the first of these resources, taken away.
var losses = map[string][]string{
	"response.trail":      {"aws_cloudtrail.main"},
	"response.guardduty":  {"aws_guardduty_detector.main_backup", "aws_guardduty_detector_feature.runtime_monitoring"},
	"response.posture":    {"aws_config_configuration_recorder_status.main"},
	"response.detections": {"aws_cloudwatch_metric_alarm.root_used", "aws_cloudwatch_log_metric_filter.bucket_opened"},
	"response.runbooks":   {"aws_cloudwatch_event_target.runbook_s3_exfiltration"},
	"response.drift":      {".github/workflows/nightly.yml"},
	"response.drills":     {"aws_scheduler_schedule.drill_lose_a_node"},
	"response.notify":     {"aws_sns_topic_subscription.oncall"},
}

func TestALossIsSeen(t *testing.T) {
	p := example(t, "shopnow")
	all := rendered(t, p)
	all = append(all, neighbours(t, all)...)
	refs := map[string][]string{}
	for _, r := range all {
		if b, ok := r.(*terraform.Block); ok {
			refs[b.Address()], _ = terraform.References(b)
		}
	}
	for _, c := range Layer().Controls {
		for _, lost := range losses[c.ID] {
			left := slices.DeleteFunc(slices.Clone(all), func(r render.Resource) bool {
				return r.Address() == lost || slices.Contains(refs[r.Address()], lost)
			})
			if len(left) == len(all) {
				t.Fatalf("%s is not rendered", lost)
			}
			if v := c.Judge(reread(t, p, left)); v.Status == control.Present {
				t.Errorf("%s is present without %s", c.ID, lost)
			}
		}
	}
}

// printed is each resource by its address, as it is written.
func printed(t *testing.T, p *platform.Platform) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range rendered(t, p) {
		switch r := r.(type) {
		case *terraform.Block:
			out[r.Address()] = string(terraform.PrintBlock(r))
		case *render.Text:
			out[r.Address()] = r.Content
		}
	}
	return out
}

func TestRendersTheSameEveryTime(t *testing.T) {
	for _, name := range examples {
		p := example(t, name)
		if diff := cmp.Diff(printed(t, p), printed(t, p)); diff != "" {
			t.Errorf("%s renders differently: %s", name, diff)
		}
	}
}

func TestAServiceAndAStoreMoreChangeNothingElse(t *testing.T) {
	p := example(t, "shopnow")
	before := printed(t, p)
	p.Services = append(p.Services, platform.Service{Name: "wishlist", Namespace: p.Name, Port: 8080})
	p.Stores = append(p.Stores, platform.Store{Name: "wishes", Engine: platform.Postgres, Key: "shared"})
	after := printed(t, p)
	for address, text := range before {
		if after[address] != text {
			t.Errorf("%s has changed:\n%s", address, cmp.Diff(text, after[address]))
		}
		delete(after, address)
	}
	for address := range after {
		if !strings.Contains(address, "wishes") {
			t.Errorf("%s is new, and about nothing that is", address)
		}
	}
}

func TestEveryRegionIsWatchedOnce(t *testing.T) {
	p := example(t, "shopnow")
	p.Region = "us-east-1"
	for address, text := range printed(t, p) {
		if strings.HasPrefix(address, "aws_guardduty_detector.") && strings.Contains(text, "aws.global") {
			t.Errorf("%s is a second detector in us-east-1", address)
		}
	}
	detectors := 0
	for address := range printed(t, p) {
		if strings.HasPrefix(address, "aws_guardduty_detector.") {
			detectors++
		}
	}
	if detectors != 2 {
		t.Errorf("there are %d detectors for us-east-1 and %s", detectors, p.BackupRegion)
	}
}

// CloudWatch Logs takes patterns of at most 1,024 characters, with the ARN of a
// role in it.
func TestPatternsAreShortEnough(t *testing.T) {
	for _, name := range examples {
		p := example(t, name)
		for _, a := range trailAlarms(p) {
			text := strings.ReplaceAll(a.pattern, "${"+string(render.DeployRole)+".arn}", render.RoleARN(p, strings.Repeat("x", 64)))
			if len(text) > 1024 {
				t.Errorf("the pattern of %s has %d characters", a.name, len(text))
			}
			if strings.Count(a.pattern, "(") != strings.Count(a.pattern, ")") {
				t.Errorf("the brackets of %s do not match: %s", a.name, a.pattern)
			}
		}
	}
}

// Whoever takes the runbook over can deny, and cannot grant.
func TestOnlyQuarantineIsHandedOut(t *testing.T) {
	text := printed(t, example(t, "shopnow"))["aws_iam_role_policy.runbook_s3_exfiltration"]
	for _, want := range []string{`"iam:PolicyARN" = aws_iam_policy.quarantine.arn`, `role/shopnow-svc-*`} {
		if !strings.Contains(text, want) {
			t.Errorf("the runbook may attach other policies: no %s in\n%s", want, text)
		}
	}
	if strings.Contains(text, "iam:PutRolePolicy") || strings.Contains(text, "iam:*") {
		t.Errorf("the runbook may write policies:\n%s", text)
	}
}

var variable = regexp.MustCompile(`\$\{([a-z]+)\}`)

// A runbook that does not parse, or goes on to a step that is not there, is found
// out at three in the morning.
func TestRunbooksHangTogether(t *testing.T) {
	p := example(t, "shopnow")
	for _, b := range automations(p) {
		text, err := texts.ReadFile("runbooks/" + b.name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		given := []string{"name", "role", "oncall"}
		for _, v := range b.vars {
			given = append(given, v.Key)
		}
		used := map[string]bool{}
		for _, m := range variable.FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
			if !slices.Contains(given, m[1]) {
				t.Errorf("%s: nobody gives it %s", b.name, m[0])
			}
		}
		for _, g := range given {
			if !used[g] {
				t.Errorf("%s is given %s and does not use it", b.name, g)
			}
		}
		var doc struct {
			SchemaVersion string
			Parameters    map[string]any
			MainSteps     []struct{ Name, Action, NextStep, OnFailure string }
		}
		if err := yaml.Unmarshal(variable.ReplaceAll(text, []byte("x")), &doc); err != nil {
			t.Fatalf("%s: %v", b.name, err)
		}
		if doc.SchemaVersion != "0.3" || len(doc.MainSteps) == 0 {
			t.Errorf("%s is no Automation document", b.name)
		}
		names := map[string]bool{"": true, "Continue": true, "Abort": true}
		for _, s := range doc.MainSteps {
			names[s.Name] = true
		}
		for _, s := range doc.MainSteps {
			for _, next := range []string{s.NextStep, strings.TrimPrefix(s.OnFailure, "step:")} {
				if !names[next] {
					t.Errorf("%s: step %s goes on to %q, which is not there", b.name, s.Name, next)
				}
			}
		}
		for name := range doc.Parameters {
			if !strings.Contains(b.hand, `"`+name+`"`) {
				t.Errorf("%s: the event rule does not hand it %s", b.name, name)
			}
			if !strings.Contains(string(text), "{{ "+name+" }}") {
				t.Errorf("%s does not use its parameter %s", b.name, name)
			}
		}
	}
}

func TestWhatNobodyIsDeclaredForGoesToOnCall(t *testing.T) {
	p := example(t, "bazaar")
	p.Notify.Legal, p.Notify.Privacy = "", ""
	out := printed(t, p)
	for _, topic := range []string{"legal", "privacy"} {
		if text := out["aws_sns_topic_subscription."+topic]; !strings.Contains(text, p.Notify.OnCall) {
			t.Errorf("nobody hears what goes to %s:\n%s", topic, text)
		}
	}
}

func TestTheAccountHasASecurityContact(t *testing.T) {
	p := example(t, "bazaar")
	const contact = "aws_account_alternate_contact.security"
	if text := printed(t, p)[contact]; !strings.Contains(text, p.Notify.Phone) || !strings.Contains(text, "oncall@bazaar.example") {
		t.Errorf("AWS is told of nobody:\n%s", text)
	}
	p.Notify.Phone = ""
	if text := printed(t, p)[contact]; text != "" {
		t.Errorf("AWS takes no contact without a number:\n%s", text)
	}
}

func TestEveryBlockSaysWhy(t *testing.T) {
	for _, r := range rendered(t, example(t, "shopnow")) {
		if b, ok := r.(*terraform.Block); ok && (len(b.Controls) == 0 || len(b.Paths) == 0) {
			t.Errorf("%s is for controls %v, from %v", b.Address(), b.Controls, b.Paths)
		}
	}
}
