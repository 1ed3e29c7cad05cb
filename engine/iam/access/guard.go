package access

import (
	"strings"
	"sync"

	"fathom/engine/iam"
	"fathom/estate"
)

// guard is what an organisation lays on an account: its SCPs bind the account's
// principals, its RCPs the account's resources.
type guard struct {
	scps, rcps ceiling
	// certain says that both readings of all are one.
	certain bool
}

// ceiling are the policies of one type, by level: root, units, account.
type ceiling struct {
	lower, upper [][]*iam.Document
	levels       []level
}

// level is what is attached at one level of the organisation.
type level struct {
	attached []attached
	// full says that AWS's full access surely is attached beside.
	full bool
}

// documents returns a reading of every level for a request.
func (c *ceiling) documents(upper bool, a about) [][]*iam.Document {
	if a == (about{}) {
		return either(upper, c.lower, c.upper)
	}
	return c.read(upper, a)
}

func (c *ceiling) read(upper bool, a about) [][]*iam.Document {
	var out [][]*iam.Document
	for _, l := range c.levels {
		var docs []*iam.Document
		for _, x := range l.attached {
			lower, up := x.readings(a)
			switch {
			case !upper:
				docs = append(docs, lower.doc)
			case x.applies == estate.Yes:
				docs = append(docs, up.doc)
			}
		}
		if upper || l.full {
			docs = append(docs, full())
		}
		out = append(out, docs)
	}
	return out
}

// full is the policy that AWS attaches everywhere by itself: it stays beside
// others unless somebody detaches it.
var full = sync.OnceValue(func() *iam.Document {
	d, _ := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`), "", iam.SCP)
	return d
})

// The levels that policies are attached at.
const (
	atRoot = iota
	atUnit
	atAccount
	levels
)

// guardOf returns what binds the account of a resource; nil where nothing does.
// The management account, which declares the organisation, is bound by nothing
// (AWS Organizations, "SCP effects on permissions").
func (w *World) guardOf(b *estate.Base) *guard {
	at := w.named().provider(b)
	if g, ok := w.guards[at]; ok {
		return g
	}
	var g *guard
	if len(estate.All[*estate.OrgAttachment](w.e)) > 0 && !w.management(at) {
		g = w.makeGuard(b)
	}
	w.guards[at] = g
	return g
}

func (w *World) management(at provider) bool {
	for _, o := range estate.All[*estate.Organization](w.e) {
		if w.named().provider(o.Meta()) == at {
			return true
		}
	}
	return false
}

func (w *World) makeGuard(b *estate.Base) *guard {
	g := &guard{certain: true}
	var scps, rcps [levels][]attached
	for _, a := range estate.All[*estate.OrgAttachment](w.e) {
		level, applies := w.applies(a, b)
		if applies == estate.No {
			continue
		}
		if a.Maybe != "" {
			applies = estate.Maybe
		}
		policies := estate.To(w.e, a.Policy)
		for _, p := range policies {
			kind, put := iam.SCP, &scps
			switch p.Kind.Default("SERVICE_CONTROL_POLICY").String() {
			case "SERVICE_CONTROL_POLICY":
			case "RESOURCE_CONTROL_POLICY":
				kind, put = iam.RCP, &rcps
			default:
				continue // tag, backup and AI policies
			}
			d := w.shared(kindPlace(kind), kind, p, &p.Content, "")
			put[level] = append(put[level], attached{d, applies})
			if applies == estate.Maybe {
				d.mayBind(a)
			}
			g.certain = g.certain && applies == estate.Yes && d.certain()
		}
		if id, ok := a.Policy.Known(); len(policies) == 0 && (!ok || id != "p-FullAWSAccess" && id != "p-RCPFullAWSAccess") {
			d := &document{place: "SCP", holder: a, at: a.Policy.Pos()}
			unknown(d, iam.SCP, Doubt{a.Policy.Pos(), "the attached policy is not in what was read"})
			scps[level] = append(scps[level], attached{d, estate.Maybe})
			g.certain = false
		}
	}
	g.scps = ceilingOf(&scps, &g.certain)
	g.rcps = ceilingOf(&rcps, &g.certain)
	return g
}

func kindPlace(k iam.Kind) string {
	if k == iam.RCP {
		return "RCP"
	}
	return "SCP"
}

// attached is a policy that is attached where it binds an account, or may.
type attached struct {
	*document
	applies estate.Truth
}

// mayBind notes that it is not known whether an attachment binds the account.
func (d *document) mayBind(a *estate.OrgAttachment) {
	d.doubts = append(d.doubts, Doubt{a.Pos, "whether " + a.ID.Addr + " binds the account is not known: its target is " + a.Target.String()})
}

// ceilingOf makes the levels. A level at which nothing is attached holds AWS's
// full access alone, which changes nothing. At one where a policy allows
// something itself, the full access may have been detached.
func ceilingOf(by *[levels][]attached, certain *bool) ceiling {
	var c ceiling
	for _, at := range by {
		if len(at) == 0 {
			continue
		}
		l := level{attached: at, full: true}
		for _, a := range at {
			l.full = l.full && !allowsItself(a.lower.doc)
		}
		*certain = *certain && l.full
		c.levels = append(c.levels, l)
	}
	c.lower, c.upper = c.read(false, about{}), c.read(true, about{})
	return c
}

func allowsItself(d *iam.Document) bool {
	for i := range d.Statements {
		if d.Statements[i].Effect == iam.Allow {
			return true
		}
	}
	return false
}

// applies says at which level an attachment binds the account of a resource.
func (w *World) applies(a *estate.OrgAttachment, b *estate.Base) (level int, applies estate.Truth) {
	account := w.named().account(b)
	target := a.Target.String()
	switch {
	case twelve.MatchString(target):
		if !w.named().accountKnown(b) {
			return atAccount, estate.Maybe
		}
		if target != account {
			return atAccount, estate.No
		}
		return atAccount, estate.Yes
	case strings.HasPrefix(target, "r-"):
		return atRoot, estate.Yes
	case strings.HasPrefix(target, "ou-"):
		return atUnit, estate.Maybe
	}
	addr, attr := cutRef(strings.TrimSuffix(strings.TrimPrefix(target, "${"), "}"))
	if strings.Contains(attr, "roots[0].id") {
		return atRoot, estate.Yes
	}
	id := estate.ID{Root: a.ID.Root, Addr: addr}
	if x, ok := estate.Get[*estate.OrgAccount](w.e, id); ok {
		return atAccount, w.isAccount(x, account, w.named().accountKnown(b))
	}
	if x, ok := estate.Get[*estate.OrgUnit](w.e, id); ok {
		return atUnit, w.holds(x, account)
	}
	return atUnit, estate.Maybe
}

func (w *World) isAccount(x *estate.OrgAccount, account string, known bool) estate.Truth {
	for _, k := range x.Keys {
		if twelve.MatchString(k) && known {
			if k == account {
				return estate.Yes
			}
			return estate.No
		}
	}
	return estate.Maybe
}

// holds says whether an account lies in a unit, or in one below it.
func (w *World) holds(unit *estate.OrgUnit, account string) estate.Truth {
	for _, x := range estate.All[*estate.OrgAccount](w.e) {
		if w.isAccount(x, account, true) != estate.Yes {
			continue
		}
		parents := x.Parent.To
		for range 8 { // units nest five deep at most
			var above []estate.ID
			for _, id := range parents {
				if id == unit.ID {
					return estate.Yes
				}
				if u, ok := estate.Get[*estate.OrgUnit](w.e, id); ok {
					above = append(above, u.Parent.To...)
				}
			}
			parents = above
		}
		if !x.Parent.Unknown() || len(x.Parent.To) > 0 {
			return estate.No
		}
	}
	return estate.Maybe
}
