package escalate

import (
	"strings"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
)

// fill replaces the holes of a text: {name} by what the map says. A hole that
// is not there stays, as do braces that are none, such as JSON's.
func fill(s string, holes map[string]string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		n := strings.IndexAny(s[i+1:], "{}")
		v, ok := "", false
		if n >= 0 {
			v, ok = holes[s[i+1:i+1+n]]
		}
		if !ok {
			b.WriteByte('{')
			s = s[i+1:]
			continue
		}
		b.WriteString(v)
		s = s[i+n+2:]
	}
	b.WriteString(s)
	return b.String()
}

// display is what a principal is called in a sentence: a user by the name, the
// others with their kind.
func display(name string) string {
	kind, rest, ok := strings.Cut(name, "/")
	switch {
	case !ok:
		return name
	case kind == "user":
		return rest
	}
	return strings.ReplaceAll(kind, "-", " ") + " " + rest
}

// who is display for a principal.
func who(p access.Principal) string { return display(p.Name) }

// String tells the path in lines: the head, its steps with their statements,
// what limits it.
func (p Path) String() string { return strings.Join(p.Lines(), "\n") }

// Lines are the lines of String.
func (p Path) Lines() []string {
	out := []string{p.Head()}
	for _, s := range p.Steps {
		line := "  " + s.Says
		if s.Certain != estateYes {
			line += " (not certain)"
		}
		out = append(out, line)
		for _, b := range s.Because {
			out = append(out, "    "+b.String())
		}
	}
	if p.Why != "" {
		out = append(out, "  not certain: "+p.Why)
	}
	for _, l := range p.Limits {
		out = append(out, "  note: "+l)
	}
	return out
}

// Head is the first line of String: who gains what, by which way.
func (p Path) Head() string {
	verb := " becomes "
	if p.Certain != estateYes {
		verb = " may become "
	}
	id := p.ID
	if len(p.Known) > 0 {
		id += " (" + strings.Join(p.Known, ", ") + ")"
	}
	return who(p.From) + verb + p.Gains.String() + ": " + id
}

// String says what is gained, after "becomes".
func (g Gain) String() string {
	switch {
	case g.Kind == Administrator && g.As != "":
		return "administrator as " + display(g.As)
	case g.Kind == Administrator:
		return "administrator"
	case g.Kind == ClusterAdmin:
		return "administrator of " + g.Of
	case g.Kind == DataAccess && g.Witness != nil:
		return "able to " + request(g.Witness)
	case g.Kind == DataAccess:
		return "able to read what is behind " + g.Of
	case g.As != "":
		return display(g.As)
	}
	return "able to " + request(g.Witness)
}

// request is a request in a sentence: "s3:GetObject on arn:aws:s3:::b/k".
func request(r *iam.Request) string {
	if r == nil {
		return "do more"
	}
	if r.Resource == "*" {
		return r.Action
	}
	return r.Action + " on " + r.Resource
}
