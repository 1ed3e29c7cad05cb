package dialect

import (
	"strconv"

	"fathom/engine/webacl"
)

var sensitivities = []string{"LOW", "MEDIUM", "HIGH"}

func (r *reader) antiDDoS(o *object, c *webacl.ManagedConfig) {
	c.BlockSensitivity = r.sensitivity(o, "SensitivityToBlock")
	if r.style == Snake && o.n.Get("client_side_action_config") == nil {
		r.flatAntiDDoS(o, c)
		return
	}
	n := o.get("ClientSideActionConfig")
	if !o.must(n, "ClientSideActionConfig") {
		return
	}
	in := r.object(n, "ClientSideActionConfig")
	if in == nil {
		return
	}
	defer in.done()
	ch := in.get("Challenge")
	if !in.must(ch, "Challenge") {
		return
	}
	way := r.object(ch, "Challenge")
	if way == nil {
		return
	}
	defer way.done()
	usage := way.get("UsageOfAction")
	if way.must(usage, "UsageOfAction") {
		c.ChallengeDisabled = r.choice(usage, "UsageOfAction", "ENABLED", "DISABLED") == 1
	}
	c.ChallengeSensitivity = r.sensitivity(way, "Sensitivity")
	list := way.list("ExemptUriRegularExpressions")
	for _, it := range list {
		if e := r.object(it, "an exempt URI"); e != nil {
			c.ExemptURIs = append(c.ExemptURIs, r.path(e, "RegexString"))
			e.done()
		}
	}
	r.exempt(way, c, len(list))
}

// exempt holds the exempt URIs to 1 to 5 where the challenge is on.
func (r *reader) exempt(o *object, c *webacl.ManagedConfig, count int) {
	if count > 5 || count == 0 && !c.ChallengeDisabled && len(r.holes) == 0 {
		r.problem(o.n.Pos, "write 1 to 5", "%s has %s exempt URIs", o.what, strconv.Itoa(count))
	}
}

// flatAntiDDoS reads the form of exports in snake_case.
func (r *reader) flatAntiDDoS(o *object, c *webacl.ManagedConfig) {
	if n := o.get("usage_of_challenge_action"); o.must(n, "usage_of_challenge_action") {
		c.ChallengeDisabled = r.choice(n, "usage_of_challenge_action", "ENABLED", "DISABLED") == 1
	}
	c.ChallengeSensitivity = r.sensitivity(o, "sensitivity_to_challenge")
	c.ExemptURIs = r.texts(o.get("uris_exempt_from_challenge"), "uris_exempt_from_challenge")
	r.exempt(o, c, len(c.ExemptURIs))
}

func (r *reader) sensitivity(o *object, name string) string {
	n := o.get(name)
	if n == nil {
		return ""
	}
	if i := r.choice(n, name, sensitivities...); i >= 0 {
		return sensitivities[i]
	}
	return ""
}
