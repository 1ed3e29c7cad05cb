package edge

import (
	"regexp"
	"slices"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var bots = control.Control{
	ID:       "edge.bots",
	Title:    "Scrapers and bad bots stopped, verified bots let in",
	Why:      "Scrapers copy the catalogue, hoard stock and use up the capacity that customers need",
	Threats:  []control.Threat{control.Flood},
	Phase:    control.MidTerm,
	Severity: control.Low,
	World:    control.AWS,
	Check:    checkBots,
	Defeat:   unbot,
}

// botGroup are the managed groups that tell good bots from bad: AWS's Bot
// Control, which only labels verified bots, and those of the Marketplace.
var botGroup = regexp.MustCompile(`(?i)bot|datadome|humansecurity|kasada|perimeterx`)

func checkBots(e *estate.Estate) []control.Result {
	g := guardsOf(e)
	return g.judge(e, "no bot is told from a customer", judgeBots)
}

func judgeBots(a *acl) []control.Result {
	var idle, agents []rule
	for _, r := range a.rules {
		switch {
		case r.managed != nil && botGroup.MatchString(r.managed.vendor+" "+r.managed.name):
			if r.action == count {
				idle = append(idle, r)
				continue
			}
			saw := r.managed.name
			if r.managed.inspection != "" {
				saw += " at inspection level " + r.managed.inspection
			}
			return []control.Result{control.Is(a, control.Evidence{At: r.at, Saw: saw})}
		case slices.Contains(r.looks.headers, "user-agent") && r.stops():
			agents = append(agents, r)
		}
	}
	switch {
	case len(idle) > 0:
		return counted(idle, "so no bot is stopped")
	case a.why != "":
		return []control.Result{control.Unsure(a, diag.Pos{}, "rules of "+name(a)+" are not known: "+a.why)}
	case len(agents) > 0:
		return []control.Result{control.Partly(a, control.Mistake{
			At:      agents[0].at,
			Summary: `rule "` + agents[0].name + `" of ` + name(a) + " knows bots by their User-Agent alone, which anybody can forge",
			Fix:     "add AWSManagedRulesBotControlRuleSet, which verifies good bots and finds the others by how they behave",
		})}
	}
	return []control.Result{control.Not(a, control.Mistake{
		Summary: name(a) + " has no rules against bots",
		Fix:     "add a rule with managed_rule_group_statement AWSManagedRulesBotControlRuleSet (it lets verified bots pass) and rules for marketplaces that must come in",
	})}
}
