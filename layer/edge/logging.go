package edge

import (
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

var wafLogging = control.Control{
	ID:       "edge.waf-logging",
	Title:    "WAF logs kept, sensitive fields redacted",
	Why:      "Nobody sees what was tried, or whoever reads the logs finds session cookies in them",
	Threats:  []control.Threat{control.Exfiltration, control.Flood},
	Phase:    control.QuickWin,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 10.2.1", "HIPAA 164.312(b)"},
	Check:    checkLogging,
	Aside:    "it shows afterwards what was tried; what watches the logs is response's",
}

func checkLogging(e *estate.Estate) []control.Result {
	g := guardsOf(e)
	loose := ""
	for _, l := range estate.All[*estate.WebACLLogging](e) {
		if len(l.WebACL.To) == 0 {
			loose = l.ID.Addr + " keeps the logs of " + l.WebACL.String() + ", which is not in what was read"
		}
	}
	return g.judge(e, "no request is logged by one", func(a *acl) []control.Result {
		logs := estate.Of[*estate.WebACLLogging](e, a.ID)
		switch {
		case len(logs) > 0:
			var out []control.Result
			for _, l := range logs {
				out = append(out, judgeLogging(a, l))
			}
			return out
		case loose != "":
			return []control.Result{control.Unsure(a, diag.Pos{}, loose)}
		}
		return []control.Result{control.Lacks(e, a.WebACL, control.Mistake{
			Summary: name(a) + " keeps no logs",
			Fix:     "add an aws_wafv2_web_acl_logging_configuration with redacted_fields for authorization and cookie, to a destination whose name begins with aws-waf-logs-",
		})}
	})
}

// judgeLogging wants the two headers that carry credentials kept out of the
// logs: by redacted_fields, which is for this log only, or by the web ACL's
// data protection, which is for everything AWS WAF keeps. A WAF log holds
// every header.
func judgeLogging(a *acl, l *estate.WebACLLogging) control.Result {
	for _, n := range []*tree.Node{l.Redacted.Node, a.DataProtection.Node} {
		if why := n.Hole(); why != "" {
			return control.Unsure(l, n.Pos, "which fields are redacted is not known: "+why)
		}
	}
	hidden := redacted(l.Redacted.Node)
	for k := range protected(a.DataProtection.Node) {
		hidden[k] = true
	}
	var open []string
	for _, h := range []string{"authorization", "cookie"} {
		if !hidden[h] {
			open = append(open, h)
		}
	}
	if len(open) == 0 {
		return control.Is(l, control.Evidence{At: l.Pos, Saw: "redacts authorization and cookie"})
	}
	return control.Partly(l, control.Mistake{
		Severity: control.Low,
		Summary:  "the logs of " + name(a) + " keep the header " + strings.Join(open, " and ") + " as sent",
		Fix:      `add redacted_fields { single_header { name = "` + open[0] + `" } } for each of them, or data_protection_config to the web ACL`,
	})
}

func redacted(n *tree.Node) map[string]bool {
	out := map[string]bool{}
	for _, f := range items(n) {
		for _, h := range items(f.Get("single_header")) {
			out[strings.ToLower(text(h.Get("name")))] = true
		}
	}
	return out
}

func protected(n *tree.Node) map[string]bool {
	out := map[string]bool{}
	for _, c := range items(n) {
		for _, p := range items(c.Get("data_protection")) {
			for _, f := range items(p.Get("field")) {
				switch keys := strs(f.Get("field_keys")); text(f.Get("field_type")) {
				case "SINGLE_COOKIE":
					out["cookie"] = true
				case "SINGLE_HEADER":
					for _, k := range keys {
						out[strings.ToLower(k)] = true
					}
				}
			}
		}
	}
	return out
}
