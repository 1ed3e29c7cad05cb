package iam

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
)

// The formula of the User Guide's flow chart, written down once more as it
// stands there, over statements that are matched by hand.

// plain is a statement of the twin's world.
type plain struct {
	allow    bool
	who      string // "*", an account, an ARN; "" where the kind has none
	action   string // "s3:GetObject", "s3:*", "*"
	resource string
}

type world struct {
	caller   string // user, role or session
	action   string
	resource string
	owner    string
	identity []plain
	boundary []plain
	session  []plain
	policy   []plain
	scps     [][]plain
	rcps     []plain
}

func prefixed(pattern, text string) bool {
	if p, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(text, p)
	}
	return pattern == text
}

func (w *world) is(s plain) bool {
	return prefixed(s.action, w.action) && prefixed(s.resource, w.resource)
}

func (w *world) any(list []plain, allow bool) bool {
	for _, s := range list {
		if s.allow == allow && w.is(s) {
			return true
		}
	}
	return false
}

// names says how a principal names the caller.
func (w *world) names(who string) (final, role, account bool) {
	own := strings.Split(w.caller, ":")[4]
	name := w.caller[strings.LastIndex(w.caller, ":")+1:]
	switch {
	case who == "*":
		return true, false, false
	case who == own:
		return false, false, true
	case who == w.caller:
		return !strings.HasPrefix(name, "role/"), strings.HasPrefix(name, "role/"), false
	case strings.HasPrefix(name, "assumed-role/") && who == "arn:aws:iam::"+own+":role/"+strings.Split(name, "/")[1]:
		return false, true, false
	}
	return false, false, false
}

func (w *world) decide() string {
	deny := w.any(w.identity, false) || w.any(w.boundary, false) || w.any(w.session, false) || w.any(w.rcps, false)
	scp := true
	for _, l := range w.scps {
		deny = deny || w.any(l, false)
		scp = scp && w.any(l, true)
	}
	var final, role, account bool
	for _, s := range w.policy {
		f, r, a := w.names(s.who)
		if !w.is(s) || !(f || r || a) {
			continue
		}
		if !s.allow {
			deny = true
			continue
		}
		final, role, account = final || f, role || r, account || a
	}
	i := w.any(w.identity, true)
	pb := len(w.boundary) == 0 || w.any(w.boundary, true)
	s := len(w.session) == 0 || w.any(w.session, true)
	allow := final || role && pb && s || i && pb && s
	if strings.Split(w.caller, ":")[4] != w.owner {
		allow = (final || role || account) && i && pb && s
	}
	switch {
	case deny:
		return "explicit"
	case allow && scp:
		return "allow"
	}
	return "implicit"
}

func lines(list []plain) string {
	var b strings.Builder
	for _, s := range list {
		effect := "Deny"
		if s.allow {
			effect = "Allow"
		}
		who := ""
		if s.who == "*" {
			who = "* "
		} else if s.who != "" {
			who = `{"AWS":"` + s.who + `"} `
		}
		fmt.Fprintf(&b, "%s %s%s %s\n", effect, who, s.action, s.resource)
	}
	return b.String()
}

func TestEvaluateAgreesWithTheFormula(t *testing.T) {
	rnd := rand.New(rand.NewSource(3))
	pick := func(list ...string) string { return list[rnd.Intn(len(list))] }
	some := func(n int, kind Kind) (out []plain) {
		for range rnd.Intn(n + 1) {
			s := plain{allow: rnd.Intn(6) > 0, action: pick("*", "s3:*", "s3:Get*", "s3:GetObject", "s3:PutObject"), resource: pick("*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::c/*")}
			if kind == Resource {
				s.who = pick("*", "111111111111", "222222222222", ann, role, session, foreign)
			}
			if kind == RCP {
				s.who, s.allow = "*", false
			}
			out = append(out, s)
		}
		return out
	}
	seen := map[string]int{}
	for range 20_000 {
		w := &world{
			caller: pick(ann, role, session, foreign), action: pick("s3:GetObject", "s3:PutObject"), resource: pick("arn:aws:s3:::b/k", "arn:aws:s3:::b/l", "arn:aws:s3:::c/k"),
			owner: pick("111111111111", "111111111111", "222222222222"), identity: some(3, Identity), policy: some(3, Resource),
		}
		if rnd.Intn(3) == 0 {
			w.boundary = some(3, Identity)
		}
		if rnd.Intn(3) == 0 && w.caller != ann {
			w.session = some(3, Identity)
		}
		if rnd.Intn(3) == 0 {
			w.scps = [][]plain{some(3, SCP), some(3, SCP)}
		}
		if rnd.Intn(6) == 0 {
			w.rcps = some(2, RCP)
		}
		c := ruling{
			who: w.caller, action: w.action, on: w.resource, owner: w.owner, identity: lines(w.identity),
			boundary: lines(w.boundary), session: lines(w.session), resource: lines(w.policy), rcps: nil,
		}
		for _, l := range w.scps {
			c.scps = append(c.scps, lines(l))
		}
		if len(w.rcps) > 0 {
			c.rcps = []string{lines(w.rcps)}
		}
		got, want := c.decide(t), w.decide()
		seen[want]++
		if outcome(got) != want {
			t.Fatalf("got %s, want %s, %s\n%+v", outcome(got), want, got.Missing, *w)
		}
		if got.Allowed {
			enough(t, &c, got)
		}
	}
	if seen["allow"] < 1000 || seen["explicit"] < 1000 || seen["implicit"] < 1000 {
		t.Errorf("too one-sided: %v", seen)
	}
}

// enough says that an allowed request is still allowed when nothing is left but
// the statements that the decision names.
func enough(t *testing.T, c *ruling, d Decision) {
	t.Helper()
	kept := map[string]string{}
	text := map[string]string{"identity[0]": c.identity, "boundary[0]": c.boundary, "session[0]": c.session, "resource[0]": c.resource}
	for i, s := range c.scps {
		text[fmt.Sprintf("scps[%d][0]", i)] = s
	}
	for _, b := range d.Because {
		kept[b.Policy] += strings.Split(text[b.Policy], "\n")[b.Statement] + "\n"
	}
	small := *c
	small.identity, small.resource, small.rcps = kept["identity[0]"], kept["resource[0]"], nil
	small.scps = nil
	for i := range c.scps {
		small.scps = append(small.scps, kept[fmt.Sprintf("scps[%d][0]", i)])
	}
	// A boundary that is there limits, even where nothing of it was needed.
	none := "Allow ec2:* *"
	for name, field := range map[string]*string{"boundary[0]": &small.boundary, "session[0]": &small.session} {
		if *field != "" {
			*field = none + "\n" + kept[name]
		}
	}
	if got := small.decide(t); !got.Allowed {
		t.Fatalf("%v is not enough for %+v: %s", spell(d.Because), *c, got.Missing)
	}
}
