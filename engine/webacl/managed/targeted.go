package managed

import (
	"fathom/engine/webacl"
)

// Why the targeted rules that nothing stands in for are not simulated.
const (
	needsBrowser  = "AWS asks the browser by script, and does not publish what"
	needsLearning = "AWS learns from the traffic of the web ACL by machine"
	needsBaseline = "AWS compares with a baseline of the traffic, and publishes no threshold"
	needsReuse    = "AWS publishes no threshold for the reuse of a token"
	needsResponse = "it needs the answers of the origin (ResponseInspection), which no one feeds back"
	needsHistory  = "AWS publishes no threshold for it"
)

// targeted are the rules of the inspection level TARGETED.
func (b *builder) targeted() []webacl.Rule {
	rules := []webacl.Rule{
		b.rule("TGT_VolumetricIpTokenAbsent", webacl.Challenge, documented("5 or more requests of an address in 5 minutes without a valid token"),
			b.volume("TGT_VolumetricIpTokenAbsent", 5, 300, b.prefix+"targeted:aggregate:volumetric:ip:token_absent")),
		b.rule("TGT_TokenAbsent", webacl.Count, documented("there is no valid token"), tokenProbe("there is no valid token", func(t webacl.Token) bool {
			return t.State != webacl.TokenValid
		})),
		b.notSimulated("TGT_VolumetricSession", webacl.Captcha, needsBaseline),
		b.notSimulated("TGT_VolumetricSessionMaximum", webacl.Block, needsBaseline),
		b.notSimulated("TGT_SignalAutomatedBrowser", webacl.Captcha, needsBrowser),
		b.notSimulated("TGT_SignalBrowserAutomationExtension", webacl.Captcha, needsBrowser),
		b.notSimulated("TGT_SignalBrowserInconsistency", webacl.Captcha, needsBrowser),
	}
	if !b.ref.Config.NoMachineLearning {
		rules = append(rules,
			b.notSimulated("TGT_ML_CoordinatedActivityLow", webacl.Challenge, needsLearning),
			b.notSimulated("TGT_ML_CoordinatedActivityMedium", webacl.Captcha, needsLearning),
			b.notSimulated("TGT_ML_CoordinatedActivityHigh", webacl.Captcha, needsLearning))
	}
	for _, what := range []string{"Ip", "Country", "Asn"} {
		rules = append(rules,
			b.notSimulated("TGT_TokenReuse"+what+"Low", webacl.Count, needsReuse),
			b.notSimulated("TGT_TokenReuse"+what+"Medium", webacl.Captcha, needsReuse),
			b.notSimulated("TGT_TokenReuse"+what+"High", webacl.Block, needsReuse))
	}
	return rules
}

// volume counts the requests without a valid token of each address.
func (b *builder) volume(name string, least, window int64, label string) webacl.Probe {
	return webacl.Probe{Name: name, Ask: func(s *webacl.Subject) webacl.Answer {
		r := s.Request()
		switch {
		case r.Missing&webacl.PartToken != 0:
			return webacl.Answer{Truth: webacl.Unknown, Why: "the token is not known"}
		case r.Token.State == webacl.TokenValid:
			return webacl.Answer{}
		}
		seen, unknown := b.count(s, name, least, window, addressOf(r))
		if unknown != "" {
			return webacl.Answer{Truth: webacl.Unknown, Why: unknown}
		}
		if seen < least {
			return webacl.Answer{}
		}
		return webacl.Answer{Truth: webacl.Yes, Labels: []string{label}, Details: []webacl.Detail{counted(seen, window, "without a valid token")}}
	}}
}

// tokenProbe asks about the client's token.
func tokenProbe(name string, ask func(webacl.Token) bool) webacl.Probe {
	return webacl.Probe{Name: name, Ask: func(s *webacl.Subject) webacl.Answer {
		if s.Request().Missing&webacl.PartToken != 0 {
			return webacl.Answer{Truth: webacl.Unknown, Why: "the token is not known"}
		}
		if !ask(s.Request().Token) {
			return webacl.Answer{}
		}
		return webacl.Answer{Truth: webacl.Yes, Details: []webacl.Detail{{Field: "TOKEN", What: name}}}
	}}
}

// tokenLabels are the labels about the token (fact sheet §9). AWS adds them when
// Bot Control, a fraud group or the DDoS group looks at a request.
func tokenLabels(s *webacl.Subject) []string {
	const prefix = "awswaf:managed:token:"
	if s.Request().Missing&webacl.PartToken != 0 {
		return nil
	}
	t := s.Request().Token
	var out []string
	switch t.State {
	case webacl.TokenValid:
		out = append(out, prefix+"accepted")
		if t.ID != "" {
			out = append(out, prefix+"id:"+t.ID)
		}
		if t.Captcha > 0 {
			return append(out, "awswaf:managed:captcha:accepted")
		}
		return append(out, "awswaf:managed:captcha:rejected:not_solved", "awswaf:managed:captcha:rejected")
	case webacl.TokenInvalid:
		out = append(out, prefix+"rejected", prefix+"rejected:invalid")
	case webacl.TokenDomainMismatch:
		out = append(out, prefix+"rejected", prefix+"rejected:domain_mismatch")
	case webacl.TokenExpired:
		out = append(out, prefix+"rejected", prefix+"rejected:expired")
	default:
		out = append(out, prefix+"absent")
	}
	return append(out, "awswaf:managed:captcha:absent")
}
