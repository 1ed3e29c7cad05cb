package gateway

import (
	"fmt"
	"maps"
	"math"
	"net"
	"net/url"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/webacl/assembly"
)

// checker holds what was written to what it may be.
type checker struct {
	c        *Config
	problems *diag.Problems
}

func (c *Config) check(problems *diag.Problems) {
	k := &checker{c, problems}
	k.listeners()
	k.origins()
	k.routes()
	k.secrets()
	k.words()
	k.overload()
	k.limits()
}

// The most that a limit of bytes in memory and one of numbers may be: beyond them
// it bounds nothing.
const (
	mostBytes  = 64 << 20
	mostNumber = 10_000_000
)

// limits are 0, which is the default, or what bounds something.
func (k *checker) limits() {
	l := &k.c.Limits
	for _, x := range []struct {
		key        string
		value, max int64
	}{
		{"connections", int64(l.Connections), mostNumber},
		{"perClient", int64(l.PerClient), mostNumber},
		{"requestLine", int64(l.RequestLine), mostBytes},
		{"head", int64(l.Head), mostBytes},
		{"fields", int64(l.Fields), mostNumber},
		{"bodyRate", l.BodyRate, math.MaxInt64},
		{"writeRate", l.WriteRate, math.MaxInt64},
		{"streams", int64(l.Streams), mostNumber},
		{"resets", int64(l.Resets), mostNumber},
		{"controls", int64(l.Controls), mostNumber},
		{"bodyMemory", int64(l.BodyMemory), mostBytes},
		{"body", l.Body, math.MaxInt64},
		{"bodyDisk", l.BodyDisk, math.MaxInt64},
	} {
		switch {
		case x.value < 0:
			k.bad("limits."+x.key, "write a positive number, or leave it out for the default", "limits.%s is negative", x.key)
		case x.value > x.max:
			k.bad("limits."+x.key, fmt.Sprintf("write at most %d", x.max), "limits.%s is so large that it bounds nothing", x.key)
		}
	}
}

// bad notes a problem with the value at a path, or where that is not written,
// with what holds it.
func (k *checker) bad(path, fix, format string, args ...any) {
	at, ok := k.c.at[path]
	for !ok && path != "" {
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
		at, ok = k.c.at[path]
	}
	if !ok {
		at = diag.Pos{File: k.c.file}
	}
	k.problems.Addf(at, fix, format, args...)
}

func (k *checker) listeners() {
	if len(k.c.Listen) == 0 {
		k.bad("listen", `add listen: [{address: ":443", tls: …}]`, "the gateway listens nowhere")
	}
	for i := range k.c.Listen {
		l, path := &k.c.Listen[i], fmt.Sprintf("listen[%d]", i)
		if _, _, err := net.SplitHostPort(l.Address); err != nil {
			k.bad(path+".address", `write HOST:PORT or :PORT`, "%q is no address to listen on", l.Address)
		}
		switch {
		case l.TLS == nil && !l.Redirect && !l.Plain:
			k.bad(path, "add tls, redirect: true, or plain: true where something in front encrypts", "listener %q has no TLS", l.Address)
		case l.TLS != nil && (l.Redirect || l.Plain), l.Redirect && l.Plain:
			k.bad(path, "keep one of tls, redirect and plain", "listener %q has several kinds", l.Address)
		case l.TLS != nil:
			k.tls(l.TLS, path+".tls")
		}
	}
	if k.c.Admin != "off" {
		if _, _, err := net.SplitHostPort(k.c.Admin); err != nil {
			k.bad("admin", `write HOST:PORT, or "off"`, "%q is no address to listen on", k.c.Admin)
		}
	}
}

func (k *checker) tls(t *TLS, path string) {
	switch {
	case t.ACME == nil && len(t.Certificates) == 0:
		k.bad(path, "add certificates: [{cert: FILE, key: FILE}] or acme", "TLS has no certificate")
	case t.ACME != nil && len(t.Certificates) > 0:
		k.bad(path, "use two listeners", "TLS has certificates and acme")
	case t.ACME != nil && (len(t.ACME.Domains) == 0 || t.ACME.Cache == ""):
		k.bad(path+".acme", "add domains and cache", "acme needs domains, and a folder to keep keys in")
	}
	for i, f := range t.Certificates {
		if f.Cert == "" || f.Key == "" {
			k.bad(fmt.Sprintf("%s.certificates[%d]", path, i), "write {cert: FILE, key: FILE}", "a certificate needs both cert and key")
		}
	}
	if t.Min != "1.2" && t.Min != "1.3" {
		k.bad(path+".min", `write "1.2" or "1.3"`, "%q is no version of TLS that is safe", t.Min)
	}
}

func (k *checker) origins() {
	for _, name := range slices.Sorted(maps.Keys(k.c.Origins)) {
		if err := k.c.Origins[name].Check(); err != nil {
			k.bad("origins."+name, `write urls: ["http://HOST:PORT"]`, "origin %q: %s", name, err)
		}
	}
}

func (k *checker) routes() {
	if len(k.c.Routes) == 0 {
		k.bad("routes", "add routes: [{to: ORIGIN}]", "there is no route, so that nothing is served")
	}
	for i := range k.c.Routes {
		r, path := &k.c.Routes[i], fmt.Sprintf("routes[%d]", i)
		if _, ok := k.c.Origins[r.To]; !ok {
			k.bad(path+".to", "name one of origins", "there is no origin %q", r.To)
		}
		if r.Proof && k.c.Proof == nil {
			k.bad(path+".proof", "add proof: {keys: …}", "the route asks for signed requests, and there is no proof")
		}
		if _, ok := k.c.Queues[r.Queue]; !ok && r.Queue != "" {
			k.bad(path+".queue", "name one of queues", "there is no waiting room %q", r.Queue)
		}
		star := strings.IndexByte(r.Path, '*')
		if r.Path != "" && r.Path[0] != '/' || star >= 0 && (star != len(r.Path)-1 || r.Path[star-1] != '/') {
			k.bad(path+".path", "write /PATH, or /PREFIX/* for all below", "%q is no path of a route", r.Path)
		}
		for _, h := range r.Hosts {
			if h == "" || strings.ContainsAny(h, "/: ") || strings.LastIndexByte(h, '*') > 0 || h[0] == '*' && !strings.HasPrefix(h, "*.") {
				k.bad(path+".hosts", "write NAME, or *.NAME for all below", "%q is no host of a route", h)
			}
		}
	}
}

func (k *checker) secrets() {
	if len(k.c.Secret.Verify) > 2 {
		k.bad("originSecret.verify", "keep the new and the old", "there are more than two origin secrets")
	}
	one := func(s *Secret, path string) {
		if s != nil && (s.File == "") == (s.Env == "") {
			k.bad(path, "write {file: FILE} or {env: NAME}", "a secret is in exactly one of a file and the environment")
		}
	}
	one(k.c.Redis.URL, "redis.url")
	one(k.c.Secret.Insert, "originSecret.insert")
	for i := range k.c.Secret.Verify {
		one(&k.c.Secret.Verify[i], fmt.Sprintf("originSecret.verify[%d]", i))
	}
	if t := k.c.Token; t != nil {
		if len(t.Keys) == 0 {
			k.bad("token", "add keys: [{file: FILE}], each of 32 random bytes or more", "tokens need a key")
		}
		for i := range t.Keys {
			one(&t.Keys[i], fmt.Sprintf("token.keys[%d]", i))
		}
	}
	if p := k.c.Proof; p != nil {
		for i := range p.Keys {
			key, path := &p.Keys[i], fmt.Sprintf("proof.keys[%d]", i)
			one(key.Secret, path+".secret")
			if (key.Secret == nil) == (key.Public == "") {
				k.bad(path, "add secret for hmac-sha256, or public for ed25519", "a key of an app has exactly one of secret and public")
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(k.c.Queues)) {
		keys := k.c.Queues[name].Keys
		if len(keys) == 0 {
			k.bad("queues."+name, "add keys: [{file: FILE}], each of 32 random bytes or more", "a waiting room needs a key")
		}
		for i := range keys {
			one(&keys[i], fmt.Sprintf("queues.%s.keys[%d]", name, i))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(k.c.Trace.Headers)) {
		s := k.c.Trace.Headers[name]
		one(&s, "trace.headers."+name)
	}
}

func (k *checker) words() {
	word := func(path, value string, words ...string) {
		if !slices.Contains(words, value) {
			k.bad(path, "write "+strings.Join(words, ", ")+"", "%q is none of the words for %s", value, path)
		}
	}
	word("crs.mode", k.c.CRS.Mode, "off", "detect", "block")
	word("acl.undecidable", k.c.ACL.Undecidable, "allow", "block")
	if k.c.ACL.Resource != "" {
		word("acl.resource", k.c.ACL.Resource, assembly.ResourceNames()...)
	}
	for _, kind := range slices.Sorted(maps.Keys(k.c.ACL.Lists)) {
		if !assembly.IsList(kind) {
			k.bad("acl.lists."+kind, "it has "+assembly.ListKinds, "acl.lists has no key %q", kind)
		}
	}
	if k.c.CRS.Paranoia < 0 || k.c.CRS.Paranoia > 4 {
		k.bad("crs.paranoia", "write 1 to 4", "there is no paranoia level %d", k.c.CRS.Paranoia)
	}
	if k.c.Trace.Ratio < 0 || k.c.Trace.Ratio > 1 {
		k.bad("trace.ratio", "write a share from 0 to 1", "%v is no share", k.c.Trace.Ratio)
	}
	if e := k.c.Trace.Endpoint; e != "" {
		if u, err := url.Parse(e); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			k.bad("trace.endpoint", "write http://HOST:4318", "%q is no URL", e)
		}
	}
}

func (k *checker) overload() {
	if err := k.c.Overload.Check(); err != nil {
		k.bad("overload", "", "%s", err)
	}
}

// sortedNames are the names that are not empty, each once.
func sortedNames(names []string) []string {
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" })
	slices.Sort(names)
	return slices.Compact(names)
}
