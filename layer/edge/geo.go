package edge

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var geo = control.Control{
	ID:       "edge.geo",
	Title:    "Countries the shop does not serve are denied or challenged",
	Why:      "Credential stuffing and floods come from countries that have no customers",
	Threats:  []control.Threat{control.AccountTakeover, control.Flood},
	Phase:    control.QuickWin,
	Severity: control.Low,
	World:    control.AWS,
	Check:    checkGeo,
	Aside:    "an attacker takes an address in a country that is served; it turns away those who do not mean this shop",
}

// checkGeo takes either of the two ways: a distribution's own geo restriction,
// or a rule of the web ACL.
func checkGeo(e *estate.Estate) []control.Result {
	var out []control.Result
	restricted := map[estate.ID]bool{}
	open := map[estate.ID]bool{} // web ACLs before a distribution that restricts nothing
	for _, d := range estate.All[*estate.Distribution](e) {
		if ev, ok := geoRestriction(d); ok {
			restricted[d.ID] = true
			out = append(out, control.Is(d, ev))
			continue
		}
		for _, id := range d.WebACL.To {
			open[id] = true
		}
	}
	g := guardsOf(e)
	g.bare = slices.DeleteFunc(g.bare, func(d door) bool { return restricted[d.Meta().ID] })
	g.hidden = slices.DeleteFunc(g.hidden, func(u unclear) bool { return restricted[u.Meta().ID] })
	g.acls = slices.DeleteFunc(g.acls, func(a acl) bool {
		only := estate.Of[*estate.Distribution](e, a.ID)
		return len(only) > 0 && !open[a.ID] && len(estate.Of[*estate.WebACLAssociation](e, a.ID)) == 0
	})
	return append(out, g.judge(e, "no country is denied or challenged", judgeGeo)...)
}

func geoRestriction(d *estate.Distribution) (control.Evidence, bool) {
	r := d.Restrictions.One()
	if r == nil || r.Geo.One() == nil {
		return control.Evidence{}, false
	}
	g := r.Geo.One()
	kind, _ := g.Kind.Known()
	return control.Evidence{At: g.Kind.Pos(), Saw: kind + " " + strings.Join(g.Locations.Known(), ", ")}, kind == "whitelist" || kind == "blacklist"
}

func judgeGeo(a *acl) []control.Result {
	denies := false
	if d := a.Default.One(); d != nil {
		denies = len(d.Block.Items) > 0
	}
	var idle []rule
	for _, r := range a.rules {
		where := slices.ContainsFunc(r.looks.labels, func(l string) bool { return strings.Contains(l, ":geo:") })
		if len(r.looks.countries) == 0 && !r.looks.has("geo_match_statement") && !where {
			continue
		}
		switch {
		case r.stops(), r.action == allow && denies:
			return []control.Result{control.Is(a, control.Evidence{At: r.at, Saw: r.name + ": " + r.action + " " + strings.Join(r.looks.countries, ", ")})}
		case r.action == count:
			idle = append(idle, r)
		}
	}
	switch {
	case len(idle) > 0:
		return counted(idle, "so no country is denied")
	case a.why != "":
		return []control.Result{control.Unsure(a, diag.Pos{}, "rules of "+name(a)+" are not known: "+a.why)}
	}
	return []control.Result{control.Not(a, control.Mistake{
		Summary: name(a) + " neither denies nor challenges any country",
		Fix:     "add a rule with geo_match_statement and action block, captcha or challenge, or set restriction_type in the distribution's geo_restriction",
	})}
}
