package cli

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fathom/diag"
	"fathom/engine/iam"
)

// evalFields are the names of a line of access eval.
var evalFields = []string{"id", "principal", "action", "resource", "resourceAccount", "context", "policies"}

// policyFields are the places of policies, and what else bears on a request.
var policyFields = []string{"identity", "boundary", "session", "resource", "endpoint", "scps", "rcps", "grants", "publicAccess"}

// policyProblem is what AWS would reject in a policy of a line.
type policyProblem struct {
	policy string // identity[0]
	diag.Problem
}

// evalLine is a line of access eval, read.
type evalLine struct {
	fields
	documents *documents

	line     []byte
	id       jsontext.Value // as it is written, without spaces; nil for none
	request  iam.Request
	policies iam.Policies
	written  []written
	problems []policyProblem
}

// written is a policy as it stands in the line. What may stand in a resource's
// policy depends on the request, which may follow.
type written struct {
	place, level, index int // place is an index of policyFields; level -1 for those without
	text                []byte
}

// read reads the line; wrong then says what cannot be understood, "" for
// nothing.
func (l *evalLine) read(line []byte) {
	l.reset(line)
	l.line, l.id, l.written, l.problems = line, nil, l.written[:0], nil
	l.request, l.policies = iam.Request{}, iam.Policies{}
	var seen []string
	l.object(wholeLine, evalFields, func(name string) bool {
		switch name {
		case "id":
			l.readID()
		case "principal":
			l.request.Principal = l.principal()
		case "action":
			l.request.Action = l.text(`"action"`)
		case "resource":
			l.request.Resource = l.text(`"resource"`)
		case "resourceAccount":
			l.account()
		case "context":
			l.request.Context = l.context()
		case "policies":
			l.readPolicies()
		default:
			return false
		}
		seen = append(seen, name)
		return true
	})
	l.end()
	l.check(seen)
	if l.wrong == "" {
		l.parsePolicies()
	}
}

// readID keeps the id, whatever it is, to be given back.
func (l *evalLine) readID() { l.id = l.fields.id() }

// id takes the next value to be written again: on one line, without spaces.
func (f *fields) id() jsontext.Value {
	v := append(jsontext.Value(nil), f.value()...)
	if f.broken || v.Compact() != nil {
		return nil
	}
	return v
}

// check says what a line needs that is not there.
func (l *evalLine) check(seen []string) {
	for _, f := range []struct{ name, fix string }{
		{"principal", `add the caller's ARN, or {"type": "anonymous"}`},
		{"action", `add one, such as "s3:GetObject"`},
		{"resource", `add its ARN, or "*" for an action that has none`},
	} {
		if !slices.Contains(seen, f.name) {
			l.fault("there is no %q; %s", f.name, f.fix)
		}
	}
	if a := l.request.Action; !actionName(a) {
		l.fault("the action %q is no action; write service:Name, such as s3:GetObject, without wildcards", a)
	}
	switch r := l.request.Resource; {
	case r == "":
		l.fault(`the resource is empty; write its ARN, or "*" for an action that has none`)
	case r != "*" && !isARN(r):
		l.fault(`the resource %q is no ARN; write arn:partition:service:region:account:resource, or "*" for an action that has none`, r)
	}
}

// actionName says whether a text names one action.
func actionName(s string) bool {
	service, name, ok := strings.Cut(s, ":")
	return ok && service != "" && name != "" && !strings.ContainsAny(s, "*? \t")
}

// isARN says whether a text has the six parts of an ARN.
func isARN(s string) bool {
	return strings.HasPrefix(s, "arn:") && strings.Count(s, ":") >= 5
}

func (l *evalLine) account() {
	v := l.value()
	switch {
	case v.Kind() == 'n':
	case v.Kind() != '"':
		l.kindFault(`"resourceAccount"`, v, `a string of twelve digits: a number would lose its leading zeros`)
	default:
		if l.request.ResourceAccount = l.unquote(v); !isAccount(l.request.ResourceAccount) {
			l.fault("the resourceAccount %q is no account; write its twelve digits", l.request.ResourceAccount)
		}
	}
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// context reads the condition keys.
func (l *evalLine) context() iam.Context {
	if l.dec.PeekKind() == 'n' {
		l.value()
		return nil
	}
	c := iam.Context{}
	l.object(`"context"`, nil, func(name string) bool {
		key := strings.ToLower(name)
		if _, twice := c[key]; twice {
			l.fault("the context has %q twice; keep one (case does not matter), or give a list for several values", name)
		}
		if l.dec.PeekKind() != '[' {
			v := l.value()
			if v.Kind() != 'n' {
				c[key] = iam.One(l.scalar(name, v))
			}
			return true
		}
		many := iam.Value{Multi: true, Values: []string{}}
		l.list(name, "a list", func(int) { many.Values = append(many.Values, l.scalar(name, l.value())) })
		c[key] = many
		return true
	})
	return c
}

// scalar is the text of one value of a condition key.
func (l *evalLine) scalar(name string, v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		return l.unquote(v)
	case '0', 't', 'f':
		return string(v)
	}
	if !l.broken {
		l.fault("the context key %q holds %s; it has to be a string, number or boolean, or a list of them", name, kindName(v.Kind()))
	}
	return ""
}
