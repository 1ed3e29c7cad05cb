package escalate

import (
	"strings"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// allows is whether a principal may do something. What no file declares, such
// as what the attacker is about to make, has no policy of its own here: the
// World, which does not know what is asked for, doubts that.
func (f *finder) allows(p *person, action, arn string, ctx iam.Context) estate.Truth {
	t := f.w.Allows(p.Principal, action, arn, ctx)
	if t == estate.Maybe {
		return f.ask(p, action, arn, ctx).Truth
	}
	return t
}

// ask is allows with the explanation.
func (f *finder) ask(p *person, action, arn string, ctx iam.Context) access.Answer {
	a := f.w.Ask(p.Principal, action, arn, ctx)
	if a.Truth != estate.Maybe {
		return a
	}
	outside, identity, boundary := false, false, p.boundary == nil
	var because []access.Because
	for _, b := range a.Because {
		if b.Effect == iam.Allow && b.Place == "resource" && b.Holder == nil {
			outside = true
			continue
		}
		identity = identity || b.Place == "identity" && b.Effect == iam.Allow
		boundary = boundary || b.Place == "boundary" && b.Effect == iam.Allow
		because = append(because, b)
	}
	if !outside || strings.HasPrefix(action, "sts:") {
		return a
	}
	a.Because = because
	var doubts []access.Doubt
	for _, d := range a.Doubts {
		if !strings.Contains(d.Why, "is declared in no file") {
			doubts = append(doubts, d)
		}
	}
	a.Doubts = doubts
	switch {
	case !identity, !boundary:
		// A resource that lets anybody in would hide what is missing.
		return f.w.Ask(p.Principal, action, unnamed(arn), ctx)
	case len(doubts) == 0:
		a.Truth = estate.Yes
	}
	return a
}

// unnamed is an ARN for all resources of the kind: the World takes those to
// have no policy of their own.
func unnamed(arn string) string { return arn[:len(arn)-1] + "?" }
