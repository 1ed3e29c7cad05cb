package assembly

import (
	"cmp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/engine/webacl/managed"
	"fathom/engine/webacl/rate"
)

// Options are what a web ACL is given. What the zero Options lack makes rules
// undecidable: no addresses have places, and nothing is counted.
type Options struct {
	// Resource is what the web ACL protects, if the ACL itself does not say so.
	Resource webacl.Resource
	Geo      webacl.Locator
	Counter  webacl.Counter
	// Managed are the lists of the managed rule groups. Use and Resource are
	// taken from the ACL.
	Managed managed.Options
	Choices webacl.Choices
}

// Counters makes the counter that a word names: exact or aws-like.
func Counters(word string) (webacl.Counter, bool) {
	switch word {
	case "exact":
		return rate.NewExact(rate.Options{}), true
	case "aws-like":
		return rate.NewAWSLike(rate.Options{}), true
	}
	return nil, false
}

// Assembly is a web ACL that is ready to run.
type Assembly struct {
	Program *webacl.Program
	// ACL and Options are what it was compiled from.
	ACL     *webacl.ACL
	Options webacl.Options
	// standIns are, by the names of groups in logs, what stands in for AWS's rules.
	standIns map[string]StandIn
}

// StandIn says what answers for rules that AWS does not publish.
type StandIn struct {
	// Rule is the rule of the web ACL, Group the group's name in logs.
	Rule, Group string
	// Sources are what stands in, sorted.
	Sources []string
	// Rules is how many rules the group has, StandIns how many are stand-ins, and
	// NotSimulated how many nothing answers for.
	Rules, StandIns, NotSimulated int
}

// New compiles a web ACL with what it needs. The ACL is not changed.
func New(acl *webacl.ACL, o Options) (*Assembly, diag.Problems) {
	own := *acl
	if o.Resource != webacl.AnyResource {
		own.Resource = o.Resource
	}
	o.Managed.Use, o.Managed.Resource = cmp.Or(own.ARN, own.Name), own.Resource
	a := &Assembly{ACL: &own, standIns: map[string]StandIn{}}
	catalogue := managed.Catalogue(o.Managed)
	a.Options = webacl.Options{Geo: o.Geo, Counter: o.Counter, Choices: o.Choices, Managed: catalogue}
	noting := a.Options
	noting.Managed = func(ref webacl.ManagedRef) (*webacl.Group, error) {
		g, err := catalogue(ref)
		if err == nil {
			a.note(g)
		}
		return g, err
	}
	var problems diag.Problems
	a.Program, problems = webacl.Compile(a.ACL, noting)
	if len(problems) > 0 {
		return nil, problems
	}
	return a, nil
}

func (a *Assembly) note(g *webacl.Group) {
	s := StandIn{Group: g.ID, Rules: len(g.Rules)}
	for i := range g.Rules {
		switch b := &g.Rules[i].Basis; b.Kind {
		case webacl.StandIn:
			s.StandIns++
			if !slices.Contains(s.Sources, b.Source) {
				s.Sources = append(s.Sources, b.Source)
			}
		case webacl.NotSimulated:
			s.NotSimulated++
		}
	}
	slices.Sort(s.Sources)
	if s.StandIns+s.NotSimulated > 0 {
		a.standIns[g.ID] = s
	}
}

// StandIns are the groups that took part in a verdict, whether they matched or
// not, and whose rules are not AWS's.
func (a *Assembly) StandIns(v *webacl.Verdict) []StandIn {
	if len(a.standIns) == 0 {
		return nil
	}
	var out []StandIn
	for i := range v.Groups {
		if s, ok := a.standIns[v.Groups[i].ID]; ok {
			s.Rule = v.Groups[i].Rule
			out = append(out, s)
		}
	}
	return out
}

// resources are the words for what a web ACL protects.
var resources = map[string]webacl.Resource{
	"cloudfront": webacl.Distribution, "alb": webacl.LoadBalancer, "api-gateway": webacl.APIGateway, "appsync": webacl.AppSync,
	"cognito": webacl.Cognito, "app-runner": webacl.AppRunner, "verified-access": webacl.VerifiedAccess, "amplify": webacl.Amplify,
}

// ParseResource finds what a web ACL protects by its word: alb.
func ParseResource(word string) (webacl.Resource, bool) {
	r, ok := resources[word]
	return r, ok
}

// ResourceNames are the words, sorted.
func ResourceNames() []string {
	var names []string
	for n := range resources {
		names = append(names, n)
	}
	slices.SortFunc(names, strings.Compare)
	return names
}
