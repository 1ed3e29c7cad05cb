package permit

import (
	"slices"
	"strings"

	"fathom/engine/iam"
)

// who is what is fixed of a case of callers.
type who struct {
	kind    iam.PrincipalKind
	session string // the name of a role session
	user    string // whose federated session it is, where a document names that user
	saml    bool   // of Federated: a SAML provider, otherwise a web identity
}

// view is what a condition key is in a case, when it follows from the value.
// Without a part it is fixed: to text, or absent.
type view struct {
	fixed, absent bool
	text          string
	part          int
	name          string
	wrap          func([]pattern) []pattern // a pattern of the key as one of the part; nil where there is none
	get           func(string) string       // the key, given the part
}

func absent() view           { return view{fixed: true, absent: true} }
func constant(s string) view { return view{fixed: true, text: s} }
func whole(part int) view {
	return view{part: part, name: "whole", wrap: same, get: func(s string) string { return s }}
}
func same(p []pattern) []pattern { return p }

// inAccount sees the account of an ARN.
func inAccount(part int) view {
	return view{part: part, name: "account", wrap: func(ps []pattern) []pattern {
		var out []pattern
		for _, p := range ps {
			if p, ok := p.within(':'); ok {
				colon := literal(":", false)
				other := join(anything(':'), colon)
				out = append(out, join(literal("arn:", false), other, other, other, p, colon, anything(0)))
			}
		}
		return out
	}, get: account}
}

// account is the fifth segment of an ARN.
func account(arn string) string {
	if seg := strings.SplitN(arn, ":", 6); len(seg) == 6 {
		return seg[4]
	}
	return ""
}

// inName sees the name of a user: what is behind the last slash of the ARN.
func inName(part int) view {
	return view{part: part, name: "name", wrap: func(ps []pattern) []pattern {
		var out []pattern
		for _, p := range ps {
			if p, ok := p.within('/'); ok {
				out = append(out, join(anything(0), literal("/", false), p))
			}
		}
		return out
	}, get: lastName}
}

// federatedID sees "account:name" in the ARN of a federated user.
func federatedID(part int) view {
	return view{part: part, name: "id", wrap: func(ps []pattern) []pattern {
		var out []pattern
		for _, p := range ps {
			for _, h := range p.halves(':') {
				other := join(anything(':'), literal(":", false))
				out = append(out, join(literal("arn:", false), other, other, other, h[0], literal(":federated-user/", false), h[1]))
			}
		}
		return out
	}, get: func(s string) string { return account(s) + ":" + lastName(s) }}
}

func lastName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// partitions are those whose principals are told apart.
var partitionsOf = []string{"aws", "aws-cn", "aws-us-gov"}

// arns are the patterns of the ARNs of a service's principals.
func arns(service, prefix string, rests ...pattern) []pattern {
	var out []pattern
	for _, p := range partitionsOf {
		for _, rest := range rests {
			out = append(out, join(literal("arn:"+p+":"+service+"::", false), digits(12), literal(":"+prefix, false), rest))
		}
	}
	return out
}

// named is a name with a path before it, or without.
func named() []pattern {
	return []pattern{something('/'), join(something(0), literal("/", false), something('/'))}
}

// callers makes the cases of callers, the most usual first.
func (b *builder) callers() *caseDim {
	d := newCaseDim()
	for _, kind := range b.kinds {
		switch kind {
		case iam.Session:
			for _, name := range append([]string{""}, b.sessions...) {
				d.cases = append(d.cases, b.sessionsOf(name))
			}
		case iam.FederatedUser:
			for _, user := range append([]string{""}, b.named[iam.User]...) {
				d.cases = append(d.cases, b.federatedUsers(user))
			}
		case iam.Federated:
			d.cases = append(d.cases, b.providers()...)
		default:
			d.cases = append(d.cases, b.plainCallers(kind))
		}
	}
	for _, k := range d.cases {
		k.views = b.follows(k)
	}
	return d
}

// callerTexts makes the texts of a case of callers: those of the universe, and
// what the documents name.
func (b *builder) callerTexts(universe []pattern, hints, named []string) *texts {
	for _, n := range named {
		universe = append(universe, literal(n, false))
	}
	return b.texts("the caller", universe, slices.Concat(hints, named))
}

// plainCallers is the case of users, root users, services, anonymous callers
// and canonical users.
func (b *builder) plainCallers(kind iam.PrincipalKind) *kase {
	k := &kase{who: who{kind: kind}}
	make := func(hints []string, universe ...pattern) {
		k.make = func(k *kase) { k.parts = []*texts{b.callerTexts(universe, hints, b.named[kind])} }
	}
	switch kind {
	case iam.User:
		k.make = func(k *kase) {
			k.parts = []*texts{b.callerTexts(arns("iam", "user/", named()...), b.examples("iam", "user/"+b.userName()), b.named[kind])}
			b.addID(k, join(literal("AIDA", false), something(':')), "AIDAEXAMPLEEXAMPLE123")
		}
	case iam.Root:
		make(b.examples("iam", "root"), arns("iam", "root", nil)...)
	case iam.Service:
		make([]string{"ec2.amazonaws.com", "example.amazonaws.com"}, join(something(':'), literal(".amazonaws.com", false)))
	case iam.Anonymous:
		make([]string{""}, nil)
	case iam.Canonical:
		make([]string{canonicalID}, literal(canonicalID, false))
	}
	k.write = func(s []string, r *iam.Request) {
		switch kind {
		case iam.User, iam.Root:
			r.Principal = iam.Principal{Kind: kind, ARN: s[0], Account: account(s[0])}
		default:
			r.Principal = iam.Principal{Kind: kind, Name: s[0]}
		}
		b.putID(s, r)
	}
	return k
}

// canonicalID stands for all canonical users that no document names.
var canonicalID = strings.Repeat("79a59df900b949e5", 4)

// sessionsOf are the role sessions of one name: each that a document names,
// and those that none does, whose name follows from their id where a document
// asks for that.
func (b *builder) sessionsOf(name string) *kase {
	shown := name
	if shown == "" {
		shown = fresh("session", b.sessions)
	}
	return &kase{
		who: who{kind: iam.Session, session: name},
		make: func(k *kase) {
			k.parts = []*texts{b.callerTexts(arns("iam", "role/", named()...), b.examples("iam", "role/Example"), b.named[iam.Session])}
			id := func(name pattern) pattern {
				return join(literal("AROA", false), something(':'), literal(":", false), name)
			}
			hint := "AROAEXAMPLEEXAMPLE123:" + shown
			if name != "" {
				b.addID(k, id(literal(name, false)), hint)
				return
			}
			var others []pattern
			for _, s := range b.sessions {
				others = append(others, id(literal(s, false)))
			}
			b.addID(k, id(something(':')), hint, others...)
		},
		write: func(s []string, r *iam.Request) {
			session := shown
			if len(s) > 1 {
				_, session, _ = strings.Cut(s[1], ":")
			}
			seg := strings.SplitN(s[0], ":", 6)
			r.Principal = iam.Principal{
				Kind: iam.Session, Account: seg[4], Role: s[0], SessionName: session,
				ARN: "arn:" + seg[1] + ":sts::" + seg[4] + ":assumed-role/" + lastName(s[0]) + "/" + session,
			}
			b.putID(s, r)
		},
	}
}

// addID gives a case the unique id of its principal, where a document asks
// for it.
func (b *builder) addID(k *kase, universe pattern, hint string, outside ...pattern) {
	if b.asked["aws:userid"] {
		k.parts = append(k.parts, b.texts("aws:userid", []pattern{universe}, []string{hint}, outside...))
	}
}

func (b *builder) putID(s []string, r *iam.Request) {
	if len(s) > 1 {
		r.Context["aws:userid"] = iam.One(s[1])
	}
}

// federatedUsers are the federated sessions of one user: each that a document
// names, and others.
func (b *builder) federatedUsers(user string) *kase {
	return &kase{
		who: who{kind: iam.FederatedUser, user: user},
		make: func(k *kase) {
			universe, hints, named := arns("sts", "federated-user/", something('/')), b.examples("sts", "federated-user/example"), b.named[iam.FederatedUser]
			if user != "" {
				head := "arn:" + strings.Split(user, ":")[1] + ":sts::" + account(user) + ":federated-user/"
				universe, hints = []pattern{join(literal(head, false), something('/'))}, []string{head + "example"}
				named = slices.DeleteFunc(slices.Clone(named), func(s string) bool { return !strings.HasPrefix(s, head) })
			}
			k.parts = []*texts{b.callerTexts(universe, hints, named)}
		},
		write: func(s []string, r *iam.Request) {
			r.Principal = iam.Principal{Kind: iam.FederatedUser, ARN: s[0], Account: account(s[0]), User: user, SessionName: lastName(s[0])}
		},
	}
}

// providers are the callers who show a token of an identity provider.
func (b *builder) providers() (out []*kase) {
	one := func(saml bool, example string, universe ...pattern) {
		out = append(out, &kase{
			who: who{kind: iam.Federated, saml: saml},
			make: func(k *kase) {
				named := slices.DeleteFunc(slices.Clone(b.named[iam.Federated]), func(s string) bool { return strings.Contains(s, ":saml-provider/") != saml })
				k.parts = []*texts{b.callerTexts(universe, b.examples("iam", example), named)}
			},
			write: func(s []string, r *iam.Request) { r.Principal = iam.FederatedPrincipal(s[0]) },
		})
	}
	if !b.regime.noWeb {
		host := join(something(':'), literal(".", false), something(':'))
		one(false, "oidc-provider/token.example.com", append(arns("iam", "oidc-provider/", something(0)), host)...)
	}
	if !b.regime.noSAML {
		one(true, "saml-provider/example", arns("iam", "saml-provider/", something(0))...)
	}
	return out
}

// examples are ARNs of a principal in the accounts that the documents name
// and in one that they do not.
func (b *builder) examples(service, rest string) []string {
	var out []string
	for _, a := range b.accounts {
		out = append(out, "arn:aws:"+service+"::"+a+":"+rest)
	}
	return append(out, "arn:aws-cn:"+service+"::"+b.accounts[0]+":"+rest, "arn:aws-us-gov:"+service+"::"+b.accounts[0]+":"+rest)
}

// follows are the condition keys that follow from a caller, as package iam
// derives them (IAM User Guide, "AWS global condition context keys": the table
// of principal key values).
func (b *builder) follows(k *kase) map[string]view {
	v := map[string]view{
		"aws:principalarn": absent(), "aws:principalaccount": absent(), "aws:principaltype": absent(), "aws:userid": absent(),
		"aws:username": absent(), "aws:principalisawsservice": absent(), "aws:principalservicename": absent(), "kms:calleraccount": absent(),
	}
	switch k.kind {
	case iam.Root, iam.User, iam.Session, iam.FederatedUser:
		v["aws:principalarn"], v["aws:principalaccount"] = whole(0), inAccount(0)
		v["aws:principalisawsservice"] = constant("false")
		if b.regime.kms {
			v["kms:calleraccount"] = inAccount(0)
		}
	}
	switch k.kind {
	case iam.Anonymous:
		v["aws:principaltype"], v["aws:userid"] = constant("Anonymous"), constant("anonymous")
	case iam.Root:
		v["aws:principaltype"], v["aws:userid"] = constant("Account"), inAccount(0)
	case iam.User:
		v["aws:principaltype"], v["aws:username"], v["aws:userid"] = constant("User"), inName(0), whole(1)
	case iam.Session:
		v["aws:principaltype"], v["aws:userid"] = constant("AssumedRole"), whole(1)
	case iam.FederatedUser:
		v["aws:principaltype"] = constant("FederatedUser")
		v["aws:userid"] = federatedID(0)
	case iam.Service:
		v["aws:principalisawsservice"], v["aws:principalservicename"] = constant("true"), whole(0)
	}
	return v
}

// fresh is a word that is not among others.
func fresh(word string, others []string) string {
	for slices.Contains(others, word) {
		word += "x"
	}
	return word
}

// userName is the user whom examples are made of: the one that is asked for,
// where a variable was given his name.
func (b *builder) userName() string {
	if a := b.assigned["aws:username"]; a.present {
		return a.value
	}
	return "example"
}
