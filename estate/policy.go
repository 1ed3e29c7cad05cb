package estate

import (
	"encoding/json"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate/tree"
)

// Policy is an argument that holds an IAM policy document. The attributes of
// other resources stand in it as ${aws_s3_bucket.logs.arn}; IAM's own
// variables (${aws:username}) have a colon.
//
// The grammar is that of the IAM User Guide, "Grammar of the IAM JSON policy
// language": everything that may be one string or a list is a list here.
type Policy struct {
	Version    string
	Statements []Statement
	// Refs are the resources whose attributes stand in the document.
	Refs []tree.Ref

	text  string
	why   string
	at    diag.Pos
	state state
}

// Statement is one statement of a policy.
type Statement struct {
	Sid           string
	Effect        string // Allow or Deny
	Principals    []Principal
	NotPrincipals []Principal
	Actions       []string
	NotActions    []string
	Resources     []string
	NotResources  []string
	Conditions    []Condition
}

// Principal is who a statement is about: Type is AWS, Service, Federated,
// CanonicalUser or *; ID is the ARN, account, service or *.
type Principal struct{ Type, ID string }

// Condition is one line of a Condition element: an operator, a key in lower
// case, and the values one of which must match.
type Condition struct {
	Operator string
	Key      string
	Values   []string
}

// Absent reports whether no policy was written.
func (p *Policy) Absent() bool { return p.state == absent }

// Unknown reports whether a policy was written that cannot be known.
func (p *Policy) Unknown() bool { return p.state == unknown }

// Why is the reason of an unknown policy.
func (p *Policy) Why() string { return p.why }

// Pos is where the policy was written.
func (p *Policy) Pos() diag.Pos { return p.at }

// Text is the document as it was evaluated.
func (p *Policy) Text() string { return p.text }

func (p *Policy) fromTree(n *tree.Node) {
	if n.Missing() {
		return
	}
	*p = Policy{at: n.Pos, Refs: n.Refs, text: n.Text}
	switch {
	case n.Kind == tree.Unknown:
		p.state, p.why = unknown, n.Why
	case n.Kind == tree.String && n.Text == "":
	case n.Kind != tree.String:
		p.state, p.why = unknown, "a policy document is expected here, as a JSON string"
	default:
		q, err := ParsePolicy([]byte(n.Text))
		if err != nil {
			p.state, p.why = unknown, "the policy document is not valid: "+err.Error()
			return
		}
		p.state, p.Version, p.Statements = known, q.Version, q.Statements
	}
}

// ParsePolicy reads a policy document. A document it does not understand is an
// error: a statement that is skipped would be a verdict that is wrong.
func ParsePolicy(doc []byte) (*Policy, error) {
	var raw struct {
		Version   string
		ID        string `json:"Id"`
		Statement oneOrMany[rawStatement]
	}
	if err := json.Unmarshal(JSON(string(doc)), &raw); err != nil {
		return nil, err
	}
	p := &Policy{Version: raw.Version, state: known, text: string(doc)}
	for _, s := range raw.Statement {
		p.Statements = append(p.Statements, Statement{
			Sid: s.Sid, Effect: s.Effect,
			Principals: s.Principal, NotPrincipals: s.NotPrincipal,
			Actions: s.Action, NotActions: s.NotAction,
			Resources: s.Resource, NotResources: s.NotResource,
			Conditions: s.Condition,
		})
	}
	return p, nil
}

type rawStatement struct {
	Sid                                      string
	Effect                                   string
	Principal, NotPrincipal                  principals
	Action, NotAction, Resource, NotResource oneOrMany[string]
	Condition                                conditions
}

// oneOrMany reads a value that may stand alone or in a list.
type oneOrMany[T any] []T

// UnmarshalJSON reads either form.
func (o *oneOrMany[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]T)(o))
	}
	var one T
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*o = []T{one}
	return nil
}

type principals []Principal

// UnmarshalJSON reads "*" or a map from type to one or many.
func (p *principals) UnmarshalJSON(b []byte) error {
	var star string
	if json.Unmarshal(b, &star) == nil {
		*p = principals{{Type: star, ID: star}}
		return nil
	}
	var m map[string]oneOrMany[string]
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	for _, kind := range sortedKeys(m) {
		for _, id := range m[kind] {
			*p = append(*p, Principal{kind, id})
		}
	}
	return nil
}

type conditions []Condition

// UnmarshalJSON reads operator → key → one or many values, which may be
// strings, numbers or booleans.
func (c *conditions) UnmarshalJSON(b []byte) error {
	var m map[string]map[string]oneOrMany[scalar]
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	for _, op := range sortedKeys(m) {
		for _, k := range sortedKeys(m[op]) {
			cond := Condition{Operator: op, Key: strings.ToLower(k)}
			for _, v := range m[op][k] {
				cond.Values = append(cond.Values, string(v))
			}
			*c = append(*c, cond)
		}
	}
	return nil
}

type scalar string

// UnmarshalJSON takes a string as it is and a number or boolean as its text.
func (s *scalar) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(s))
	}
	*s = scalar(b)
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Tree is an argument kept as it was written, for blocks that nest without
// end, such as the statements of a web ACL.
type Tree struct{ *tree.Node }

func (t *Tree) fromTree(n *tree.Node) { t.Node = n }
