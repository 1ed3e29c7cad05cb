package managed

import (
	"fmt"
	"regexp"

	"fathom/engine/webacl"
)

// ddosRules is the group against floods of requests.
func ddosRules(b *builder) []webacl.Rule {
	c := b.ref.Config
	for _, s := range []string{c.ChallengeSensitivity, c.BlockSensitivity} {
		switch s {
		case "", "LOW", "MEDIUM", "HIGH":
		default:
			b.fail(fmt.Errorf("the sensitivity is %q; use LOW, MEDIUM or HIGH", s))
		}
	}
	var exempt []*regexp.Regexp
	for _, e := range c.ExemptURIs {
		re, err := regexp.Compile(e)
		if err != nil {
			b.fail(fmt.Errorf("an exempt URI is no regular expression: %w", err))
			continue
		}
		exempt = append(exempt, re)
	}
	const event = "AWS detects events and suspects by a baseline of the traffic, which it does not publish"
	first := b.notSimulated("ChallengeAllDuringEvent", webacl.Challenge, event)
	first.Statement = b.challengeable("ChallengeAllDuringEvent", exempt, event, true)
	second := b.notSimulated("ChallengeDDoSRequests", webacl.Challenge, event)
	second.Statement = b.challengeable("ChallengeDDoSRequests", exempt, event, false)
	return []webacl.Rule{first, second, b.notSimulated("DDoSRequests", webacl.Block, event)}
}

// challengeable is the documented part of the challenges: a GET whose path is not
// exempt can be challenged, and gets a label; other requests never match. Whether
// there is an event, nobody says.
func (b *builder) challengeable(name string, exempt []*regexp.Regexp, why string, first bool) webacl.Probe {
	return webacl.Probe{Name: name, Ask: func(s *webacl.Subject) webacl.Answer {
		var a webacl.Answer
		if first {
			a.Labels = tokenLabels(s)
		}
		r := s.Request()
		if r.Missing&webacl.PartMethod == 0 && r.Method != "GET" {
			return a
		}
		if r.Missing&(webacl.PartMethod|webacl.PartPath) != 0 {
			a.Truth, a.Why = webacl.Unknown, "the method or path is not known"
			return a
		}
		for _, re := range exempt {
			if re.MatchString(r.Path) {
				return a
			}
		}
		if first {
			a.Labels = append(a.Labels, b.prefix+"challengeable-request")
		}
		if !b.ref.Config.ChallengeDisabled {
			a.Truth, a.Why = webacl.Unknown, "not simulated: "+why
		}
		return a
	}}
}
