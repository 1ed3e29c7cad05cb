package webacl

import "strings"

// labelNode asks for a label (AWS WAF Developer Guide, "Label match rule
// statement"). A key without the prefix awswaf: is of the web ACL or rule group
// that holds the rule.
type labelNode struct {
	key       string
	prefix    string // of local keys
	namespace bool
	qualified bool
}

func (c *compiler) labelMatch(st LabelMatch) node {
	if st.Key == "" {
		c.failf("name it", "the label match has no key")
	}
	return newLabelNode(st, c.context)
}

func newLabelNode(st LabelMatch, prefix string) *labelNode {
	n := &labelNode{key: st.Key, prefix: prefix, namespace: st.Namespace, qualified: strings.HasPrefix(st.Key, "awswaf:")}
	if n.namespace && !strings.HasSuffix(n.key, ":") {
		n.key += ":"
	}
	return n
}

func (n *labelNode) eval(s *Subject) Truth {
	t := No
	for _, l := range s.labels {
		if !n.matches(l.name) {
			continue
		}
		if !l.doubtful {
			s.hits = append(s.hits, hit{words: "has the label " + quoted(l.name), value: value{place: "LABEL"}})
			return Yes
		}
		t = s.unknown("the label " + quoted(l.name) + " comes from a rule that is undecidable")
	}
	if t == No && n.qualified && s.opaque != "" && !strings.HasPrefix(n.key, s.program.prefix) {
		return s.unknown("the labels of the rule group of rule " + quoted(s.opaque) + " are not known")
	}
	return t
}

func (n *labelNode) matches(label string) bool {
	if n.qualified {
		if n.namespace {
			return len(label) > len(n.key) && strings.HasPrefix(label, n.key)
		}
		return label == n.key
	}
	rest, ok := strings.CutPrefix(label, n.prefix)
	if !ok {
		return false
	}
	if !n.namespace {
		return rest == n.key || strings.HasSuffix(rest, n.key) && rest[len(rest)-len(n.key)-1] == ':'
	}
	// Whole namespaces in a row, never the name at the end.
	last := strings.LastIndexByte(rest, ':')
	if last < 0 {
		return false
	}
	spaces := rest[:last+1]
	return strings.HasPrefix(spaces, n.key) || strings.Contains(spaces, ":"+n.key)
}

// addLabel adds a label once.
func (s *Subject) addLabel(name string, doubtful, absent bool) {
	doubtful = doubtful || s.cut
	for i := range s.labels {
		l := &s.labels[i]
		if l.name != name {
			continue
		}
		if l.absent && !absent {
			s.verdict.Labels = append(s.verdict.Labels, name)
		}
		l.absent = l.absent && absent
		l.doubtful = l.doubtful && doubtful
		return
	}
	s.labels = append(s.labels, label{name: name, absent: absent, doubtful: doubtful})
	if !absent {
		s.verdict.Labels = append(s.verdict.Labels, name)
	}
}

// LabelMatches says whether a label match, in the context of a web ACL or rule
// group whose labels have the given prefix, asks for a label.
func LabelMatches(st LabelMatch, prefix, label string) bool {
	n := newLabelNode(st, prefix)
	return n.matches(label)
}
