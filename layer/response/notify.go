package response

import (
	"regexp"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var notify = control.Control{
	ID:       "response.notify",
	Title:    "Who is told what and when: on-call, legal, regulator",
	Why:      "The alarm rings where nobody listens, and the 72 hours of the GDPR are over before anybody knows",
	Threats:  all,
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 12.10.1", "PCI DSS 4.0.1 12.10.5", "GDPR 33", "HIPAA 164.404"},
	Check:    checkNotify,
	Defeat:   unsubscribe,
}

// checkNotify follows alarms and findings to a person: a topic that somebody
// hears, a chat room, a response plan. That legal and the regulator are told in
// time is a procedure, and in no file.
func checkNotify(e *estate.Estate) []control.Result {
	n := &notifier{e: e, heard: map[estate.ID]estate.Truth{}, counted: countedMetrics(e)}
	out := n.alarms()
	out = append(out, n.rules()...)
	out = append(out, n.topics()...)
	for _, p := range estate.All[*estate.ResponsePlan](e) {
		n.security = estate.Yes
		out = append(out, control.Is(p, control.Saw(p.Pos, "an Incident Manager response plan")))
	}
	m := control.Mistake{
		Summary: "no person hears of an attack: no finding, API call or log alarm leads to a topic with subscribers, a chat room or a response plan",
		Fix:     "add an aws_cloudwatch_event_rule on GuardDuty and Security Hub findings whose target is an SNS topic that on-call is subscribed to, or an aws_ssmincidents_response_plan",
	}
	switch {
	case n.security == estate.No:
		out = append(out, control.Nowhere(e, m)...)
	case n.security == estate.Maybe && n.why != "":
		out = append(out, control.Unsure(e.Account(), e.Account().Pos, n.why))
	}
	return out
}

type notifier struct {
	e *estate.Estate
	// heard says, of each topic that alarms and rules lead to, whether anybody
	// hears it.
	heard   map[estate.ID]estate.Truth
	order   []*estate.Topic
	counted map[string]bool
	// security says whether an attack comes to somebody's ears.
	security estate.Truth
	why      string
}

// hears says whether what a reference names tells a person.
func (n *notifier) hears(ref estate.Ref[estate.Resource]) estate.Truth {
	best := estate.No
	for _, id := range ref.To {
		if t, ok := estate.Get[*estate.Topic](n.e, id); ok {
			best = best.Or(n.topic(t))
			continue
		}
		for _, told := range []func() bool{
			func() bool { _, ok := estate.Get[*estate.ResponsePlan](n.e, id); return ok },
			func() bool { _, ok := estate.Get[*estate.Lambda](n.e, id); return ok },
			func() bool { x, ok := estate.Get[*estate.External](n.e, id); return ok && n.outside(x) },
		} {
			if told() {
				best = estate.Yes
			}
		}
	}
	if len(ref.To) == 0 && (ref.Unknown() || strings.Contains(ref.String(), ":sns:") || strings.Contains(ref.String(), ":ssm-incidents:")) {
		best, n.why = best.Or(estate.Maybe), ref.String()+" is not in what was read"
	}
	return best
}

// outside says whether a resource without a type of its own tells somebody: an
// API destination (PagerDuty, Opsgenie), a topic that is looked up.
func (n *notifier) outside(x *estate.External) bool {
	return containsAny(x.Type, "api_destination", "sns_topic", "ssmincidents", "ssmcontacts")
}

func (n *notifier) topic(t *estate.Topic) estate.Truth {
	if h, ok := n.heard[t.ID]; ok {
		return h
	}
	h := estate.No
	if len(estate.Of[*estate.Subscription](n.e, t.ID)) > 0 || len(estate.Of[*estate.ChatChannel](n.e, t.ID)) > 0 {
		h = estate.Yes
	} else if n.e.MayHideAWS() != "" {
		h, n.why = estate.Maybe, n.e.MayHideAWS()
	}
	n.heard[t.ID] = h
	n.order = append(n.order, t)
	return h
}

// alarms judges where alarms lead. An alarm without actions may be part of one
// made of several.
func (n *notifier) alarms() []control.Result {
	all := estate.All[*estate.Alarm](n.e)
	parts := partsOf(all)
	var out []control.Result
	for _, a := range all {
		heard := estate.No
		for i := range a.Actions.Items {
			heard = heard.Or(n.hears(a.Actions.Items[i]))
		}
		if metric, ok := a.Metric.Known(); ok && n.counted[metric] {
			n.security = n.security.Or(heard)
		}
		name, _ := a.AlarmName.Known()
		part := parts[a.ID.Addr] || parts[name]
		switch {
		case a.Acts.Is(false) == estate.Yes:
			out = append(out, control.Partly(a, control.Mistake{
				At: a.Acts.Pos(), Severity: control.Low,
				Summary: control.Named("alarm", a.AlarmName, a.Meta()) + " is silenced: actions_enabled = false",
				Fix:     "set actions_enabled = true",
			}))
		case a.Actions.Unknown() && heard == estate.No:
			out = append(out, control.Unsure(a, or(a.Actions.Pos(), a.Pos), "it is not known whom "+control.Named("alarm", a.AlarmName, a.Meta())+" tells: "+a.Actions.Why()))
		case len(a.Actions.Items) == 0 && !part:
			out = append(out, control.Partly(a, control.Mistake{
				At: or(a.Actions.Pos(), a.Pos), Severity: control.Low,
				Summary: control.Named("alarm", a.AlarmName, a.Meta()) + " tells nobody: it has no alarm_actions",
				Fix:     "set alarm_actions to a topic that on-call is subscribed to",
			}))
		case heard == estate.Yes:
			out = append(out, control.Is(a, control.Saw(a.Actions.Pos(), "alarm_actions lead to somebody")))
		}
	}
	return out
}

// inRule matches the alarms in the rule of an alarm made of several: ALARM("x"),
// ALARM(${aws_cloudwatch_metric_alarm.x.alarm_name}).
var inRule = regexp.MustCompile(`\$\{([^}]+)\.[a-z_]+\}|\(\s*"?([^"()]+?)"?\s*\)`)

// partsOf are the names and addresses of the alarms that others are made of.
func partsOf(all []*estate.Alarm) map[string]bool {
	out := map[string]bool{}
	for _, a := range all {
		if a.Rule.Absent() {
			continue
		}
		for _, m := range inRule.FindAllStringSubmatch(a.Rule.String(), -1) {
			for _, name := range m[1:] {
				if name != "" {
					out[name] = true
				}
			}
		}
	}
	return out
}

// countedMetrics are the metrics that filters make from logs.
func countedMetrics(e *estate.Estate) map[string]bool {
	out := map[string]bool{}
	for _, f := range estate.All[*estate.MetricFilter](e) {
		for _, m := range f.Metrics.Items {
			if name, ok := m.Name.Known(); ok {
				out[name] = true
			}
		}
	}
	return out
}

// rules judges where the events of security rules go.
func (n *notifier) rules() []control.Result {
	var out []control.Result
	for _, r := range eventRules(n.e) {
		heard := estate.No
		for _, t := range r.targets {
			heard = heard.Or(n.hears(t.Target))
		}
		switch {
		case r.why != "" && heard != estate.No:
			n.security, n.why = n.security.Or(estate.Maybe), r.why
		case !r.security():
		default:
			n.security = n.security.Or(heard)
			if heard == estate.Yes {
				out = append(out, control.Is(r.rule, control.Saw(r.rule.Pattern.Pos(), "its events lead to somebody")))
			}
		}
	}
	return out
}

// topics are those that something leads to and nobody hears.
func (n *notifier) topics() []control.Result {
	var out []control.Result
	for _, t := range n.order {
		if n.heard[t.ID] == estate.Yes {
			continue
		}
		out = append(out, half(control.Lacks(n.e, t, control.Mistake{
			Summary: control.Named("topic", t.TopicName, t.Meta()) + " has no subscribers: alarms that go there reach nobody",
			Fix:     "add an aws_sns_topic_subscription for on-call (https to the pager, email), or an aws_chatbot_slack_channel_configuration",
		}))...)
	}
	return out
}
