package response_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/depth"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/ground"
	"fathom/layer/response"
)

func shopnow(t *testing.T) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(os.DirFS("../../examples/shopnow"), []string{"rendered"}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return e
}

func written(t *testing.T, text string) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(fstest.MapFS{"main.tf": {Data: []byte(text)}}, []string{"."}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return e
}

// sets are what has to fall before a goal is reached, each as "a, b", and how
// deep it is at least and at most.
func sets(m *depth.Model, goal depth.Capability, start ...depth.Capability) (out []string, least, most int) {
	for _, units := range m.Sets(start, []depth.Capability{goal}, 3) {
		var names []string
		for _, u := range units {
			names = append(names, u.Name)
		}
		slices.Sort(names)
		out = append(out, strings.Join(names, ", "))
	}
	slices.Sort(out)
	a := m.Depth(start, goal)
	return out, a.Least.N, a.Most.N
}

func TestWhatHasToFallBeforeNobodyNotices(t *testing.T) {
	m := depth.New(response.Layer().Steps(shopnow(t)), depth.Options{})
	for _, tt := range []struct {
		goal  depth.Capability
		start []depth.Capability
		want  []string
	}{
		{ground.QuietAWS, nil, []string{
			"response.detections, response.guardduty",
			"response.guardduty, response.notify",
			"response.guardduty, response.trail",
			"response.notify, response.runbooks",
		}},
		// Without a trail the sensor in the cluster is heard all the same.
		{ground.QuietPods, nil, []string{"response.detections, response.guardduty", "response.notify"}},
		// Who has the sensor has it say nothing.
		{ground.QuietPods, []depth.Capability{ground.Run("svc/falco")}, []string{"response.guardduty", "response.notify"}},
		// Who applies the files is let off for what an apply does, and not for
		// switching off what watches.
		{ground.QuietAWS, []depth.Capability{ground.Admin}, []string{
			"response.detections",
			"response.guardduty, response.notify",
			"response.notify, response.runbooks",
			"response.trail",
		}},
	} {
		got, _, _ := sets(m, tt.goal, tt.start...)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s from %v:\n%s", tt.goal, tt.start, diff)
		}
	}
}

// TestEachDefeatTakesAwayItsGuard: what is left to fall in an estate without a
// control is what the model of the whole estate says without it.
func TestEachDefeatTakesAwayItsGuard(t *testing.T) {
	e := shopnow(t)
	l := response.Layer()
	m := depth.New(l.Steps(e), depth.Options{})
	starts := [][]depth.Capability{nil, {ground.Act("permission-set/shopnow-sre")}, {ground.Admin}}
	for i := range l.Controls {
		c := &l.Controls[i]
		if c.Defeat == nil {
			continue
		}
		without, defeated := m.Without(c.ID), depth.New(l.Steps(c.Defeat(e)), depth.Options{})
		for _, goal := range []depth.Capability{ground.QuietAWS, ground.QuietPods} {
			for _, start := range starts {
				want, _, _ := sets(without, goal, start...)
				got, _, _ := sets(defeated, goal, start...)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("without %s, %s from %v (-model +estate):\n%s", c.ID, goal, start, diff)
				}
			}
		}
	}
}

const (
	detector = `
resource "aws_guardduty_detector" "main" {
  enable = true
}
`
	findings = `
resource "aws_cloudwatch_event_rule" "findings" {
  name          = "findings"
  event_pattern = jsonencode({ source = ["aws.guardduty"], "detail-type" = ["GuardDuty Finding"] })
}

resource "aws_cloudwatch_event_target" "findings" {
  rule = aws_cloudwatch_event_rule.findings.name
  arn  = aws_sns_topic.oncall.arn
}

resource "aws_sns_topic" "oncall" {
  name = "oncall"
}
`
	heard = `
resource "aws_sns_topic_subscription" "oncall" {
  topic_arn = aws_sns_topic.oncall.arn
  protocol  = "email"
  endpoint  = "oncall@example.com"
}
`
	bucket = `
resource "aws_s3_bucket" "orders" {
  bucket = "orders"
}
`
)

func TestWhatIsSeenHasToLeadToSomebody(t *testing.T) {
	for _, tt := range []struct {
		name, text  string
		want        []string
		least, most int
	}{
		{"nothing watches", bucket, []string{""}, 0, 0},
		{"a detector that nobody hears", bucket + detector, []string{""}, 0, 0},
		{"findings that go to a topic without subscribers", bucket + detector + findings, []string{""}, 0, 0},
		{"findings that people hear", bucket + detector + findings + heard, []string{"response.guardduty", "response.notify"}, 1, 1},
		{"a suspended detector", bucket + strings.Replace(detector, "true", "false", 1) + findings + heard, []string{""}, 0, 0},
		{
			"a detector of which it is not known whether it is on",
			bucket + "variable \"on\" {\n  type = bool\n}\n" + strings.Replace(detector, "true", "var.on", 1) + findings + heard, nil, 0, 1,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := depth.New(response.Layer().Steps(written(t, tt.text)), depth.Options{})
			got, least, most := sets(m, ground.QuietAWS)
			if tt.want != nil {
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
			}
			if least != tt.least || most != tt.most {
				t.Errorf("depth %d to %d, want %d to %d", least, most, tt.least, tt.most)
			}
		})
	}
}

const (
	sensor = `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: falco, namespace: falco}
spec:
  template:
    spec:
      containers: [{name: falco, image: falcosecurity/falco:0.43.0}]
`
	printed = `
resource "aws_cloudwatch_log_metric_filter" "printed" {
  name           = "printed"
  log_group_name = "/aws/containerinsights/shop/application"
  pattern        = "{ $.log_processed.priority = \"Critical\" }"
  metric_transformation {
    name      = "printed"
    namespace = "shop"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "printed" {
  alarm_name          = "printed"
  metric_name         = "printed"
  namespace           = "shop"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 1
  threshold           = 1
  alarm_actions       = [aws_sns_topic.oncall.arn]
}
`
	topic = `
resource "aws_sns_topic" "oncall" {
  name = "oncall"
}
`
)

// A sensor that prints what it sees is heard where an alarm is on what it prints.
func TestASensorIsHeardByWhatItPrints(t *testing.T) {
	for _, tt := range []struct {
		name, kube, text string
		want             []string
	}{
		{"a sensor that nobody hears", sensor, topic + heard, []string{""}},
		{"an alarm on what it prints", sensor, printed + topic + heard, []string{"response.detections", "response.notify"}},
		{"an alarm that tells nobody", sensor, printed + topic, []string{""}},
		{"an alarm on something else that is printed", sensor, strings.Replace(printed, "log_processed.priority", "log_processed.status", 1) + topic + heard, []string{""}},
		{"an alarm on another log", sensor, strings.Replace(printed, "containerinsights", "lambda", 1) + topic + heard, []string{""}},
		{"an alarm and no sensor", strings.Replace(sensor, "name: falco,", "name: proxy,", 1), printed + topic + heard, []string{"response.notify"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, problems := read.Paths(fstest.MapFS{"falco.yaml": {Data: []byte(tt.kube)}, "main.tf": {Data: []byte(tt.text)}}, []string{"."}, read.Options{})
			if len(problems) > 0 {
				t.Fatal(problems[0])
			}
			got, _, _ := sets(depth.New(response.Layer().Steps(e), depth.Options{}), ground.QuietPods)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The filter over what containers print looks into the namespace that the sensor
// is in.
func TestTheFilterLooksWhereTheSensorIs(t *testing.T) {
	e := shopnow(t)
	var f *estate.MetricFilter
	for _, x := range estate.All[*estate.MetricFilter](e) {
		if strings.HasSuffix(x.ID.Addr, ".container_suspect") {
			f = x
		}
	}
	if f == nil {
		t.Fatal("nothing looks at what the sensor prints")
	}
	for _, w := range estate.All[*estate.Workload](e) {
		if w.Kind == "DaemonSet" && !strings.Contains(f.Pattern.String(), `namespace_name = "`+w.Namespace+`"`) {
			t.Errorf("%s is in namespace %s, and the filter is %s", w.Name, w.Namespace, f.Pattern)
		}
	}
}

func TestWhatIsMissingIsListed(t *testing.T) {
	var got []string
	for _, s := range response.Layer().Steps(written(t, bucket)) {
		for _, x := range s.Stops {
			if x.State != depth.Missing {
				t.Errorf("%s is %s", x.Guard, x.State)
			}
			got = append(got, x.Control)
		}
	}
	slices.Sort(got)
	want := []string{"response.detections", "response.guardduty", "response.notify", "response.runbooks", "response.trail"}
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Error(diff)
	}
}
