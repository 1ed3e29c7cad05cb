package gateway

import (
	"net/netip"
	"time"

	"fathom/diag"
	"fathom/layer/edge/gateway/origin"
	"fathom/layer/edge/gateway/overload"
	"fathom/layer/edge/gateway/queue"
	"fathom/layer/edge/gateway/token"
)

// Config is what a gateway does. docs/gateway.md describes each key; a key that
// is not there has its default, and nothing that lets requests through is a
// default.
type Config struct {
	Listen []Listen `yaml:"listen"`
	// Admin is the address of the admin listener: 127.0.0.1:9901. "off" is none.
	Admin string `yaml:"admin"`
	// Trusted are the proxies in front whose X-Forwarded-For is believed.
	Trusted []netip.Prefix `yaml:"trusted"`
	Limits  Limits         `yaml:"limits"`
	HSTS    HSTS           `yaml:"hsts"`

	Routes  []Route                  `yaml:"routes"`
	Origins map[string]origin.Config `yaml:"origins"`
	Secret  OriginSecret             `yaml:"originSecret"`

	ACL   ACL          `yaml:"acl"`
	CRS   CRS          `yaml:"crs"`
	Geo   Geo          `yaml:"geo"`
	Token *TokenConfig `yaml:"token"`
	Proof *Proof       `yaml:"proof"`

	Queues   map[string]Queue `yaml:"queues"`
	Redis    Redis            `yaml:"redis"`
	Overload Overload         `yaml:"overload"`
	Log      Log              `yaml:"log"`
	Trace    Trace            `yaml:"trace"`
	Shutdown Shutdown         `yaml:"shutdown"`

	// file and at are where it was written, for problems found later.
	file string
	at   map[string]diag.Pos
}

// Listen is one address.
type Listen struct {
	// Address is HOST:PORT or :PORT.
	Address string `yaml:"address"`
	// TLS is absent on a listener for plain HTTP.
	TLS *TLS `yaml:"tls"`
	// Redirect sends every request to https. A plain listener needs it, or Plain:
	// nothing is served without encryption by mistake.
	Redirect bool `yaml:"redirect"`
	// Plain serves without encryption: behind a load balancer, or for a test.
	Plain bool `yaml:"plain"`
	// NoHTTP2 offers HTTP/1.1 alone.
	NoHTTP2 bool `yaml:"noHTTP2"`
}

// TLS is how a listener proves who it is.
type TLS struct {
	// Certificates are chosen by the name that the client asks for; the first is
	// for all others. Their files are read again when they change.
	Certificates []Certificate `yaml:"certificates"`
	ACME         *ACME         `yaml:"acme"`
	// Min is 1.2 (the default) or 1.3.
	Min string `yaml:"min"`
}

// Certificate is a chain and its key, in PEM.
type Certificate struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

// ACME gets certificates by itself (RFC 8555).
type ACME struct {
	Domains []string `yaml:"domains"`
	Email   string   `yaml:"email"`
	// Cache is a folder in which keys and certificates are kept.
	Cache string `yaml:"cache"`
	// Directory is the URL of the authority; empty is Let's Encrypt.
	Directory string `yaml:"directory"`
	// CA is a file with the authorities that the directory's certificate is
	// checked with; empty is the system's.
	CA string `yaml:"ca"`
}

// Limits are how much a client may send, and how fast.
type Limits struct {
	Connections  int           `yaml:"connections"`
	PerClient    int           `yaml:"perClient"`
	RequestLine  int           `yaml:"requestLine"`
	Head         int           `yaml:"head"`
	Fields       int           `yaml:"fields"`
	Handshake    time.Duration `yaml:"handshake"`
	Header       time.Duration `yaml:"header"`
	Idle         time.Duration `yaml:"idle"`
	BodyGrace    time.Duration `yaml:"bodyGrace"`
	BodyRate     int64         `yaml:"bodyRate"`
	WriteGrace   time.Duration `yaml:"writeGrace"`
	WriteRate    int64         `yaml:"writeRate"`
	Streams      int           `yaml:"streams"`
	Resets       int           `yaml:"resets"`
	Controls     int           `yaml:"controls"`
	BodyMemory   int           `yaml:"bodyMemory"`
	Body         int64         `yaml:"body"`
	BodyDisk     int64         `yaml:"bodyDisk"`
	BodyFolder   string        `yaml:"bodyFolder"`
	StreamBodies bool          `yaml:"streamBodies"`
}

// HSTS is the Strict-Transport-Security of every answer over TLS.
type HSTS struct {
	// MaxAge is 8760h (a year); Off sends none.
	MaxAge     time.Duration `yaml:"maxAge"`
	Subdomains bool          `yaml:"subdomains"`
	Preload    bool          `yaml:"preload"`
	Off        bool          `yaml:"off"`
}

// Route says where requests go. The first that fits is taken; without one the
// answer is 404.
type Route struct {
	// Hosts are names, or *.NAME for all below one; none is any.
	Hosts []string `yaml:"hosts"`
	// Path is a path, or PREFIX/* for it and all below; empty is any.
	Path    string   `yaml:"path"`
	Methods []string `yaml:"methods"`
	// To is the origin.
	To string `yaml:"to"`
	// Class is how dear it is to the shop: sheddable, degraded (the default) or
	// critical.
	Class *overload.Class `yaml:"class"`
	// Timeout is the time for the whole answer; 0 is none but the origin's own.
	Timeout time.Duration `yaml:"timeout"`
	// WebSocket lets connections become WebSockets. After that nothing is
	// inspected.
	WebSocket bool `yaml:"webSocket"`
	// Proof takes only requests that a key of proof signed.
	Proof bool `yaml:"proof"`
	// Queue is the waiting room before it, by its name in queues.
	Queue string `yaml:"queue"`
}

// OriginSecret is the header by which origins know the gateway.
type OriginSecret struct {
	// Header is X-Origin-Verify.
	Header string `yaml:"header"`
	// Insert is sent to origins.
	Insert *Secret `yaml:"insert"`
	// Verify is what a request has to bring: one of at most two, the new and the
	// old. A request without is refused with 403.
	Verify []Secret `yaml:"verify"`
}

// ACL is the web ACL.
type ACL struct {
	// Files hold it and what it refers to.
	Files []string `yaml:"files"`
	// Name says which, where they hold several.
	Name string `yaml:"name"`
	// Resource decides how much of a body is inspected: one of
	// assembly.ResourceNames.
	Resource string `yaml:"resource"`
	// Lists are files for the managed groups, by their kinds in assembly.ListKinds:
	// one address or range a line; of credentials, a hash a line.
	Lists map[string]string `yaml:"lists"`
	// Undecidable says what becomes of a request that a rule would have blocked,
	// could it have been decided: allow (as the rest of the web ACL says) or block.
	Undecidable string `yaml:"undecidable"`
}

// CRS runs the OWASP Core Rule Set beside the web ACL.
type CRS struct {
	// Mode is off (the default), detect or block.
	Mode      string `yaml:"mode"`
	Paranoia  int    `yaml:"paranoia"`
	Threshold int    `yaml:"threshold"`
	Responses bool   `yaml:"responses"`
	Body      int    `yaml:"body"`
	Remove    []int  `yaml:"remove"`
	// Directives are SecLang that is read before the rule set, as its crs-setup.conf
	// would be: SecAction and SecRule with ids below 900000 or of crs-setup.conf.
	Directives string `yaml:"directives"`
}

// Geo are MaxMind databases.
type Geo struct {
	Country string `yaml:"country"`
	ASN     string `yaml:"asn"`
}

// TokenConfig is token.Config with its keys.
type TokenConfig struct {
	token.Config
	Keys []Secret `yaml:"keys"`
}

// Queue is queue.Config with its keys. Its name is its key in queues.
type Queue struct {
	queue.Config
	Keys []Secret `yaml:"keys"`
}

// Redis is what gateways side by side share; without one each is alone.
type Redis struct {
	// Address is redis://HOST:6379/0. URL is the same where it holds a password.
	Address string  `yaml:"address"`
	URL     *Secret `yaml:"url"`
	// Prefix begins all keys: fathom:. Gateways is how many share.
	Prefix   string `yaml:"prefix"`
	Gateways int    `yaml:"gateways"`
}

// Overload is overload.Config, and whether it is in force.
type Overload struct {
	overload.Config
	// Off lets as many requests through as come.
	Off bool `yaml:"off"`
}

// Log is where records go: a file, stdout, stderr, or empty for nowhere.
type Log struct {
	Access string   `yaml:"access"`
	WAF    string   `yaml:"waf"`
	Buffer int      `yaml:"buffer"`
	Redact []string `yaml:"redact"`
	// Source is the httpSourceName and httpSourceId of records: ALB.
	Source   string `yaml:"source"`
	SourceID string `yaml:"sourceId"`
}

// Trace sends traces by OTLP over HTTP.
type Trace struct {
	// Endpoint is http://HOST:4318; empty is none.
	Endpoint string `yaml:"endpoint"`
	// Ratio is the share of requests that begin a trace here: 0.01.
	Ratio   float64           `yaml:"ratio"`
	Service string            `yaml:"service"`
	Headers map[string]Secret `yaml:"headers"`
}

// Shutdown is how a gateway ends.
type Shutdown struct {
	// Delay is how long it goes on accepting after it has said that it is not ready
	// (5s), Grace how long connections that are idle may still send (5s), Limit how
	// long requests may take to end (30s).
	Delay time.Duration `yaml:"delay"`
	Grace time.Duration `yaml:"grace"`
	Limit time.Duration `yaml:"limit"`
}
