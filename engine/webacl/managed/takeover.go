package managed

import "fathom/engine/webacl"

// takeoverRules is account takeover prevention (ATP).
func takeoverRules(b *builder) []webacl.Rule {
	login := b.endpoint("POST", "LoginPath", b.ref.Config.LoginPath)
	block := webacl.Block
	return []webacl.Rule{
		b.cognito(login),
		b.rule("VolumetricIpHigh", block, documented("more than 20 logins of an address in 10 minutes"), b.counting(login, counting{
			rule: "VolumetricIpHigh", window: 600, label: "aggregate:volumetric:ip:", instance: byAddress, what: "from one address",
			steps: []step{{20, "high"}, {15, "medium"}, {10, "low"}},
		})),
		b.rule("VolumetricSession", block, documented("more than 20 logins of a session in 30 minutes"), b.counting(login, counting{
			rule: "VolumetricSession", window: 1800, label: "aggregate:volumetric:", instance: bySession, what: "of one session",
			steps: []step{{20, "session"}},
		})),
		b.stolen(login, "AttributeCompromisedCredentials", "signal:credential_compromised"),
		b.undecidedAt(login, "AttributeUsernameTraversal", block, needsHistory),
		b.undecidedAt(login, "AttributePasswordTraversal", block, needsHistory),
		b.undecidedAt(login, "AttributeLongSession", block, "it needs the history of a session over six hours"),
		b.rule("TokenRejected", block, documented("the token is rejected"), at(login, "the token is rejected", tokenProbe("the token is rejected", rejected).Ask)),
		b.rule("SignalMissingCredential", block, documented("a login without the username or the password"), b.missingCredential(login)),
		b.undecidedAt(login, "VolumetricIpFailedLoginResponseHigh", block, needsResponse),
		b.undecidedAt(login, "VolumetricSessionFailedLoginResponseHigh", block, needsResponse),
	}
}

func rejected(t webacl.Token) bool {
	return t.State == webacl.TokenInvalid || t.State == webacl.TokenDomainMismatch || t.State == webacl.TokenExpired
}

func (b *builder) missingCredential(login endpoint) webacl.Probe {
	c := b.ref.Config
	if c.UsernameField == "" || c.PasswordField == "" {
		return at(login, "a credential is missing", undecided("", "RequestInspection names no field for username and password").Ask)
	}
	return at(login, "a credential is missing", func(s *webacl.Subject) webacl.Answer {
		f := b.form(s)
		for _, name := range []string{c.UsernameField, c.PasswordField} {
			if _, ok := f.values[name]; ok {
				continue
			}
			if f.unknown != "" {
				return webacl.Answer{Truth: webacl.Unknown, Why: f.unknown}
			}
			return webacl.Answer{Truth: webacl.Yes, Details: []webacl.Detail{{Field: "BODY", Name: name, What: "is missing"}}}
		}
		return webacl.Answer{}
	})
}
