package edge

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"fathom/platform"
	"fathom/render/terraform"
)

// wafRule is one rule of the web ACL, as far as it is not the same for all.
type wafRule struct {
	name     string
	priority int
	// action is block, challenge, captcha or count; for a managed group none or
	// count.
	action string
	// why is printed above the rule.
	why  string
	body statement
	// managed is set for a managed group.
	managed *managedRules
	rate    bool
}

// The bands of priorities. AWS WAF wants a number for each rule, all different.
// The rules that stand alone have one of their own here; those of which there is
// one for each path or exemption take a number of their band by their name, so
// that a new route leaves the numbers of the others as they are (see place).
const (
	firstGeo       = 100
	firstIP        = 200 // addresses known for attacks
	firstLimit     = 300 // the limit for everything
	firstClient    = 400
	bandLimit      = 10000
	bandMethods    = 20000
	bandNeeds      = 30000
	bandSpelling   = 40000
	firstBots      = 50000 // labels verified bots, so it goes before the anonymous addresses
	firstAnonymous = 50100
	firstAttack    = 50200
	bandExempt     = 60000 // after all groups: it waits for their labels
	bandChallenge  = 70000
	bandWidth      = 10000
)

// place gives each rule of a band its number: a hash of its name, or the next
// free one where two names have the same. So a new rule takes no other's number
// but, once in thousands, that of one which comes later in the alphabet.
func place(band int, rules []wafRule) []wafRule {
	slices.SortFunc(rules, func(a, b wafRule) int { return strings.Compare(a.name, b.name) })
	taken := map[int]bool{}
	for i := range rules {
		h := fnv.New32a()
		h.Write([]byte(rules[i].name))
		n := int(h.Sum32() % bandWidth)
		for taken[n] {
			n = (n + 1) % bandWidth
		}
		taken[n] = true
		rules[i].priority = band + n
	}
	return rules
}

// rulesOf are the rules of the web ACL, in the order in which they are asked:
// first what costs little and concerns everybody, then what only some paths
// meet, then the managed groups, and last who has to prove to be a browser.
func rulesOf(p *platform.Platform) []wafRule {
	var out []wafRule
	out = append(out, geoRules(p)...)
	out = append(out, groupRule(p, firstIP, reputation))
	out = append(out, limitAll(p))
	out = append(out, clientRules(p)...)
	out = append(out, routeRules(p)...)
	out = append(out, place(bandSpelling, spellingRules(p))...)
	out = append(out, botRules(p)...)
	out = append(out, anonymousRule(p))
	for i, g := range []managedRules{core, badInputs, injection, linux, unix} {
		out = append(out, groupRule(p, firstAttack+10*i, g))
	}
	out = append(out, place(bandExempt, exemptRules(p))...)
	out = append(out, place(bandChallenge, challengeRules(p))...)
	slices.SortStableFunc(out, func(a, b wafRule) int { return a.priority - b.priority })
	if p.Edge.WAF == "count" || len(everywhere(p)) > 0 {
		for i := range out {
			out[i].action = count
		}
	}
	return out
}

// everywhere are the exceptions that let the whole web ACL count.
func everywhere(p *platform.Platform) []platform.Exception {
	return slices.DeleteFunc(p.Excepted("edge.waf-enforcing"), func(x platform.Exception) bool {
		return x.Route != "" || x.Service != "" || x.Store != ""
	})
}

// excepted lets a rule of a route count where an exception says so.
func excepted(p *platform.Platform, path string, r wafRule) wafRule {
	for _, x := range p.Excepted("edge.waf-enforcing") {
		if x.Route == path {
			r.action = count
			r.why = strings.TrimSuffix(r.why, ".") + ". It only counts until " + x.Until.Format("2006-01-02") + ": " + x.Because + " (" + x.Owner + ")"
		}
	}
	return r
}

func geoRules(p *platform.Platform) []wafRule {
	var out []wafRule
	if deny := p.Edge.Geo.Deny; len(deny) > 0 {
		out = append(out, wafRule{name: "geo-deny", priority: firstGeo, action: block, body: from(deny)})
	}
	if ask := p.Edge.Geo.Challenge; len(ask) > 0 {
		out = append(out, wafRule{
			name: "geo-challenge", priority: firstGeo + 10, action: defy,
			why:  unsignedOnly(p, ""),
			body: and(append([]statement{from(ask)}, notSigned(p)...)...),
		})
	}
	return out
}

// notSigned leaves out the paths of the apps: an app can neither run a challenge
// nor pass for a browser, and its requests are signed.
func notSigned(p *platform.Platform) []statement {
	var out []statement
	for _, m := range p.Edge.Clients.Mobile {
		out = append(out, not(at(m, readPath...)))
	}
	return out
}

func unsignedOnly(p *platform.Platform, why string) string {
	if len(p.Edge.Clients.Mobile) == 0 {
		return why
	}
	return strings.TrimSpace(why + " The apps' paths are left out: apps cannot answer a challenge, and their requests are signed")
}

// groupRule is a managed group. Exempted rules count, and the rules of the band
// bandExempt act on their labels.
func groupRule(p *platform.Platform, priority int, g managedRules, more ...terraform.Entry) wafRule {
	body := []terraform.Entry{set("vendor_name", "AWS"), set("name", g.name)}
	for _, r := range exempted(p) {
		if slices.Contains(g.rules, r) {
			body = append(body, overriding(r, count))
		}
	}
	return wafRule{
		name: strings.TrimSuffix(strings.TrimPrefix(g.name, "AWSManagedRules"), "RuleSet"), priority: priority, action: "none", managed: &g,
		body: statement{kind: "managed_rule_group_statement", body: append(body, more...), wcu: g.wcu},
	}
}

// overriding replaces the action of a rule of a managed group.
func overriding(rule, action string) terraform.Entry {
	return nest("rule_action_override", set("name", rule), nest("action_to_use", nest(action)))
}

// anonymousRule turns away whoever hides in proxies and rented servers. Verified
// bots, which often run on rented servers, were labelled before.
func anonymousRule(p *platform.Platform) wafRule {
	if p.Edge.Bots.Verified != allow {
		return groupRule(p, firstAnonymous, anonymous)
	}
	scope := not(labelled(botLabel + "bot:verified"))
	r := groupRule(p, firstAnonymous, anonymous, nest("scope_down_statement", scope.entry()))
	r.body.wcu += scope.wcu
	r.why = "Verified bots often run on rented servers; Bot Control has told them from the rest"
	return r
}

func limitAll(p *platform.Platform) wafRule {
	return wafRule{
		name: "general-limit", priority: firstLimit, action: block, rate: true,
		why:  "What no route limits by itself, and what all routes together allow one client",
		body: rate(p, p.Edge.Limit, nil),
	}
}

// rate counts requests by client. A request that lacks what it is counted by is
// not counted at all (WAF API, RateBasedStatement): the rules "needs" refuse it.
func rate(p *platform.Platform, l platform.Limit, scope []statement) statement {
	s := statement{kind: "rate_based_statement", wcu: costRate}
	s.body = append(s.body, set("limit", l.Max), set("evaluation_window_sec", seconds(l.Per)))
	key := func(kind, name string) {
		s.body = append(s.body, set("aggregate_key_type", "CUSTOM_KEYS"), nest("custom_key", nest(kind, set("name", name),
			nest("text_transformation", set("priority", 0), set("type", "NONE")))))
		s.wcu += costRateKey
	}
	name, isHeader := strings.CutPrefix(l.By, "header:")
	switch {
	case l.By == "session":
		key("cookie", p.Edge.Clients.Cookie)
	case isHeader:
		key("header", strings.ToLower(name))
	default:
		s.body = append(s.body, set("aggregate_key_type", "IP"))
	}
	if len(scope) > 0 {
		all := and(scope...)
		s.body = append(s.body, nest("scope_down_statement", all.entry()))
		s.wcu += all.wcu
	}
	return s
}

// clientRules want what the shop's own pages and apps send with every change.
// Pages that a browser opens by itself carry no header, so reading needs none.
func clientRules(p *platform.Platform) []wafRule {
	c := p.Edge.Clients
	if c.Header == "" {
		return nil
	}
	return []wafRule{{
		name: "client-header", priority: firstClient, action: block,
		why: "What the shop's own pages send carries this header. A browser adds none when it opens a page, so only requests that change " +
			"something need it; other sites cannot make a visitor's browser send it. " + signedToo(p),
		body: and(append([]statement{
			not(matches("^(GET|HEAD|OPTIONS)$", nest("method"))),
			not(bytes(c.Value, "STARTS_WITH", header(c.Header))),
		}, notSigned(p)...)...),
	}}
}

// signedToo says why the apps' paths need no header.
func signedToo(p *platform.Platform) string {
	if len(p.Edge.Clients.Mobile) == 0 {
		return ""
	}
	return "The apps sign their requests, which proves more"
}

// routeRules are the rules of single routes.
func routeRules(p *platform.Platform) []wafRule {
	var limits, methods, needs []wafRule
	for _, r := range p.Edge.Routes {
		own := []statement{at(r.Path, readPath...)}
		for _, n := range narrower(p, r.Path) {
			own = append(own, not(at(n, readPath...)))
		}
		with := func(s statement) statement { return and(append(slices.Clone(own), not(s))...) }
		if r.Limit.Max > 0 {
			limits = append(limits, excepted(p, r.Path, wafRule{
				name: "limit-" + slug(r.Path), action: block, rate: true, body: rate(p, r.Limit, own),
				why: strconv.Itoa(r.Limit.Max) + " in " + minutes(r) + " by " + r.Limit.By + " at " + r.Path,
			}))
		}
		if len(r.Methods) > 0 {
			methods = append(methods, excepted(p, r.Path, wafRule{
				name: "methods-" + slug(r.Path), action: block,
				why:  r.Path + " takes " + strings.Join(r.Methods, ", ") + " only; CloudFront's lists of methods are coarser",
				body: with(matches("^("+strings.Join(r.Methods, "|")+")$", nest("method"))),
			}))
		}
		if field, what := countedBy(p, r.Limit); field != nil {
			needs = append(needs, excepted(p, r.Path, wafRule{
				name: "needs-" + slug(r.Path), action: block,
				why:  r.Path + " is limited by " + what + ": a request without it would not be counted",
				body: with(present(*field)),
			}))
		}
	}
	return slices.Concat(place(bandLimit, limits), place(bandMethods, methods), place(bandNeeds, needs))
}

func minutes(r platform.Route) string { return fmt.Sprintf("%g min", r.Limit.Per.Minutes()) }

// countedBy is the component that a limit counts by, where a request can come
// without it.
func countedBy(p *platform.Platform, l platform.Limit) (*terraform.Entry, string) {
	var e terraform.Entry
	name, isHeader := strings.CutPrefix(l.By, "header:")
	switch {
	case l.Max == 0:
		return nil, ""
	case l.By == "session" && p.Edge.Clients.Cookie != "":
		e = cookie(p.Edge.Clients.Cookie)
		return &e, "the cookie " + p.Edge.Clients.Cookie
	case isHeader:
		e = header(name)
		return &e, "the header " + strings.ToLower(name)
	}
	return nil, ""
}

// spellingRules refuse requests that reach a path with code at the edge under
// another spelling. CloudFront chooses its behaviour, and with it the code, by
// the path as it was sent; a server may decode it afterwards.
func spellingRules(p *platform.Platform) []wafRule {
	var out []wafRule
	paths := slices.Clone(p.Edge.Clients.Mobile)
	if w := p.Edge.WaitingRoom.Path; w != "" && !slices.Contains(paths, w) {
		paths = append(paths, w)
	}
	for _, path := range paths {
		out = append(out, wafRule{
			name: "spelling-" + slug(path), action: block,
			why:  "CloudFront runs the code before " + path + " for the path as it was sent; this is the same path in another spelling",
			body: and(at(path, readPath...), not(at(path))),
		})
	}
	return out
}
