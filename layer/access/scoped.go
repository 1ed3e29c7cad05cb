package access

import (
	"regexp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var scoped = control.Control{
	ID:       "access.scoped",
	Title:    "A session reaches only what its grant names",
	Why:      "One operator's account opens a shell on every machine, and tunnels to everything behind it",
	Threats:  []control.Threat{control.LateralMovement},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 7.2.1", "PCI DSS 4.0.1 7.2.2"},
	Check:    checkScoped,
	Defeat:   widen,
}

func checkScoped(e *estate.Estate) []control.Result {
	var out []control.Result
	seen := map[diag.Pos]bool{}
	all := people(e)
	for i := range all {
		p := &all[i]
		openings := p.openings()
		if len(openings) == 0 && p.Why != "" {
			out = append(out, control.Unsure(p, diag.Pos{}, "what "+p.String()+" may do is not all known: "+p.Why))
		}
		for _, o := range openings {
			if !seen[o.at] {
				seen[o.at] = true
				out = append(out, judgeScope(p, o))
			}
		}
	}
	return out
}

var (
	everyMachine  = regexp.MustCompile(`^\*$|^arn:[^:]*:(ec2|ssm|ecs|\*):[^:]*:[^:]*:(\*|(instance|managed-instance|cluster|task)/\*)$`)
	everyDocument = regexp.MustCompile(`^arn:[^:]*:ssm:[^:]*:[^:]*:document/\*$`)
)

// judgeScope wants machines named by ARN or by tag, and no document but those
// named: a document may open a tunnel to any host behind the machine, and what
// goes through a tunnel is not recorded (Systems Manager User Guide, "Additional
// sample IAM policies for Session Manager").
func judgeScope(p *person, o opening) control.Result {
	m := control.Mistake{At: o.at, Fix: `name instances in Resource, or add a condition on ssm:resourceTag, and name the session document`}
	s := o.statement
	switch {
	case s == nil:
		m.Cause = control.CauseStanding
		m.Summary = p.String() + " reaches every machine (" + o.what + ")"
		return control.Not(o.from, m)
	case byTag(s) || named(s):
		if slices.ContainsFunc(s.Resources, everyDocument.MatchString) && !has(*s, "ssm:sessiondocumentaccesscheck") {
			m.Severity = control.Low
			m.Summary = p.String() + " may use every session document, tunnels included (" + o.from.Meta().ID.Addr + ")"
			m.Fix = "name the session document in Resource instead of document/*"
			return control.Partly(o.from, m)
		}
		return control.Is(o.from, control.Evidence{At: o.at, Saw: o.what + " on " + strings.Join(s.Resources, ", ")})
	}
	if len(s.Actions) == 1 && s.Actions[0] == "*" {
		m.Cause = control.CauseStanding
	}
	m.Summary = p.String() + " may use " + o.what + " on every machine (" + o.from.Meta().ID.Addr + ")"
	return control.Not(o.from, m)
}

// byTag says whether the statement is limited to machines that carry a tag.
func byTag(s *estate.Statement) bool {
	return slices.ContainsFunc(s.Conditions, func(c estate.Condition) bool {
		return strings.HasPrefix(c.Key, "ssm:resourcetag/") || strings.HasPrefix(c.Key, "aws:resourcetag/") || strings.HasPrefix(c.Key, "ec2:resourcetag/") || strings.HasPrefix(c.Key, "ecs:resourcetag/")
	})
}

// named says whether the statement names what it is about.
func named(s *estate.Statement) bool {
	return len(s.Resources) > 0 && !slices.ContainsFunc(s.Resources, everyMachine.MatchString)
}
