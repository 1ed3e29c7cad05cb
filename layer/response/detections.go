package response

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var detections = control.Control{
	ID:       "response.detections",
	Title:    "Rules over CloudTrail, flow, S3, WAF and runtime logs",
	Why:      "Logs that nobody reads tell afterwards how it happened, and prevent nothing",
	Threats:  all,
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 10.4.1.1", "HIPAA 164.308(a)(1)(ii)(D)", "CIS AWS 7.0 5.1-5.15"},
	Check:    checkDetections,
	Defeat:   dropFilters,
}

// topics are what the CIS benchmark wants a rule for (CIS AWS Foundations,
// Monitoring): the words by which a metric filter or an event rule shows that
// it looks for them, and the service whose every call is enough.
var topics = []struct {
	name   string
	source string
	words  []string
}{
	{"use of the root user", "", []string{`"root"`, `= root`, `=root`, `\"root\"`}},
	{"sign-in without MFA", "", []string{"mfaused"}},
	{"failed sign-in", "", []string{"failed authentication"}},
	{"refused calls", "", []string{"unauthorizedoperation", "accessdenied"}},
	{"changed IAM policies", "aws.iam", []string{"putrolepolicy", "attachrolepolicy", "putuserpolicy", "attachuserpolicy", "createpolicyversion"}},
	{"changed trails", "aws.cloudtrail", []string{"stoplogging", "deletetrail", "updatetrail"}},
	{"deleted or disabled keys", "aws.kms", []string{"schedulekeydeletion", "disablekey"}},
	{"changed bucket policies", "aws.s3", []string{"putbucketpolicy", "deletebucketpolicy", "putbucketacl"}},
	{"AWS Config stopped", "aws.config", []string{"stopconfigurationrecorder", "deletedeliverychannel"}},
	{"changed security groups", "aws.ec2", []string{"authorizesecuritygroupingress", "createsecuritygroup"}},
	{"changed network paths", "aws.ec2", []string{"createroute", "replaceroute", "createnetworkaclentry", "createnetworkacl", "attachinternetgateway", "createinternetgateway"}},
}

func checkDetections(e *estate.Estate) []control.Result {
	var out []control.Result
	var texts []string
	services := map[string]bool{}
	why := ""
	alarmed := alarmedMetrics(e)
	for _, f := range estate.All[*estate.MetricFilter](e) {
		at := or(f.Pattern.Pos(), f.Pos)
		if f.Pattern.Unknown() {
			why = "the pattern of " + f.ID.Addr + " is not known: " + f.Pattern.Why()
		}
		text := strings.ToLower(f.Pattern.String())
		if heard, known := hears(f, alarmed); known && !heard {
			out = append(out, half(control.Lacks(e, f, control.Mistake{
				Severity: control.Low,
				Summary:  "metric filter " + f.ID.Addr + " counts what nobody hears of: no alarm is on its metric",
				Fix:      "add an aws_cloudwatch_metric_alarm on the metric, with alarm_actions",
			}))...)
			continue
		}
		texts = append(texts, text)
		out = append(out, control.Is(f, control.Saw(at, "a metric filter with an alarm")))
	}
	for _, r := range eventRules(e) {
		switch {
		case r.why != "":
			why = "the pattern of " + r.rule.ID.Addr + " is not known: " + r.why
		case !r.security() || len(r.targets) == 0:
		default:
			texts = append(texts, r.text)
			if r.calls && !r.names {
				for _, s := range r.sources {
					services[s] = true
				}
			}
			out = append(out, control.Is(r.rule, control.Saw(r.rule.Pattern.Pos(), "an event rule with a target")))
		}
	}
	return append(out, uncovered(e, texts, services, len(out) > 0, why)...)
}

// hears says whether an alarm is on the metric of a filter; known is false
// where names are not known.
func hears(f *estate.MetricFilter, alarmed map[string]bool) (heard, known bool) {
	known = f.Metrics.Why == "" && !alarmed[""]
	for _, m := range f.Metrics.Items {
		name, ok := m.Name.Known()
		known = known && ok
		heard = heard || ok && alarmed[name]
	}
	return heard, known && len(f.Metrics.Items) > 0
}

// alarmedMetrics are the metrics that alarms are on; "" among them says that
// some are not known.
func alarmedMetrics(e *estate.Estate) map[string]bool {
	out := map[string]bool{}
	for _, a := range estate.All[*estate.Alarm](e) {
		if name, ok := a.Metric.Known(); ok {
			out[name] = true
		} else if a.Metric.Unknown() {
			out[""] = true
		}
	}
	return out
}

// uncovered are the topics that no rule is for, as one finding.
func uncovered(e *estate.Estate, texts []string, services map[string]bool, some bool, why string) []control.Result {
	var missing []string
	for _, t := range topics {
		if services[t.source] || slices.ContainsFunc(texts, func(text string) bool { return containsAny(text, t.words...) }) {
			continue
		}
		missing = append(missing, t.name)
	}
	switch {
	case len(missing) == 0:
		return nil
	case why != "":
		return []control.Result{control.Unsure(e.Account(), e.Account().Pos, why)}
	case !some:
		return control.Nowhere(e, control.Mistake{
			Summary: "no rule looks for attacks in the logs: there is neither a metric filter with an alarm nor an event rule on API calls or findings",
			Fix:     "add an aws_cloudwatch_event_rule (or a metric filter with an alarm) for each of: " + list(missing),
		})
	}
	return half(control.Nowhere(e, control.Mistake{
		Severity: control.Low,
		Summary:  "no rule looks for " + list(missing),
		Fix:      "add an aws_cloudwatch_event_rule on those API calls, or a metric filter with an alarm, for each",
	})...)
}
