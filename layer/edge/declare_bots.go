package edge

import (
	"slices"
	"strings"

	"fathom/platform"
	"fathom/render/terraform"
)

const botLabel = "awswaf:managed:aws:bot-control:"

// What the words of the declaration are in Bot Control. Whoever says to be a bot
// and is not verified to be that one is blocked in any case, as the group does by
// itself.
var (
	suspectBots   = []string{"SignalKnownBotDataCenter", "SignalNonBrowserUserAgent"}
	automatedBots = []string{"CategoryHttpLibrary", "CategoryScrapingFramework", "SignalAutomatedBrowser"}
)

// botRules tell good bots from bad. Bot Control lets verified bots pass and only
// labels them; every other rule still looks at their requests.
func botRules(p *platform.Platform) []wafRule {
	var more []terraform.Entry
	exempt := exempted(p)
	override := func(rules []string, want string) {
		if want == allow {
			want = count
		}
		for _, r := range rules {
			if want != block && want != "" && !slices.Contains(exempt, r) {
				more = append(more, overriding(r, want))
			}
		}
	}
	override(suspectBots, p.Edge.Bots.Suspect)
	override(automatedBots, p.Edge.Bots.Automated)
	more = append(more, nest("managed_rule_group_configs",
		nest("aws_managed_rules_bot_control_rule_set", set("inspection_level", "COMMON"))))
	cost := 0
	if not := notSigned(p); len(not) > 0 {
		scope := and(not...)
		more = append(more, nest("scope_down_statement", scope.entry()))
		cost = scope.wcu
	}
	r := groupRule(p, firstBots, botControl, more...)
	r.body.wcu += cost
	r.why = unsignedOnly(p, "")
	out := []wafRule{r}
	if v := p.Edge.Bots.Verified; v == block || v == captcha || v == defy {
		out = append(out, wafRule{
			name: "bots-verified", priority: firstBots + 10, action: v,
			why: "Bots that are what they say, such as search engines", body: labelled(botLabel + "bot:verified"),
		})
	}
	return out
}

// exempted are the managed rules that an exemption names, each once.
func exempted(p *platform.Platform) []string {
	var out []string
	for _, x := range p.Edge.Exempt {
		if groupOfRule(x.Rule) != nil {
			out = append(out, x.Rule)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// exemptSet is the label of the regex set with the paths of a rule's exemptions.
func exemptSet(rule string) string { return "exempt_" + strings.ToLower(rule) }

// exemptRules block what an exempted managed rule has found, but for the paths
// of the exemptions.
func exemptRules(p *platform.Platform) []wafRule {
	var out []wafRule
	for _, rule := range exempted(p) {
		var why []string
		for _, x := range p.Edge.Exempt {
			if x.Rule == rule {
				why = append(why, x.Path+" until "+x.Until.Format("2006-01-02")+": "+x.Because+" ("+x.Owner+")")
			}
		}
		out = append(out, wafRule{
			name: "exempt-" + rule, action: block,
			why:  "What " + rule + " has found, but for " + strings.Join(why, "; "),
			body: and(labelled(groupOfRule(rule).labelOf(rule)), not(inSet(exemptSet(rule)))),
		})
	}
	return out
}

// formWords find the pages where accounts are tried and made, where the
// declaration has no route for one: it may be part of a route with a star.
var formWords = []struct{ form, words string }{
	{"login", "^.*/(log|sign)[_-]?(in|on)(/.*)?$"},
	{"signup", "^.*/(sign[_-]?up|register|join)(/.*)?$"},
	{"recover", "^.*/(forgot|recover|reset)[a-z_-]*(/.*)?$"},
}

// challengeRules ask for the proof of a browser where the declaration says so,
// and at forms it does not name. A browser that has proved itself on the page
// sends the form with its token; whatever sends the form without is stopped.
func challengeRules(p *platform.Platform) []wafRule {
	var out []wafRule
	for _, r := range p.Edge.Routes {
		if r.Challenge {
			out = append(out, excepted(p, r.Path, wafRule{
				name: "challenge-" + slug(r.Path), action: defy, body: at(r.Path, readPath...),
			}))
		}
	}
	for _, f := range formWords {
		declared := slices.ContainsFunc(p.Edge.Routes, func(r platform.Route) bool { return r.Form == f.form })
		if !declared {
			out = append(out, wafRule{
				name: "words-" + f.form, action: defy,
				why: unsignedOnly(p, "No route is declared to be the form \""+f.form+"\", so it is known by its path."),
				body: and(append([]statement{
					matches(f.words, nest("uri_path"), append(slices.Clone(readPath), "LOWERCASE")...),
				}, notSigned(p)...)...),
			})
		}
	}
	return out
}
