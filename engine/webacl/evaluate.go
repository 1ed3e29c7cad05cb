package webacl

// Evaluate says what the web ACL does with a request. The verdict is overwritten;
// its slices are used again, so that an ordinary request costs no allocation.
func (p *Program) Evaluate(r *Request, v *Verdict) { p.run(r, v, false) }

// Explain is Evaluate, and looks at the rules after the deciding one too: those
// that would have matched are v.Next. Nothing is counted for them.
func (p *Program) Explain(r *Request, v *Verdict) { p.run(r, v, true) }

func (p *Program) run(r *Request, v *Verdict, next bool) {
	v.reset()
	s := p.subjects.Get().(*Subject)
	s.reset(r, v)
	defer func() {
		s.request, s.verdict = nil, nil
		p.subjects.Put(s)
	}()
	end := -1
	for i, rule := range p.rules {
		if s.outer(rule) {
			end = i
			break
		}
	}
	switch {
	case v.Err != nil:
		// The body could not be read: nothing is let through.
		v.Action, v.Rule, v.Type, v.Response = Block, DefaultAction, "REGULAR", Answered{Code: 400}
	case end < 0:
		v.Action, v.Rule, v.Type = p.acl.Default.Kind, DefaultAction, "REGULAR"
		v.Response = answer(p.acl.Default, p.acl.Bodies)
		if v.Action == Allow {
			s.insert(inserted(p.acl.Default.Insert))
		}
	}
	if v.Action != Allow {
		v.Insert = v.Insert[:0]
	}
	v.Certain = v.Err == nil
	for _, a := range s.pendingActions {
		v.Certain = v.Certain && a == v.Action
	}
	if next && end >= 0 && v.Err == nil {
		s.lookOn(p.rules[end:])
	}
}

func (v *Verdict) reset() {
	*v = Verdict{
		Insert: v.Insert[:0], Labels: v.Labels[:0], Matches: v.Matches[:0], Next: v.Next[:0], Undecidable: v.Undecidable[:0],
		Groups: v.Groups[:0], Rates: v.Rates[:0], Oversize: v.Oversize[:0],
	}
}

// outer runs a rule of the web ACL and says whether it ended the evaluation.
func (s *Subject) outer(r *rule) (ended bool) {
	if !r.isGroup {
		ended = s.inner(r, r.counted)
		if ended && s.verdict.Err == nil {
			s.decide(r, r)
		}
		return ended
	}
	s.why = ""
	if s.skipped(r.skip) == Yes {
		return false
	}
	if r.scope != nil {
		mark := len(s.hits)
		t := r.scope.eval(s)
		s.hits = s.hits[:mark]
		s.addPending(t)
		if s.verdict.Err != nil {
			return true
		}
		switch t {
		case No:
			return false
		case Unknown:
			s.doubtGroup(r)
			return false
		}
	}
	return s.group(r)
}

func (s *Subject) group(r *rule) (ended bool) {
	v := s.verdict
	at := len(v.Groups)
	v.Groups = append(v.Groups, GroupResult{Rule: r.name, ID: r.groupID, First: len(v.Matches), Counted: r.counted})
	defer func() { s.cut = false }()
	for _, inner := range r.inner {
		before := len(v.Undecidable)
		stop := s.inner(inner, r.counted)
		if v.Err != nil {
			return true
		}
		if stop {
			v.Groups[at].Last = len(v.Matches)
			if !r.counted {
				s.decide(r, inner)
				return true
			}
			v.Matches = append(v.Matches, Match{Rule: r.name, Action: Count, Own: inner.action})
			return false
		}
		s.cut = s.cut || r.counted && len(v.Undecidable) > before && terminating(inner.action)
	}
	v.Groups[at].Last = len(v.Matches)
	return false
}

func terminating(a ActionKind) bool { return a != Count && a != Unset }

// inner runs one rule and says whether it ended the evaluation of the web ACL, or
// of its group. In a group that only counts, an undecidable rule does not make
// the action unsure.
func (s *Subject) inner(r *rule, counted bool) (ended bool) {
	s.why, s.hits, s.pending, s.limited = "", s.hits[:0], s.pending[:0], false
	switch s.skipped(r.skip) {
	case Yes:
		return false
	case Unknown:
		s.doubt(r, counted, s.why)
		return false
	}
	t := r.condition.eval(s)
	if s.verdict.Err != nil {
		return true
	}
	defer s.addPending(t)
	switch t {
	case No:
		return false
	case Unknown:
		s.doubt(r, counted, s.why)
		return false
	}
	passed, solved, failure, known := s.token(r)
	if !known {
		s.matched(r, false, false, 0, "")
		s.doubt(r, counted, "the client's token is not known")
		return false
	}
	ended = terminating(r.action) && !passed
	s.matched(r, ended, passed, solved, failure)
	if !ended || r.action == Allow {
		s.insert(r.insert)
	}
	return ended
}

// addPending adds the labels that a rule's statements gave: they are there when
// the rule has been evaluated.
func (s *Subject) addPending(t Truth) {
	for _, l := range s.pending {
		s.addLabel(l, false, false)
	}
	s.pending = s.pending[:0]
}

// doubt notes a rule that is undecidable.
func (s *Subject) doubt(r *rule, counted bool, why string) {
	v := s.verdict
	v.Undecidable = append(v.Undecidable, Undecidable{Rule: r.name, Group: r.group, Action: r.action, Why: why})
	for _, l := range r.labels {
		s.addLabel(l, true, true)
	}
	if r.opaque {
		s.opaque = r.name
	}
	if terminating(r.action) && !counted && !s.shadow {
		s.pendingActions = append(s.pendingActions, r.action)
	}
}

// doubtGroup notes a group whose scope-down statement is undecidable.
func (s *Subject) doubtGroup(r *rule) {
	v, why := s.verdict, s.why
	v.Undecidable = append(v.Undecidable, Undecidable{Rule: r.name, Action: Block, Why: why})
	for _, inner := range r.inner {
		for _, l := range inner.labels {
			s.addLabel(l, true, true)
		}
		if terminating(inner.action) && !r.counted && !s.shadow {
			s.pendingActions = append(s.pendingActions, inner.action)
		}
	}
}

// decide writes who decided.
func (s *Subject) decide(outer, r *rule) {
	v := s.verdict
	v.Action, v.Rule, v.Type, v.Response = r.action, outer.name, outer.kind, r.answer
	if outer != r {
		v.Inner = r.name
	}
}

// insert adds headers for the resource; of one name the last rule's is taken.
func (s *Subject) insert(hs []Header) {
next:
	for _, h := range hs {
		for i := range s.verdict.Insert {
			if equalFold(s.verdict.Insert[i].Name, h.Name) {
				s.verdict.Insert[i] = h
				continue next
			}
		}
		s.verdict.Insert = append(s.verdict.Insert, h)
	}
}

// lookOn evaluates the rules from the deciding one on, for what would have
// matched.
func (s *Subject) lookOn(rules []*rule) {
	v := s.verdict
	decided := *v
	s.shadow = true
	v.Matches, v.Labels = nil, append([]string(nil), v.Labels...)
	v.Undecidable, v.Groups, v.Rates, v.Insert, v.Oversize = nil, nil, nil, nil, nil
	s.rest(rules[0], decided.Inner)
	for _, r := range rules[1:] {
		s.onwards(r)
	}
	next, err := v.Matches, v.Err
	*v = decided
	v.Next = append(v.Next, next...)
	for i := range v.Next {
		v.Next[i].Terminating = false
	}
	if err != nil { // the request was decided without its body
		v.Err = nil
	}
}

// rest looks at the rules of the deciding group after the deciding one.
func (s *Subject) rest(r *rule, decided string) {
	after := false
	for _, inner := range r.inner {
		if after {
			s.inner(inner, false)
		}
		after = after || inner.name == decided
	}
}

// onwards looks at a rule and, of a group, at every rule in it.
func (s *Subject) onwards(r *rule) {
	if !r.isGroup {
		s.inner(r, false)
		return
	}
	s.why = ""
	if s.skipped(r.skip) != No {
		return
	}
	if r.scope != nil {
		t := r.scope.eval(s)
		s.addPending(t)
		if t != Yes {
			return
		}
	}
	for _, inner := range r.inner {
		s.inner(inner, false)
	}
}
