package managed

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/engine/webacl/crs"
)

// Options are what the groups are given. The zero Options decide less: a rule
// that needs a list is undecidable without it.
type Options struct {
	// Use names the web ACL, for counters: AWS counts each by itself.
	Use string
	// Resource is what the web ACL protects; the fraud groups refuse Cognito.
	Resource webacl.Resource
	// CRS is the Core Rule Set as NewCRS sets it up; nil makes one when a group
	// first needs it.
	CRS crs.Inspector
	// The lists of the groups of IP reputation and anonymous addresses.
	Reputation, Reconnaissance, DDoS, Anonymous, Hosting *Prefixes
	// DataCenters are known for bots (SignalKnownBotDataCenter).
	DataCenters *Prefixes
	// Bots are the addresses of bots that can be verified, by their names in
	// labels: googlebot.
	Bots map[string]*Prefixes
	// Compromised are credentials known to be stolen.
	Compromised *Credentials
}

// group describes a managed rule group.
type group struct {
	name, prefix string
	capacity     int
	rules        func(*builder) []webacl.Rule
}

// groups are the groups of AWS, in the order of its documentation.
var groups = []group{
	{"AWSManagedRulesCommonRuleSet", "core-rule-set", 700, commonRules},
	{"AWSManagedRulesAdminProtectionRuleSet", "admin-protection", 100, adminRules},
	{"AWSManagedRulesKnownBadInputsRuleSet", "known-bad-inputs", 200, badInputRules},
	{"AWSManagedRulesSQLiRuleSet", "sql-database", 200, sqlRules},
	{"AWSManagedRulesLinuxRuleSet", "linux-os", 200, linuxRules},
	{"AWSManagedRulesUnixRuleSet", "posix-os", 100, unixRules},
	{"AWSManagedRulesWindowsRuleSet", "windows-os", 200, windowsRules},
	{"AWSManagedRulesPHPRuleSet", "php-app", 100, phpRules},
	{"AWSManagedRulesWordPressRuleSet", "wordpress-app", 100, wordPressRules},
	{"AWSManagedRulesAmazonIpReputationList", "amazon-ip-list", 25, reputationRules},
	{"AWSManagedRulesAnonymousIpList", "anonymous-ip-list", 50, anonymousRules},
	{"AWSManagedRulesBotControlRuleSet", "bot-control", 50, botRules},
	{"AWSManagedRulesATPRuleSet", "atp", 50, takeoverRules},
	{"AWSManagedRulesACFPRuleSet", "acfp", 50, creationRules},
	{"AWSManagedRulesAntiDDoSRuleSet", "anti-ddos", 50, ddosRules},
}

// Names are the names of the groups in the catalogue, of vendor AWS.
func Names() []string {
	var out []string
	for _, g := range groups {
		out = append(out, g.name)
	}
	return out
}

// versioned is how AWS names the static versions of a group.
var versioned = regexp.MustCompile(`^Version_[0-9]+\.[0-9]+$`)

// Catalogue finds managed rule groups for one web ACL. Every version of a group
// is its newest one, except where docs/managed.md says otherwise. What it returns
// may be called by many goroutines.
func Catalogue(o Options) func(webacl.ManagedRef) (*webacl.Group, error) {
	inspector := sync.OnceValues(func() (crs.Inspector, error) {
		if o.CRS != nil {
			return o.CRS, nil
		}
		return NewCRS()
	})
	var lock sync.Mutex
	uses := map[string]int{}
	return func(ref webacl.ManagedRef) (*webacl.Group, error) {
		g, err := find(ref)
		if err != nil {
			return nil, err
		}
		lock.Lock()
		n := uses[g.name]
		uses[g.name]++
		lock.Unlock()
		b := &builder{
			options: o, ref: ref, prefix: "awswaf:managed:aws:" + g.prefix + ":",
			use: fmt.Sprintf("%s/AWS#%s/%d", o.Use, g.name, n), crs: inspector,
		}
		rules := g.rules(b)
		if b.err != nil {
			return nil, fmt.Errorf("managed rule group %q: %w", g.name, b.err)
		}
		for i := range rules {
			rules[i].Priority = i
		}
		return &webacl.Group{
			Name: g.name, ID: "AWS#" + g.name, Capacity: g.capacity, Rules: rules,
			LabelPrefix: b.prefix, Managed: true,
		}, nil
	}
}

func find(ref webacl.ManagedRef) (*group, error) {
	if ref.Vendor != "AWS" {
		return nil, fmt.Errorf("managed rule groups of vendor %q are not simulated; only those of AWS are", ref.Vendor)
	}
	at := slices.IndexFunc(groups, func(g group) bool { return g.name == ref.Name })
	if at < 0 {
		nearest := slices.MinFunc(groups, func(a, b group) int {
			return diag.Distance(a.name, ref.Name) - diag.Distance(b.name, ref.Name)
		})
		return nil, fmt.Errorf("there is no managed rule group AWS/%s in the catalogue; the nearest name is %q", ref.Name, nearest.name)
	}
	if ref.Version != "" && !versioned.MatchString(ref.Version) {
		return nil, fmt.Errorf("managed rule group %q has no version %q; AWS names them Version_1.0, Version_2.0", ref.Name, ref.Version)
	}
	return &groups[at], nil
}

// builder makes the rules of one use of a group.
type builder struct {
	options Options
	ref     webacl.ManagedRef
	prefix  string
	use     string
	crs     func() (crs.Inspector, error)
	set     crs.Inspector
	err     error
}

func (b *builder) fail(err error) { b.err = errors.Join(b.err, err) }

// inspector is the Core Rule Set, for a group that needs it.
func (b *builder) inspector() crs.Inspector {
	if b.set == nil {
		set, err := b.crs()
		if err != nil {
			b.fail(err)
		}
		b.set = set
	}
	return b.set
}

// rule makes a rule with its documented label.
func (b *builder) rule(name string, action webacl.ActionKind, basis webacl.Basis, st webacl.Statement) webacl.Rule {
	return webacl.Rule{
		Name: name, Statement: st, Action: webacl.Action{Kind: action},
		Labels: []string{b.prefix + labelOf(name)}, Basis: basis,
	}
}

// exceptions are the rules whose label is not their name in camel case.
var exceptions = map[string]string{
	"UserAgent_BadBots_HEADER": "BadBots_Header",
	"Host_localhost_HEADER":    "Host_Localhost_Header",
	"PROPFIND_METHOD":          "Propfind_Method",
}

// words are how AWS writes the fields of rule names in labels.
var words = map[string]string{
	"HEADER": "Header", "QUERYSTRING": "QueryString", "QUERYARGUMENTS": "QueryArguments", "BODY": "Body",
	"URIPATH": "URIPath", "COOKIE": "Cookie", "METHOD": "Method",
}

// labelOf is the last part of a rule's label (fact sheet §12): the name, with its
// upper-case field in camel case.
func labelOf(name string) string {
	if l, ok := exceptions[name]; ok {
		return l
	}
	if i := strings.LastIndexByte(name, '_'); i >= 0 {
		if w, ok := words[name[i+1:]]; ok {
			return name[:i+1] + w
		}
	}
	return name
}

func documented(source string) webacl.Basis {
	return webacl.Basis{Kind: webacl.Documented, Source: source}
}

func standIn(source string) webacl.Basis { return webacl.Basis{Kind: webacl.StandIn, Source: source} }

// notSimulated is a rule that nothing answers for.
func (b *builder) notSimulated(name string, action webacl.ActionKind, why string) webacl.Rule {
	return b.rule(name, action, webacl.Basis{Kind: webacl.NotSimulated, Source: why}, undecided(name, why))
}

func undecided(name, why string) webacl.Probe {
	return webacl.Probe{Name: name, Ask: func(*webacl.Subject) webacl.Answer {
		return webacl.Answer{Truth: webacl.Unknown, Why: "not simulated: " + why}
	}}
}
