package edge

import (
	"regexp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var clientProof = control.Control{
	ID:       "edge.client-proof",
	Title:    "App headers and cookies validated, mobile requests signed, replays refused",
	Why:      "Anybody with a script passes for the shop's own app and repeats what it once sent",
	Threats:  []control.Threat{control.AccountTakeover, control.Flood},
	Phase:    control.MidTerm,
	Severity: control.Low,
	World:    control.AWS,
	Check:    checkClient,
	Defeat:   takeAnybody,
}

// checkClient looks for the two halves of the guard: a rule that validates
// what the shop's clients send (headers, cookies, AWS WAF tokens), and
// something that verifies a signature which ends (signed URLs and cookies, an
// AWS WAF token, code at the edge that computes one). Whether services verify
// signatures themselves no file shows.
func checkClient(e *estate.Estate) []control.Result {
	g := guardsOf(e)
	signed, ev, why := signatures(e)
	secrets := originHeaders(e)
	return g.judge(e, "no header, cookie or token of its clients is checked", func(a *acl) []control.Result {
		return judgeClient(a, signed, ev, why, secrets)
	})
}

func judgeClient(a *acl, signed estate.Truth, ev []control.Evidence, why string, secrets map[string]bool) []control.Result {
	if a.assets {
		return nil
	}
	var seen []control.Evidence
	var idle []rule
	for _, r := range a.rules {
		token := slices.ContainsFunc(r.looks.labels, func(l string) bool { return strings.HasPrefix(l, "awswaf:managed:token:") })
		if !token && !validates(&r, secrets) {
			continue
		}
		if r.action == count {
			idle = append(idle, r)
			continue
		}
		if !r.stops() {
			continue
		}
		seen = append(seen, control.Evidence{At: r.at, Saw: r.name})
		if token {
			signed = estate.Yes
		}
	}
	switch {
	case len(idle) > 0 && len(seen) == 0:
		return counted(idle, "so no client has to prove anything")
	case len(seen) > 0 && signed == estate.Yes:
		return []control.Result{control.Is(a, append(seen, ev...)...)}
	case a.why != "":
		return []control.Result{control.Unsure(a, diag.Pos{}, "rules of "+name(a)+" are not known: "+a.why)}
	case signed == estate.Maybe:
		return []control.Result{control.Unsure(a, diag.Pos{}, why)}
	case len(seen) > 0:
		return []control.Result{control.Partly(a, control.Mistake{
			At:       seen[0].At,
			Summary:  name(a) + " checks what clients send, but nothing at the edge verifies a signature or token, so it can be repeated",
			Fix:      "verify a signature with a time in it (a CloudFront function, trusted_key_groups), or block on the label awswaf:managed:token:absent",
			Evidence: seen,
		})}
	case signed == estate.Yes:
		return []control.Result{control.Partly(a, control.Mistake{
			Summary:  "signatures are verified at the edge, but " + name(a) + " checks no header or cookie of the app",
			Fix:      "add a rule that blocks requests to app paths without the app's headers or session cookie",
			Evidence: ev,
		})}
	}
	return []control.Result{control.Not(a, control.Mistake{
		Summary: name(a) + " checks no header, cookie or token of the shop's own clients",
		Fix:     "add rules that block app paths without the app's headers, and on the label awswaf:managed:token:absent, and verify signatures of the mobile app in a CloudFront function",
	})}
}

// generic are headers that every client sends and that prove nothing.
var generic = []string{"user-agent", "host", "referer", "accept", "accept-language", "content-type", "content-length", "x-forwarded-for", "true-client-ip", "x-real-ip"}

// validates says whether a rule compares a header or cookie of the app.
func validates(r *rule, secrets map[string]bool) bool {
	if r.managed != nil || !r.looks.has("byte_match_statement") && !r.looks.has("regex_match_statement") && !r.looks.has("regex_pattern_set_reference_statement") && !r.looks.has("size_constraint_statement") {
		return false
	}
	if r.looks.cookies {
		return true
	}
	return slices.ContainsFunc(r.looks.headers, func(h string) bool { return !slices.Contains(generic, h) && !secrets[h] })
}

// originHeaders are the headers that distributions add: an origin secret is
// not a client's.
func originHeaders(e *estate.Estate) map[string]bool {
	out := map[string]bool{}
	for _, d := range estate.All[*estate.Distribution](e) {
		for _, o := range d.Origins.Items {
			for _, h := range o.Headers.Items {
				if n, ok := h.Name.Known(); ok {
					out[strings.ToLower(n)] = true
				}
			}
		}
	}
	return out
}

var signatureCode = regexp.MustCompile(`(?i)hmac|signature|verifysign|jwt|subtle\.verify`)

// verifiesClients says whether code at the edge verifies what clients sign. A
// waiting room verifies the tickets that it has signed itself: whoever sends one
// has proved nothing but that it waited.
func verifiesClients(code string) bool {
	return signatureCode.MatchString(code) && !waitingRoom.MatchString(code)
}

// signatures says whether a distribution verifies signatures before the origin
// sees a request.
func signatures(e *estate.Estate) (estate.Truth, []control.Evidence, string) {
	t, why := estate.No, ""
	var seen []control.Evidence
	for _, d := range estate.All[*estate.Distribution](e) {
		for _, b := range behaviours(d) {
			if b.Path.Absent() || !isStatic(b.Path.String()) {
				if len(b.TrustedKeys.Items) > 0 {
					t, seen = estate.Yes, append(seen, control.Evidence{At: b.TrustedKeys.Pos(), Saw: "trusted_key_groups"})
				}
			}
			for _, f := range codeAt(e, &b, "viewer-request") {
				verifies := f.code.Test(verifiesClients)
				t = t.Or(verifies)
				switch verifies {
				case estate.Yes:
					seen = append(seen, control.Evidence{At: f.at, Saw: f.name})
				case estate.Maybe:
					why = "what the code " + f.name + " at the edge checks is not known"
				}
			}
		}
	}
	return t, seen, why
}

// edgeCode is a function at the edge; its code is unknown where it was not
// read, as that of a Lambda function never is.
type edgeCode struct {
	name string
	at   diag.Pos
	code estate.Str
}

// codeAt are the functions that a behaviour calls on one of the events.
func codeAt(e *estate.Estate, b *estate.CacheBehavior, events ...string) []edgeCode {
	var out []edgeCode
	for _, f := range b.Functions.Items {
		if f.Event.In(events...) == estate.No {
			continue
		}
		c := edgeCode{f.ARN.String(), f.At, estate.Unknown[string]("its code is not in what was read", f.At)}
		for _, fn := range estate.To(e, f.ARN) {
			c.code = fn.Code
		}
		out = append(out, c)
	}
	for _, f := range b.Lambdas.Items {
		if f.Event.In(events...) != estate.No {
			out = append(out, edgeCode{f.ARN.String(), f.At, estate.Unknown[string]("its code is not in what was read", f.At)})
		}
	}
	return out
}

// behaviours are all the cache behaviours of a distribution.
func behaviours(d *estate.Distribution) []estate.CacheBehavior {
	return append(append([]estate.CacheBehavior{}, d.Default.Items...), d.Ordered.Items...)
}

var static = regexp.MustCompile(`(?i)\.(css|js|png|jpe?g|gif|svg|webp|ico|woff2?|ttf|map)$|^/?(assets|static|images?|img|media|downloads?)/`)

func isStatic(path string) bool { return static.MatchString(path) }
