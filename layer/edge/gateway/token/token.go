package token

import (
	"crypto/rand"
	"net/http"
	"time"

	"fathom/engine/webacl"
)

const tokenPurpose = "aws-waf-token v1"

// state is what a token holds.
type state struct {
	session            string
	domain             string
	captcha, challenge int64
}

func (t *Tokens) encode(s state) string {
	var w writer
	w.bytes([]byte(s.session))
	w.bytes([]byte(s.domain))
	w.number(s.captcha)
	w.number(s.challenge)
	return t.seal(tokenPurpose, w)
}

func (t *Tokens) decode(text string) (state, bool) {
	plain, ok := t.open(tokenPurpose, text)
	if !ok {
		return state{}, false
	}
	r := reader{rest: plain}
	s := state{session: string(r.bytes()), domain: string(r.bytes())}
	s.captcha, s.challenge = r.number(), r.number()
	return s, r.err == nil
}

// Read finds a request's token: the first good one among its cookies, then in
// the header. What is in the future was not made by a clock like this one, and is
// invalid. A token is never said to be expired: that depends on the rule.
func (t *Tokens) Read(r *http.Request) webacl.Token {
	var best webacl.Token
	for _, text := range texts(r) {
		s, ok := t.decode(text)
		switch {
		case !ok || max(s.captcha, s.challenge) > t.now().Add(time.Minute).Unix():
			if best.State == webacl.TokenAbsent {
				best.State = webacl.TokenInvalid
			}
		case !t.accepts(host(r), s.domain):
			best.State = webacl.TokenDomainMismatch
		default:
			return webacl.Token{State: webacl.TokenValid, ID: s.session, Captcha: s.captcha, Challenge: s.challenge}
		}
	}
	return best
}

// texts are what may be tokens of a request. A subdomain may have set a cookie
// of the same name, so that there are several; four are enough to look at.
func texts(r *http.Request) []string {
	var out []string
	for _, c := range r.CookiesNamed(Cookie) {
		out = append(out, c.Value)
	}
	out = append(out, r.Header.Values(Header)...)
	return out[:min(len(out), 4)]
}

// accepts says whether a token of a domain is good at a host (AWS WAF Developer
// Guide, "Specifying token domains and domain lists").
func (t *Tokens) accepts(host, domain string) bool {
	if domain == host {
		return true
	}
	for _, listed := range t.config.Domains {
		if within(domain, listed) {
			return true
		}
	}
	return false
}

// give puts a token into an answer: the session that the client has, or a new
// one, with what was solved now.
func (t *Tokens) give(w http.ResponseWriter, r *http.Request, challenge, captcha bool) {
	s := state{session: rand.Text(), domain: host(r)}
	if old := t.Read(r); old.State == webacl.TokenValid {
		s.session, s.captcha, s.challenge = old.ID, old.Captcha, old.Challenge
	}
	if challenge {
		s.challenge = t.now().Unix()
	}
	if captcha {
		s.captcha = t.now().Unix()
	}
	c := &http.Cookie{
		Name: Cookie, Path: "/", MaxAge: int(t.config.Lifetime / time.Second),
		HttpOnly: true, Secure: !t.config.Insecure, SameSite: http.SameSiteLaxMode,
	}
	for _, listed := range t.config.Domains {
		if within(s.domain, listed) && len(listed) > len(c.Domain) {
			c.Domain = listed
		}
	}
	if c.Domain != "" {
		s.domain = c.Domain
	}
	c.Value = t.encode(s)
	http.SetCookie(w, c)
}
