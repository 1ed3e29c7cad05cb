package proof

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"fathom/layer/edge/gateway/once"
)

// Config is what a gateway's configuration says of signed requests.
type Config struct {
	// Window is how old a signature may be. 0 is 1 minute; at most an hour.
	Window time.Duration `yaml:"window"`
	// Skew is how far a client's clock may be ahead. 0 is 30 seconds; at most an
	// hour.
	Skew time.Duration `yaml:"skew"`
	// Tag is the tag of the signatures that count; others are passed over. Empty is
	// "fathom".
	Tag string `yaml:"tag"`
	// Headers have to be signed where a request has them. Nil is authorization and
	// content-type.
	Headers []string `yaml:"headers"`
}

// Options are what a gateway passes in.
type Options struct {
	// Keys verify. None of them refuses every request.
	Keys []Key
	// Now is the clock; required.
	Now func() time.Time
	// Store remembers nonces. Nil is a memory of this process.
	Store once.Store
}

// Verifier verifies requests. Many may use it at once.
type Verifier struct {
	config Config
	keys   map[string]*Key
	now    func() time.Time
	store  once.Store
}

// Identity says who signed.
type Identity struct {
	KeyID   string
	Created time.Time
}

// New checks a configuration.
func New(c Config, o Options) (*Verifier, error) {
	if o.Now == nil {
		return nil, fmt.Errorf("signed requests need a clock")
	}
	if c.Window == 0 {
		c.Window = time.Minute
	}
	if c.Skew == 0 {
		c.Skew = 30 * time.Second
	}
	if c.Window < time.Second || c.Window > time.Hour || c.Skew < 0 || c.Skew > time.Hour {
		return nil, fmt.Errorf("signed requests with a window of %v and a skew of %v; use 1s to 1h and 0s to 1h", c.Window, c.Skew)
	}
	c.complete()
	v := &Verifier{config: c, keys: map[string]*Key{}, now: o.Now, store: o.Store}
	for _, k := range o.Keys {
		if err := k.check(); err != nil {
			return nil, err
		}
		if v.keys[k.ID] != nil {
			return nil, fmt.Errorf("two keys for signed requests have the id %q; give each its own", k.ID)
		}
		v.keys[k.ID] = &k
	}
	if v.store == nil {
		v.store = once.NewMemory(0, o.Now)
	}
	return v, nil
}

func (c *Config) complete() {
	if c.Tag == "" {
		c.Tag = "fathom"
	}
	if c.Headers == nil {
		c.Headers = []string{"authorization", "content-type"}
	}
	c.Headers = slices.Clone(c.Headers) // the caller keeps its own
	for i, h := range c.Headers {
		c.Headers[i] = strings.ToLower(h)
	}
}

// signed is one signature of a request, read.
type signed struct {
	components     []string
	params         string // as they were sent
	signature      []byte
	keyID, nonce   string
	alg            string
	created        int64
	expires        int64
	dated, expired bool // created, expires are there
}

// Verify verifies a request, once: its nonce is used up. It does not read the
// body, but replaces it by one that gives ErrDigest at its end if it is not the
// one that was signed. Whoever forwards a request ends it then.
func (v *Verifier) Verify(r *http.Request) (Identity, *Refusal) {
	who, refusal := v.verify(r)
	if refusal != nil {
		refusal.tag = v.config.Tag
	}
	return who, refusal
}

func (v *Verifier) verify(r *http.Request) (Identity, *Refusal) {
	s, refusal := v.read(r)
	if refusal != nil {
		return Identity{}, refusal
	}
	text, err := base(r, s.components, s.params)
	if err != nil {
		return Identity{}, refuse(Invalid, err.Error())
	}
	now, key := v.now(), v.keys[s.keyID]
	switch {
	case key == nil:
		return Identity{}, refuse(Invalid, fmt.Sprintf("nobody has the key id %q", s.keyID))
	case s.alg != "" && s.alg != string(key.Algorithm):
		return Identity{}, refuse(Invalid, fmt.Sprintf("key %q is for %s, not %q", key.ID, key.Algorithm, s.alg))
	case !key.verify(text, s.signature):
		return Identity{}, refuse(Invalid, fmt.Sprintf("the signature is not one of key %q over this request", key.ID))
	case !key.good(now):
		return Identity{}, refuse(Invalid, fmt.Sprintf("key %q is not good at this time", key.ID))
	}
	// From here on the client has the key, and is told more.
	created := time.Unix(s.created, 0)
	switch {
	case created.After(now.Add(v.config.Skew)), !now.Before(created.Add(v.config.Window)), s.expired && now.Unix() >= s.expires:
		return Identity{}, refuse(Clock, fmt.Sprintf("signed at %s, which is too early or too late", created.UTC().Format(time.RFC3339)))
	}
	if refusal := v.body(r, s.components); refusal != nil {
		return Identity{}, refusal
	}
	first, err := v.store.Once(r.Context(), "proof "+key.ID+"\n"+s.nonce, created.Add(v.config.Window).Sub(now)+time.Second)
	switch {
	case err != nil:
		return Identity{}, refuse(Unavailable, err.Error())
	case !first:
		return Identity{}, refuse(Replayed, fmt.Sprintf("the nonce %q of key %q was used before", s.nonce, key.ID))
	}
	return Identity{KeyID: key.ID, Created: created}, nil
}

// read finds the one signature with the tag and what it has to cover.
func (v *Verifier) read(r *http.Request) (signed, *Refusal) {
	inputs, sums := r.Header.Values("Signature-Input"), r.Header.Values("Signature")
	if len(inputs) == 0 || len(sums) == 0 {
		return signed{}, refuse(Required, "the request is not signed")
	}
	found, err := find(strings.Join(inputs, ", "), strings.Join(sums, ", "), v.config.Tag)
	switch {
	case err != nil:
		return signed{}, refuse(Invalid, err.Error())
	case len(found) == 0:
		return signed{}, refuse(Required, fmt.Sprintf("no signature has the tag %q", v.config.Tag))
	case len(found) > 1:
		return signed{}, refuse(Invalid, fmt.Sprintf("%d signatures have the tag %q", len(found), v.config.Tag))
	}
	s := found[0]
	if !s.dated || len(s.nonce) < 16 || len(s.nonce) > 128 || s.keyID == "" {
		return signed{}, refuse(Invalid, "created, a nonce of 16 to 128 characters and keyid are needed")
	}
	if missing := v.uncovered(r, s.components); missing != "" {
		return signed{}, refuse(Invalid, missing+" is not signed")
	}
	return s, nil
}

// find reads the signatures of a tag; an empty one is any.
func find(input, signature, tag string) ([]signed, error) {
	inputs, err := dictionary(input)
	if err != nil {
		return nil, fmt.Errorf("signature-input: %w", err)
	}
	sums, err := dictionary(signature)
	if err != nil {
		return nil, fmt.Errorf("signature: %w", err)
	}
	var out []signed
	for _, in := range inputs {
		if in.list == nil {
			return nil, fmt.Errorf("signature-input: %w", errField)
		}
		s := signed{components: in.list, params: in.text}
		tagged := tag == ""
		for _, p := range in.params {
			switch {
			case p.name == "created" && p.kind == 'i':
				s.created, s.dated = p.number, true
			case p.name == "expires" && p.kind == 'i':
				s.expires, s.expired = p.number, true
			case p.name == "nonce" && p.kind == 's':
				s.nonce = p.text
			case p.name == "keyid" && p.kind == 's':
				s.keyID = p.text
			case p.name == "alg" && p.kind == 's':
				s.alg = p.text
			case p.name == "tag" && p.kind == 's':
				tagged = tagged || p.text == tag
			default:
				return nil, fmt.Errorf("signature-input: the parameter %q is not known, or of the wrong kind", p.name)
			}
		}
		if !tagged {
			continue
		}
		i := slices.IndexFunc(sums, func(m member) bool { return m.key == in.key && m.bytes != nil })
		if i < 0 {
			return nil, fmt.Errorf("signature: there is none named %q", in.key)
		}
		s.signature = sums[i].bytes
		out = append(out, s)
	}
	return out, nil
}

// uncovered is what a signature has to cover and does not, or empty.
func (v *Verifier) uncovered(r *http.Request, components []string) string {
	has := func(any ...string) bool {
		return slices.ContainsFunc(any, func(c string) bool { return slices.Contains(components, c) })
	}
	switch {
	case !has("@method"):
		return "@method"
	case !has("@authority", "@target-uri"):
		return "@authority"
	case !has("@path", "@target-uri", "@request-target"):
		return "@path"
	case !has("@query", "@target-uri", "@request-target"):
		return "@query"
	case r.ContentLength != 0 && !has("content-digest"):
		return "content-digest"
	}
	for _, h := range v.config.Headers {
		if len(r.Header.Values(h)) > 0 && !has(h) {
			return h
		}
	}
	return ""
}

// body has the body compared with its signed digest.
func (v *Verifier) body(r *http.Request, components []string) *Refusal {
	if !slices.Contains(components, "content-digest") {
		return nil // there is no body
	}
	all, err := digests(strings.Join(r.Header.Values("Content-Digest"), ", "))
	if err != nil {
		return refuse(Digest, "content-digest names neither sha-256 nor sha-512, or is malformed")
	}
	if r.ContentLength == 0 || r.Body == nil {
		for _, d := range all {
			if !d.right() {
				return refuse(Digest, "there is no body, but a digest of one")
			}
		}
		return nil
	}
	r.Body = &checked{body: r.Body, digests: all}
	return nil
}
