package managed

import (
	"strings"

	"fathom/engine/webacl"
)

// creationRules is account creation fraud prevention (ACFP).
func creationRules(b *builder) []webacl.Rule {
	c := b.ref.Config
	create := b.endpoint("POST", "CreationPath", c.CreationPath)
	page := b.endpoint("GET", "RegistrationPagePath", c.RegistrationPath)
	block, captcha := webacl.Block, webacl.Captcha
	const half = 1800
	return []webacl.Rule{
		b.cognito(create),
		b.rule("AllRequests", webacl.Challenge, documented("a GET of the registration page, by a client that takes HTML"), at(page, "the registration page", func(s *webacl.Subject) webacl.Answer {
			if s.Request().Missing&webacl.PartHeaders != 0 {
				return webacl.Answer{Truth: webacl.Unknown, Why: "the headers are not known"}
			}
			if !strings.Contains(headerOf(s, "accept"), "text/html") {
				return webacl.Answer{}
			}
			return webacl.Answer{Truth: webacl.Yes, Labels: tokenLabels(s), Details: []webacl.Detail{{Field: "URI", What: "is the registration page", Value: s.Request().Path, End: len(s.Request().Path)}}}
		})),
		b.undecidedAt(create, "RiskScoreHigh", block, "AWS does not publish how it scores risk"),
		b.stolen(create, "SignalCredentialCompromised", "signal:credential_compromised"),
		b.undecidedAt(create, "SignalClientHumanInteractivityAbsentLow", captcha, needsBrowser),
		b.undecidedAt(create, "AutomatedBrowser", block, needsBrowser),
		b.undecidedAt(create, "BrowserInconsistency", captcha, needsBrowser),
		b.rule("VolumetricIpHigh", captcha, documented("more than 20 registrations of an address in 10 minutes"), b.counting(create, counting{
			rule: "VolumetricIpHigh", window: 600, label: "aggregate:volumetric:ip:creation:", instance: byAddress, what: "from one address",
			steps: []step{{20, "high"}, {15, "medium"}, {10, "low"}},
		})),
		b.rule("VolumetricSessionHigh", block, documented("more than 10 registrations of a session in 30 minutes"), b.counting(create, counting{
			rule: "VolumetricSessionHigh", window: half, label: "aggregate:volumetric:session:creation:", instance: bySession, what: "of one session",
			steps: []step{{10, "high"}, {5, "medium"}, {1, "low"}},
		})),
		b.rule("AttributeUsernameTraversalHigh", block, standIn("more than 10 usernames of a session in 30 minutes; a request with a username that the session used before does not match"), b.usernames(create)),
		b.rule("VolumetricPhoneNumberHigh", block, documented("more than 10 registrations with one phone number in 30 minutes"), b.counting(create, counting{
			rule: "VolumetricPhoneNumberHigh", window: half, label: "aggregate:volumetric:phone_number:", instance: b.byFields(c.PhoneFields...), what: "with one phone number",
			steps: []step{{10, "high"}, {5, "medium"}, {1, "low"}},
		})),
		b.rule("VolumetricAddressHigh", block, documented("more than 100 registrations with one address in 30 minutes"), b.counting(create, counting{
			rule: "VolumetricAddress", window: half, label: "aggregate:volumetric:address:", instance: b.byFields(c.AddressFields...), what: "with one address",
			steps: []step{{100, "high"}},
		})),
		b.rule("VolumetricAddressLow", captcha, documented("more than 10 registrations with one address in 30 minutes; medium more than 50"), b.addressLow(create)),
		b.undecidedAt(create, "VolumetricIPSuccessfulResponse", block, needsResponse),
		b.undecidedAt(create, "VolumetricSessionSuccessfulResponse", block, needsResponse),
		b.undecidedAt(create, "VolumetricSessionTokenReuseIp", block, "it needs every address that used a token"),
	}
}

// addressLow shares its count with VolumetricAddressHigh.
func (b *builder) addressLow(create endpoint) webacl.Probe {
	instance := b.byFields(b.ref.Config.AddressFields...)
	return at(create, "VolumetricAddressLow", func(s *webacl.Subject) webacl.Answer {
		value, unknown := instance(s)
		if value == "" {
			if unknown != "" {
				return webacl.Answer{Truth: webacl.Unknown, Why: unknown}
			}
			return webacl.Answer{}
		}
		seen, unknown := b.count(s, "VolumetricAddress", 100, 1800, value)
		if unknown != "" {
			return webacl.Answer{Truth: webacl.Unknown, Why: unknown}
		}
		if seen <= 10 {
			return webacl.Answer{}
		}
		label := "low"
		if seen > 50 {
			label = "medium"
		}
		return webacl.Answer{
			Truth: webacl.Yes, Labels: []string{b.prefix + "aggregate:volumetric:address:" + label},
			Details: []webacl.Detail{counted(seen, 1800, "with one address")},
		}
	})
}

// usernames counts the different usernames of a session: each once in the window.
func (b *builder) usernames(create endpoint) webacl.Probe {
	const rule, window = "AttributeUsernameTraversalHigh", 1800
	steps := []step{{10, "high"}, {5, "medium"}, {1, "low"}}
	username := b.byFields(b.ref.Config.UsernameField)
	return at(create, rule, func(s *webacl.Subject) webacl.Answer {
		session, unknown := bySession(s)
		if unknown != "" {
			return webacl.Answer{Truth: webacl.Unknown, Why: unknown}
		}
		name, unknown := username(s)
		switch {
		case session == "":
			return webacl.Answer{}
		case unknown != "":
			return webacl.Answer{Truth: webacl.Unknown, Why: unknown}
		case name == "":
			return webacl.Answer{}
		}
		again, unknown := b.count(s, rule+"/username", steps[0].over, window, session+"\x00"+name)
		if unknown != "" {
			return webacl.Answer{Truth: webacl.Unknown, Why: unknown}
		}
		if again > 1 {
			return webacl.Answer{}
		}
		seen, unknown := b.count(s, rule, steps[0].over, window, session)
		if unknown != "" {
			return webacl.Answer{Truth: webacl.Unknown, Why: unknown}
		}
		return stepped(seen, window, b.prefix+"aggregate:attribute:username_traversal:creation:", steps, "with a new username of one session")
	})
}
