package response

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"fathom/control"
	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

var rendered, printed = layertest.Of(Layer())

// reread prints resources and reads them back as an estate.
func reread(t *testing.T, p *platform.Platform, resources []render.Resource) *estate.Estate {
	t.Helper()
	return layertest.Whole(t, layertest.Tree(t, p, render.Part{Layer: "response", Resources: resources}))
}

func TestTheControlsArePresent(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			p := layertest.Platform(t, name)
			all := rendered(t, p)
			layertest.Present(t, Layer(), reread(t, p, append(all, layertest.Neighbours(t, all)...)))
		})
	}
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
	p := layertest.Platform(t, "shopnow")
	all := rendered(t, p)
	all = append(all, layertest.Neighbours(t, all)...)
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

func TestRendersTheSameEveryTime(t *testing.T) { layertest.SameEveryTime(t, Layer()) }

func TestAServiceAndAStoreMoreChangeNothingElse(t *testing.T) {
	p := layertest.Platform(t, "shopnow")
	before := printed(t, p)
	p.Services = append(p.Services, platform.Service{Name: "wishlist", Namespace: p.Name, Port: 8080})
	p.Stores = append(p.Stores, platform.Store{Name: "wishes", Engine: platform.Postgres, Key: "shared"})
	layertest.Changes(t, before, printed(t, p), "+*wishes*")
}

func TestEveryRegionIsWatchedOnce(t *testing.T) {
	p := layertest.Platform(t, "shopnow")
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
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
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
	text := printed(t, layertest.Platform(t, "shopnow"))["aws_iam_role_policy.runbook_s3_exfiltration"]
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
	p := layertest.Platform(t, "shopnow")
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
	p := layertest.Platform(t, "bazaar")
	p.Notify.Legal, p.Notify.Privacy = "", ""
	out := printed(t, p)
	for _, topic := range []string{"legal", "privacy"} {
		if text := out["aws_sns_topic_subscription."+topic]; !strings.Contains(text, p.Notify.OnCall) {
			t.Errorf("nobody hears what goes to %s:\n%s", topic, text)
		}
	}
}

func TestTheAccountHasASecurityContact(t *testing.T) {
	p := layertest.Platform(t, "bazaar")
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
	layertest.Explained(t, rendered(t, layertest.Platform(t, "shopnow")))
}

// Whoever switches off what watches is seen by two that see each other: a filter
// over the trail and an event rule. Neither lets off who applies the files.
func TestWhoSwitchesOffIsSeenTwice(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		out := printed(t, p)
		filters := out["aws_cloudwatch_log_metric_filter.watch_loosened"] + out["aws_cloudwatch_log_metric_filter.trail_changed"]
		rule := out["aws_cloudwatch_event_rule.watch_loosened"]
		if !strings.Contains(out["aws_cloudwatch_event_target.watch_loosened"], "aws_sns_topic.oncall.arn") {
			t.Errorf("%s: nobody hears of the rule", name)
		}
		if strings.Contains(out["aws_cloudwatch_log_metric_filter.watch_loosened"], "by_others") {
			t.Errorf("%s: an apply may switch off what watches", name)
		}
		for _, call := range append(slices.Clone(switchingOff), "DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail") {
			if !strings.Contains(filters, call) || !strings.Contains(rule, call) {
				t.Errorf("%s: %s is not seen twice", name, call)
			}
		}
	}
}
