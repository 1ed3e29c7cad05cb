package token

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"fathom/layer/edge/gateway/once"
)

// Path is where the pages send their solutions. It is never the origin's.
const Path = "/.well-known/fathom/challenge"

// Cookie and Header are where a token is, as AWS WAF has them.
const (
	Cookie = "aws-waf-token"
	Header = "X-Aws-Waf-Token"
)

// ActionHeader says which puzzle an answer is: challenge or captcha.
const ActionHeader = "X-Amzn-Waf-Action"

// Config is what a gateway's configuration says of tokens. The zero Config is
// the default of each.
type Config struct {
	// Domains accept tokens of one another: each a domain with its subdomains, at
	// most 10, none a public suffix. The host of a request is always accepted.
	Domains []string `yaml:"domains"`
	// Difficulty is the work of a challenge: 2^Difficulty hashes on average, 8 to
	// 24. 0 is 16: 65,536 hashes, of which a desktop browser does a million a second;
	// a phone, reckoned at a sixth of that, takes less than half a second.
	Difficulty int `yaml:"difficulty"`
	// CaptchaDifficulty is the work beside a CAPTCHA, done while the visitor reads
	// the question. 0 is 18.
	CaptchaDifficulty int `yaml:"captchaDifficulty"`
	// Expiry is how long a puzzle may be solved. 0 is 5 minutes.
	Expiry time.Duration `yaml:"expiry"`
	// Lifetime is how long a browser keeps the cookie. 0 is 72 hours, the longest
	// immunity time of AWS.
	Lifetime time.Duration `yaml:"lifetime"`
	// WithoutScript, if set, lets browsers without JavaScript pass a CAPTCHA: they
	// do no work, but have to take at least this long. 0 refuses them, and the page
	// says so.
	WithoutScript time.Duration `yaml:"withoutScript"`
	// Help is a sentence for people who cannot pass: whom to ask, and how.
	Help string `yaml:"help"`
	// Insecure lets the cookie travel without TLS, for a lab.
	Insecure bool `yaml:"insecure"`
}

// Options are what a gateway passes in.
type Options struct {
	// Keys seal tokens and puzzles: at least one, each of at least 32 random bytes.
	// The first makes them, all read them: to rotate, put a new key first and keep
	// the old one for the longest immunity time. One key is good for 2^32 tokens.
	Keys [][]byte
	// Now is the clock; required.
	Now func() time.Time
	// Store remembers used puzzles. Nil is a memory of this process, which is too
	// little where several gateways share a key.
	Store once.Store
	// Client names the client to which a puzzle is bound. Nil is its address (of
	// IPv6 the /64).
	Client func(*http.Request) string
}

// Tokens makes and reads tokens. Many requests may use it at once.
type Tokens struct {
	config Config
	boxes  []box
	now    func() time.Time
	store  once.Store
	client func(*http.Request) string
}

// New checks a configuration. It needs a key and a clock.
func New(c Config, o Options) (*Tokens, error) {
	if o.Now == nil {
		return nil, fmt.Errorf("tokens need a clock")
	}
	if len(o.Keys) == 0 {
		return nil, fmt.Errorf("tokens need a key: at least 32 random bytes")
	}
	t := &Tokens{config: c, now: o.Now, store: o.Store, client: o.Client}
	for i, key := range o.Keys {
		if len(key) < 32 {
			return nil, fmt.Errorf("key %d for tokens has %d bytes; use at least 32 random ones", i+1, len(key))
		}
		secret, err := hkdf.Key(sha256.New, key, nil, "fathom gateway token", 32)
		if err != nil {
			return nil, fmt.Errorf("key %d for tokens: %w", i+1, err)
		}
		b, err := newBox(secret)
		if err != nil {
			return nil, fmt.Errorf("key %d for tokens: %w", i+1, err)
		}
		t.boxes = append(t.boxes, b)
	}
	if err := t.config.complete(); err != nil {
		return nil, err
	}
	if t.store == nil {
		t.store = once.NewMemory(0, o.Now)
	}
	if t.client == nil {
		t.client = address
	}
	return t, nil
}

func (c *Config) complete() error {
	number(&c.Difficulty, 16)
	number(&c.CaptchaDifficulty, 18)
	number(&c.Expiry, 5*time.Minute)
	number(&c.Lifetime, 72*time.Hour)
	for name, n := range map[string]int{"difficulty": c.Difficulty, "captchaDifficulty": c.CaptchaDifficulty} {
		if n < 8 || n > 24 {
			return fmt.Errorf("%s is %d; use 8 to 24 (16 takes a phone less than half a second, 24 about two minutes)", name, n)
		}
	}
	if c.Expiry < 30*time.Second || c.Lifetime < time.Minute || c.WithoutScript < 0 || c.WithoutScript >= c.Expiry {
		return fmt.Errorf("expiry %v, lifetime %v, withoutScript %v: a puzzle lives at least 30s, a token at least 1m, and withoutScript is shorter than expiry",
			c.Expiry, c.Lifetime, c.WithoutScript)
	}
	if len(c.Domains) > 10 {
		return fmt.Errorf("%d token domains; AWS takes at most 10", len(c.Domains))
	}
	domains := make([]string, len(c.Domains))
	for i, d := range c.Domains {
		d = strings.Trim(strings.ToLower(d), ".")
		if suffix, listed := publicsuffix.PublicSuffix(d); d == "" || listed && suffix == d {
			return fmt.Errorf("token domain %q is a public suffix: everybody's tokens would be good; name a domain of your own", c.Domains[i])
		}
		domains[i] = d
	}
	c.Domains = domains
	return nil
}

func number[T int | time.Duration](n *T, or T) {
	if *n == 0 {
		*n = or
	}
}

// address is the address of the connection, of IPv6 the /64, which is one
// client's.
func address(r *http.Request) string {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := a.Addr().Unmap().WithZone("")
	if ip.Is6() {
		p, _ := ip.Prefix(64)
		return p.String()
	}
	return ip.String()
}

// host is a request's host without its port.
func host(r *http.Request) string {
	h := r.Host
	if name, _, err := net.SplitHostPort(h); err == nil {
		h = name
	}
	return strings.ToLower(strings.TrimSuffix(h, "."))
}

// within says whether a name is a domain or under it.
func within(name, domain string) bool {
	return name == domain || strings.HasSuffix(name, "."+domain)
}
