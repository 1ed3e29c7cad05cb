package webacl

// node is a compiled condition. It answers for one request; what it matched it
// leaves in the subject's hits.
type node interface{ eval(*Subject) Truth }

type andNode []node

// eval is No as soon as one is No, whatever cannot be decided of the others.
func (n andNode) eval(s *Subject) Truth {
	mark, t := len(s.hits), Yes
	for _, of := range n {
		if t = min(t, of.eval(s)); t == No {
			s.hits = s.hits[:mark]
			return No
		}
	}
	return t
}

type orNode []node

func (n orNode) eval(s *Subject) Truth {
	t := No
	for _, of := range n {
		if t = max(t, of.eval(s)); t == Yes {
			return Yes
		}
	}
	return t
}

type notNode struct{ of node }

// eval drops what was matched: it is not why the rule matches.
func (n notNode) eval(s *Subject) Truth {
	mark := len(s.hits)
	t := n.of.eval(s).not()
	s.hits = s.hits[:mark]
	return t
}

// undecided answers nothing.
type undecided struct{ why string }

func (n undecided) eval(s *Subject) Truth { return s.unknown(n.why) }

type probeNode struct{ probe Probe }

func (n probeNode) eval(s *Subject) Truth {
	a := n.probe.Ask(s)
	s.pending = append(s.pending, a.Labels...)
	switch a.Truth {
	case Yes:
		for i := range a.Details {
			s.hits = append(s.hits, hit{detail: &a.Details[i]})
		}
		return Yes
	case Unknown:
		return s.unknown(a.Why)
	}
	return No
}
