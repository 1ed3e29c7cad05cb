package platform

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

func edgeOf(n *node) Edge {
	e := Edge{
		Domains: n.get("domains").texts(),
		Zone:    n.get("zone").text,
		WAF:     n.get("waf").or("block"),
		OriginSecret: Rotation{
			Every: n.get("originSecret", "rotate").lasting(30 * day), Overlap: n.get("originSecret", "overlap").lasting(24 * hour),
		},
		Geo: Geo{Deny: sorted(n.get("geo", "deny").texts()), Challenge: sorted(n.get("geo", "challenge").texts())},
		Bots: Bots{
			Verified: n.get("bots", "verified").or("allow"), Suspect: n.get("bots", "suspect").or("challenge"),
			Automated: n.get("bots", "automated").or("block"),
		},
		Clients: Clients{
			Cookie: n.get("clients", "cookie").text,
			Mobile: sorted(n.get("clients", "mobile").texts()),
			Window: n.get("clients", "window").lasting(5 * minute),
		},
		WaitingRoom: WaitingRoom{Path: n.get("waitingRoom", "path").text, Admit: n.get("waitingRoom", "admit").num},
		Canary:      cmp.Or(n.get("canary").num, 5),
		Limit:       limitOf(n.get("limit")),
		Shield:      n.get("shield").yes(),
	}
	name, value, _ := strings.Cut(n.get("clients", "header").text, ":")
	e.Clients.Header, e.Clients.Value = strings.ToLower(name), strings.TrimSpace(value)
	for _, r := range n.get("routes").items {
		e.Routes = append(e.Routes, routeOf(r))
	}
	slices.SortStableFunc(e.Routes, func(a, b Route) int {
		return cmp.Or(cmp.Compare(reach(b.Path), reach(a.Path)), strings.Compare(a.Path, b.Path))
	})
	for _, x := range n.get("exempt").items {
		e.Exempt = append(e.Exempt, Exempt{
			Rule: x.get("rule").text, Path: x.get("path").text, Because: x.get("because").text, Owner: x.get("owner").text, Until: x.get("until").day,
		})
	}
	slices.SortStableFunc(e.Exempt, func(a, b Exempt) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Path, b.Path))
	})
	return e
}

// reach orders paths: the longest first, and an exact one before one with a star
// at the same place.
func reach(path string) int {
	if p, star := strings.CutSuffix(path, "*"); star {
		return 2 * len(p)
	}
	return 2*len(path) + 1
}

func limitOf(n *node) Limit {
	if !n.written() {
		return Limit{}
	}
	return Limit{Max: n.get("max").num, Per: n.get("per").lasting(5 * minute), By: n.get("by").or("ip")}
}

func routeOf(n *node) Route {
	path := n.get("path").text
	return Route{
		Path: path, To: n.get("to").text, Priority: n.get("priority").or("degraded"), Limit: limitOf(n.get("limit")),
		Challenge: n.get("challenge").yes(), Form: n.get("form").or(formOf(path)), Methods: sorted(n.get("methods").texts()),
	}
}

// forms tell by the words of a path what it is. The first that fits is it.
var forms = []struct {
	form  string
	words *regexp.Regexp
}{
	{"recover", regexp.MustCompile(`^(forgot|forgotten|recover|reset)([_-]?(password|account))?$|^password[_-]?(reset|recovery|forgotten)$`)},
	{"signup", regexp.MustCompile(`^(sign[_-]?up|register|registration|join)$`)},
	{"login", regexp.MustCompile(`^(log[_-]?in|log[_-]?on|sign[_-]?in|sign[_-]?on)$`)},
	{"checkout", regexp.MustCompile(`^(check[_-]?out|pay)$`)},
}

// formOf tells from a path whether it is one of the forms that attackers try
// first; it is empty where it is none.
func formOf(path string) string {
	parts := strings.FieldsFunc(strings.ToLower(path), func(r rune) bool { return r == '/' || r == '*' || r == '.' })
	for _, f := range forms {
		if slices.ContainsFunc(parts, f.words.MatchString) {
			return f.form
		}
	}
	return ""
}
