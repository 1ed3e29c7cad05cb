package lint

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/engine/webacl"
)

// bodies finds guards of bodies that do not see the end of a large one, and size
// limits that large but honest bodies exceed.
func (l *linter) bodies() {
	limit := int64(webacl.BodyLimit(l.acl))
	guarded := slices.ContainsFunc(l.rules, func(p placed) bool {
		return p.action == webacl.Block && !p.counted() && l.stopsLarge(p.Statement, limit)
	})
	for i := range l.rules {
		p := &l.rules[i]
		if p.Name == "SizeRestrictions_BODY" && p.action == webacl.Block && !p.counted() && p.scope == nil {
			l.add(p, "body-limit", control.Low, "override it to count, and block its label except on the paths that take uploads or large carts",
				"blocks every body over 8,192 bytes: uploads and large JSON carts too")
		}
		if guarded || p.action == webacl.Count || p.outer != nil && p.group.Managed {
			continue
		}
		walk(p.Statement, false, func(st webacl.Statement, negated bool) {
			f := fieldOf(st)
			if negated || f.Kind != webacl.BodyText && f.Kind != webacl.JSONBody || f.Oversize != webacl.Continue {
				return
			}
			if _, size := st.(webacl.SizeMatch); size {
				return
			}
			l.add(p, "oversize", control.Medium, "block oversize bodies in a rule of its own (a size constraint, or oversize handling MATCH) on the paths that need none",
				"looks at the first %d bytes of a body and lets the rest pass unseen", limit)
		})
	}
}

// stopsLarge says that a statement matches bodies that are longer than what is
// inspected.
func (l *linter) stopsLarge(st webacl.Statement, limit int64) bool {
	stops := false
	walk(st, false, func(st webacl.Statement, negated bool) {
		f := fieldOf(st)
		if negated || f.Kind != webacl.BodyText && f.Kind != webacl.JSONBody {
			return
		}
		size, ok := st.(webacl.SizeMatch)
		lo, hi := int64(0), int64(0)
		if ok {
			lo, hi = sizeRange(size)
		}
		stops = stops || f.Oversize == webacl.OversizeHit || ok && lo <= limit && hi == largest
	})
	return stops
}

// door is a kind of path that an attacker counts on: paths that many shops have,
// and the words by which another is known.
type door struct {
	name  string
	words []string
	paths []string
}

var doors = []door{
	{"login", []string{"login", "logon", "signin", "sign-in", "sign_in", "auth", "session", "token"}, []string{"/login", "/signin", "/sign-in", "/api/login", "/auth", "/auth/login", "/account/login", "/user/login", "/session", "/api/auth/login", "/api/v1/login"}},
	{"checkout", []string{"checkout", "pay", "order", "purchase", "buy"}, []string{"/checkout", "/checkout/pay", "/cart/checkout", "/api/checkout", "/payment", "/pay", "/orders", "/api/orders", "/api/v1/checkout"}},
}

// rates finds doors without a rate rule of their own: one that counts requests to
// them and not those to a product page.
func (l *linter) rates() {
	type scoped struct {
		*webacl.Program
		paths []string // that its statement names
	}
	var scopes []scoped
	any, unsure := false, false
	for i := range l.rules {
		p := &l.rules[i]
		rate, ok := p.Statement.(webacl.RateBased)
		if !ok || p.action == webacl.Count || p.counted() {
			continue
		}
		any = true
		if rate.ScopeDown == nil {
			continue
		}
		program, problems := webacl.Compile(&webacl.ACL{
			Name: l.acl.Name, Account: l.acl.Account, Default: webacl.Action{Kind: webacl.Allow},
			Rules: []webacl.Rule{{Name: "scope", Statement: rate.ScopeDown, Action: webacl.Action{Kind: webacl.Block}}},
		}, webacl.Options{})
		if len(problems) > 0 {
			unsure = true
			continue
		}
		scopes = append(scopes, scoped{program, pathsIn(rate.ScopeDown)})
	}
	for _, d := range doors {
		if unsure || slices.ContainsFunc(scopes, func(s scoped) bool { return ofItsOwn(s.Program, d, s.paths) }) {
			continue
		}
		what := "counts on " + d.name + " like everywhere else"
		if !any {
			what = "has no rate rule at all, and none for " + d.name
		}
		l.found = append(l.found, Finding{
			ID: "rate-missing", Severity: control.High, At: l.acl.At,
			Summary: "web ACL " + quote(l.acl.Name) + " " + what,
			Fix:     "add a rate-based rule with a scope-down statement on the path of " + d.name + " and a limit that a person stays under",
		})
	}
}

// ofItsOwn says that a scope takes in a door and leaves a product page out. What
// cannot be decided, because it asks for labels or addresses, counts as taking in.
func ofItsOwn(scope *webacl.Program, d door, named []string) bool {
	if takes(scope, "GET", "/products/42") || takes(scope, "GET", "/") {
		return false
	}
	paths := d.paths
	for _, p := range named {
		if slices.ContainsFunc(d.words, func(w string) bool { return strings.Contains(strings.ToLower(p), w) }) {
			paths = append(paths[:len(paths):len(paths)], p)
		}
	}
	return slices.ContainsFunc(paths, func(path string) bool {
		return takes(scope, "POST", path) || takes(scope, "GET", path) || takes(scope, "POST", path+"/")
	})
}

// pathsIn are the paths that a statement compares with.
func pathsIn(st webacl.Statement) (paths []string) {
	walk(st, false, func(st webacl.Statement, _ bool) {
		switch b := st.(type) {
		case webacl.ByteMatch:
			if b.Field.Kind == webacl.URIPath {
				paths = append(paths, string(b.Search))
			}
		case webacl.RegexMatch:
			if b.Field.Kind == webacl.URIPath {
				paths = append(paths, strings.NewReplacer("^", "", "$", "", `\`, "").Replace(b.Regex))
			}
		}
	})
	return paths
}

func takes(scope *webacl.Program, method, path string) bool {
	r := webacl.Request{Method: method, Path: path, Missing: webacl.PartHeaders | webacl.PartBody | webacl.PartClient | webacl.PartQuery | webacl.PartJA3 | webacl.PartJA4}
	var v webacl.Verdict
	scope.Evaluate(&r, &v)
	return v.Action == webacl.Block || len(v.Undecidable) > 0
}

// overlaps finds rate rules of which the one with the higher limit never acts.
func (l *linter) overlaps() {
	for i := range l.rules {
		a, ok := l.rules[i].Statement.(webacl.RateBased)
		if !ok {
			continue
		}
		for j := range l.rules {
			b, ok := l.rules[j].Statement.(webacl.RateBased)
			if !ok || i == j || a.Limit < b.Limit || a.Limit == b.Limit && i < j || l.rules[i].action != l.rules[j].action || l.rules[j].counted() {
				continue
			}
			if a.Key != b.Key || a.Key == webacl.ByCustomKeys || window(a) != window(b) || !covered(a, b) {
				continue
			}
			l.add(&l.rules[i], "rate-overlap", control.Low, "lower its limit, narrow the other, or remove it",
				"never acts: rule %q counts at least the same requests, with the limit %d instead of %d", l.rules[j].name(), b.Limit, a.Limit)
			break
		}
	}
}

func window(r webacl.RateBased) int64 {
	if r.Window == 0 {
		return 300
	}
	return r.Window
}

// covered says that b counts all that a counts.
func covered(a, b webacl.RateBased) bool {
	switch {
	case (a.Forwarded == nil) != (b.Forwarded == nil), a.Forwarded != nil && *a.Forwarded != *b.Forwarded:
		return false
	case b.ScopeDown == nil:
		return true
	case a.ScopeDown == nil:
		return always(b.ScopeDown)
	}
	return implies(a.ScopeDown, b.ScopeDown)
}

// challenges finds CAPTCHA and Challenge rules that form posts and APIs meet: they
// cannot solve one, and are blocked.
func (l *linter) challenges() {
	for i := range l.rules {
		p := &l.rules[i]
		if p.action != webacl.Challenge && p.action != webacl.Captcha || p.outer != nil && p.group.Managed && p.Action.Kind == p.action {
			continue
		}
		if meets(p.Statement, "GET") || !meets(p.Statement, "POST") {
			continue
		}
		l.add(p, "challenge-post", control.Medium, "challenge the GET of the page before it, so that the token is there when the form is posted",
			"asks POST requests to solve what only a page can show: without a token it blocks them")
	}
}

// meets says whether a request of a method may meet a statement, as far as the
// method decides.
func meets(st webacl.Statement, method string) bool {
	switch st := st.(type) {
	case webacl.And:
		return !slices.ContainsFunc(st.Of, func(of webacl.Statement) bool { return !meets(of, method) })
	case webacl.Or:
		return slices.ContainsFunc(st.Of, func(of webacl.Statement) bool { return meets(of, method) })
	case webacl.Not:
		if b, ok := st.Of.(webacl.ByteMatch); ok && b.Field.Kind == webacl.Method && b.Position == webacl.Exactly {
			return !strings.EqualFold(string(b.Search), method)
		}
	case webacl.ByteMatch:
		if st.Field.Kind == webacl.Method && st.Position == webacl.Exactly {
			return strings.EqualFold(string(st.Search), method)
		}
	case webacl.RateBased:
		return st.ScopeDown == nil || meets(st.ScopeDown, method)
	}
	return true
}

// forwarded finds guards that are not applied where a header is absent.
func (l *linter) forwarded() {
	for i := range l.rules {
		p := &l.rules[i]
		if p.action == webacl.Count || p.action == webacl.Allow {
			continue
		}
		header := ""
		walk(p.Statement, false, func(st webacl.Statement, _ bool) {
			if f := forwardedOf(st); f != nil && header == "" {
				header = f.Header
			}
		})
		if header == "" || l.asksFor(header) {
			continue
		}
		l.add(p, "forwarded-skip", control.Medium, "let a rule before it block requests without the header, or use the address of the connection",
			"is not applied at all to requests without the header %s", header)
	}
}

func forwardedOf(st webacl.Statement) *webacl.Forwarded {
	switch st := st.(type) {
	case webacl.GeoMatch:
		return st.Forwarded
	case webacl.ASNMatch:
		return st.Forwarded
	case webacl.IPSetMatch:
		return st.Forwarded
	case webacl.RateBased:
		return st.Forwarded
	}
	return nil
}

// asksFor says that a rule blocks requests without a header: a Not over it.
func (l *linter) asksFor(header string) bool {
	return slices.ContainsFunc(l.rules, func(p placed) bool {
		not, ok := p.Statement.(webacl.Not)
		if !ok || p.action != webacl.Block {
			return false
		}
		f := fieldOf(not.Of)
		return f.Kind == webacl.SingleHeader && strings.EqualFold(f.Name, header)
	})
}

// negations finds Nots that match where the part is absent, in rules that let
// requests past.
func (l *linter) negations() {
	for i := range l.rules {
		p := &l.rules[i]
		if p.action != webacl.Allow || p.outer != nil && p.group.Managed {
			continue
		}
		walk(p.Statement, false, func(st webacl.Statement, negated bool) {
			f := fieldOf(st)
			if !negated || f.Kind != webacl.SingleHeader && f.Kind != webacl.SingleQueryArgument && f.Kind != webacl.Cookies {
				return
			}
			name := f.Name
			if name == "" {
				name = "cookies"
			}
			l.add(p, "not-absent", control.Medium, "also ask that it is there: a size constraint greater than 0",
				"lets past requests without %s: a Not matches where the part is absent", quote(name))
		})
	}
}

func (l *linter) capacity() {
	total, rules := webacl.Capacity(l.acl, webacl.Options{Managed: l.o.Managed, Choices: l.o.Choices})
	unknown := 0
	for _, r := range rules {
		if r.Unknown != "" {
			unknown++
		}
	}
	add := func(s control.Severity, summary, fix string) {
		if unknown > 0 {
			summary += ", and more that is not known"
		}
		l.found = append(l.found, Finding{ID: "capacity", Severity: s, At: l.acl.At, Summary: summary, Fix: fix})
	}
	switch {
	case total > webacl.MostWCU:
		add(control.High, "web ACL "+quote(l.acl.Name)+" needs "+units(total)+", and AWS WAF has "+units(webacl.MostWCU), "merge regular expressions into sets, drop transformations, or remove rules")
	case total > webacl.BaseWCU:
		add(control.Low, "web ACL "+quote(l.acl.Name)+" needs "+units(total)+", of which the base price covers "+units(webacl.BaseWCU), "nothing, if the price is fine")
	}
}
