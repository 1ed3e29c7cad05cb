package response

import (
	"strconv"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var retention = control.Control{
	ID:       "response.retention",
	Title:    "Logs kept as long as the rules ask: twelve months under PCI DSS",
	Why:      "An intrusion is found after months, and the log of the first day is gone",
	Threats:  []control.Threat{control.Exfiltration, control.Ransom},
	Phase:    control.QuickWin,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 10.5.1", "HIPAA 164.316(b)(2)(i)"},
	Check:    checkRetention,
	Aside:    "it keeps what was recorded for those who look afterwards",
}

// year is what PCI DSS 10.5.1 asks for, in days.
const year = 365

// checkRetention judges the logs that an investigation needs: the audit trail,
// flow logs, web ACL logs, access logs, the cluster's audit log. An
// application's own log may be shorter. What is kept for ever is long enough.
func checkRetention(e *estate.Estate) []control.Result {
	groups, buckets := securityLogs(e)
	var out []control.Result
	for _, g := range estate.All[*estate.LogGroup](e) {
		holds := groups[g.ID]
		if holds == "" {
			holds = byName(g)
		}
		if holds != "" {
			out = append(out, groupRetention(g, holds))
		}
	}
	for _, b := range estate.All[*estate.Bucket](e) {
		if holds := buckets[b.ID]; holds != "" {
			out = append(out, bucketRetention(e, b, holds)...)
		}
	}
	for _, s := range estate.All[*estate.EventDataStore](e) {
		at := or(s.Days.Pos(), s.Pos)
		out = append(out, enough(s, at, s.Days.Default(2555), "event data store "+s.ID.Addr, "retention_period"))
	}
	return out
}

// securityLogs are the log groups and buckets that security logs are written
// to, and which.
func securityLogs(e *estate.Estate) (groups, buckets map[estate.ID]string) {
	groups, buckets = map[estate.ID]string{}, map[estate.ID]string{}
	mark := func(what string, ids []estate.ID) {
		for _, id := range ids {
			for _, m := range []map[estate.ID]string{groups, buckets} {
				if m[id] == "" {
					m[id] = what
				}
			}
		}
	}
	for _, t := range estate.All[*estate.Trail](e) {
		mark("the CloudTrail log", t.Bucket.To)
		// The trail's bucket is the record; a log group beside it is for alarms.
		if len(t.Bucket.To) == 0 {
			mark("the CloudTrail log", t.LogGroup.To)
		}
	}
	for _, l := range estate.All[*estate.FlowLog](e) {
		mark("flow logs", l.Destination.To)
	}
	for _, l := range estate.All[*estate.WebACLLogging](e) {
		mark("web ACL logs", l.Destinations.To())
	}
	for _, l := range estate.All[*estate.LoadBalancer](e) {
		for _, a := range l.AccessLogs.Items {
			mark("load balancer logs", a.Bucket.To)
		}
	}
	for _, l := range estate.All[*estate.BucketLogging](e) {
		mark("S3 access logs", l.Target.To)
	}
	for _, c := range estate.All[*estate.ConfigDelivery](e) {
		mark("AWS Config's history", c.Bucket.To)
	}
	return groups, buckets
}

// byName are the log groups whose names AWS fixes, or that say audit.
func byName(g *estate.LogGroup) string {
	name := strings.ToLower(g.GroupName.String())
	switch {
	case strings.HasPrefix(name, "aws-waf-logs-"):
		return "web ACL logs"
	case strings.HasPrefix(name, "/aws/eks/") && strings.HasSuffix(name, "/cluster"):
		return "the cluster's audit log"
	case strings.HasPrefix(name, "/aws/rds/") && strings.HasSuffix(name, "/audit"), strings.Contains(name, "audit"):
		return "an audit log"
	case containsAny(name, "flow-log", "flowlog", "flow_log"):
		return "flow logs"
	}
	return ""
}

func groupRetention(g *estate.LogGroup, holds string) control.Result {
	days := g.Days.Default(0)
	if days.Is(0) == estate.Yes {
		return control.Is(g, control.Saw(or(g.Days.Pos(), g.Pos), "kept for ever"))
	}
	return enough(g, g.Days.Pos(), days, control.Named("log group", g.GroupName, g.Meta())+", which holds "+holds+",", "retention_in_days")
}

// enough judges a number of days.
func enough(on estate.Resource, at diag.Pos, days estate.Int, what, arg string) control.Result {
	n, _ := days.Known()
	evidence := control.Saw(at, "%s = %s", arg, days)
	return half(control.Judge(days.Test(func(d int) bool { return d >= year }), on, control.Mistake{
		At:       at,
		Summary:  what + " forgets after " + strconv.Itoa(n) + " days, and PCI DSS asks for twelve months",
		Fix:      "set " + arg + " to 400 or more",
		Evidence: []control.Evidence{evidence},
	}, "it is not known how long "+what+" is kept: "+days.Why()))[0]
}

// bucketRetention judges the rules that expire the objects of a log bucket.
// One for a prefix or a tag may be for something else in it.
func bucketRetention(e *estate.Estate, b *estate.Bucket, holds string) []control.Result {
	what := control.Named("bucket", b.BucketName, b.Meta()) + ", which holds " + holds + ","
	var out []control.Result
	all := []estate.Blocks[estate.LifecycleRule]{b.Lifecycle}
	for _, l := range estate.Of[*estate.BucketLifecycle](e, b.ID) {
		all = append(all, l.Rules)
	}
	for _, rules := range all {
		if rules.Why != "" {
			out = append(out, control.Unsure(b, rules.At, "it is not known when "+what+" expires: "+rules.Why))
		}
		for _, r := range rules.Items {
			if r.Status.Is("Disabled") == estate.Yes || r.Enabled.Is(false) == estate.Yes || narrow(&r) {
				continue
			}
			for _, x := range r.Expiration.Items {
				if !x.Days.Absent() && x.Days.Is(0) != estate.Yes {
					out = append(out, enough(b, x.Days.Pos(), x.Days, what, "days"))
				}
			}
		}
	}
	if len(out) == 0 {
		if why := e.MayHideAWS(); why != "" {
			return []control.Result{control.Unsure(b, b.Pos, why)}
		}
		return []control.Result{control.Is(b, control.Saw(b.Pos, "no rule expires its objects"))}
	}
	return out
}

// narrow says whether a lifecycle rule is for some objects only.
func narrow(r *estate.LifecycleRule) bool {
	if p, ok := r.Prefix.Known(); ok && p != "" {
		return true
	}
	found := false
	if r.Filter.Node != nil {
		for _, arg := range []string{"prefix", "tag", "and"} {
			n := r.Filter.At(arg)
			found = found || !n.Missing() && (n.Text != "" || len(n.Items)+len(n.Fields) > 0)
		}
	}
	return found || r.Prefix.Unknown()
}
