package cli

import (
	"bytes"
	"encoding/json"
	"io"

	"fathom/engine/iam"
)

// A policy alone seldom decides a request: a caller of another account needs
// both sides, an SCP needs something to limit. replay puts the old and the new
// policy beside others that allow everything, such that the first denies the
// witness and the second allows it. It returns the denial, and whether there is
// such a setting.
func (c *comparison) replay() (old iam.Decision, ok bool) {
	s, ok := c.setting()
	if !ok {
		return old, false
	}
	r, p := c.request(s), c.policies(s, c.old.text)
	return iam.Evaluate(&r, &p), true
}

// A setting is what stands beside the policy that is looked at, and whether
// another account owns the resource than the witness says: where the owner is
// open, a resource's policy decides only for others.
type setting struct{ identity, resource, elsewhere bool }

var settings = []setting{
	{},
	{identity: true},
	{resource: true},
	{identity: true, resource: true},
	{identity: true, elsewhere: true},
}

const elsewhere = "999999999999"

const (
	anythingAtAll   = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	anybodyAnything = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`
	anybodyAssumes  = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:*"}}`
)

func (c *comparison) setting() (setting, bool) {
	if c.Witness == nil {
		return setting{}, false
	}
	for _, s := range settings {
		old, new := c.policies(s, c.old.text), c.policies(s, c.new.text)
		r := c.request(s)
		if !iam.Evaluate(&r, &old).Allowed && iam.Evaluate(&r, &new).Allowed {
			return s, true
		}
	}
	return setting{}, false
}

// request is the witness in a setting.
func (c *comparison) request(s setting) iam.Request {
	r := *c.Witness
	if s.elsewhere {
		r.ResourceAccount = elsewhere
	}
	return r
}

// beside are the texts that stand beside a policy, by place.
func (c *comparison) beside(s setting) map[string]string {
	out := map[string]string{}
	if s.identity {
		out["identity"] = anythingAtAll
	}
	if s.resource {
		out["resource"] = anybodyAnything
		if resourceKind(c.Witness.Resource) == iam.Trust {
			out["resource"] = anybodyAssumes
		}
	}
	return out
}

// place is where a policy of the kind stands in a line of access eval.
func (c *comparison) place() string {
	switch c.word {
	case "trust":
		return "resource"
	case "scp", "rcp":
		return c.word + "s"
	}
	return c.word
}

// line is the witness under one of the policies, as a line of access eval.
func (c *comparison) line(id string, s setting, text []byte) ([]byte, error) {
	policies := map[string]any{}
	for place, doc := range c.beside(s) {
		policies[place] = []json.RawMessage{json.RawMessage(doc)}
	}
	doc := json.RawMessage(text)
	if !json.Valid(text) {
		doc, _ = json.Marshal(string(text)) // a string, which access eval tells the fault of
	}
	switch place := c.place(); place {
	case "scps", "rcps":
		policies[place] = [][]json.RawMessage{{doc}}
	default:
		policies[place] = []json.RawMessage{doc}
	}
	r := c.request(s)
	return marshalLine(struct {
		ID string `json:"id"`
		AccessRequest
		Policies map[string]any `json:"policies"`
	}{id, requestJSON(&r), policies})
}

func (c *comparison) policies(s setting, text []byte) iam.Policies {
	l := evalLine{documents: &documents{}}
	line, err := c.line("", s, text)
	if err != nil {
		return iam.Policies{}
	}
	l.read(line)
	return l.policies
}

// writeReplay prints the witness under both policies, for access eval.
func (c *comparison) writeReplay(w io.Writer) error {
	s, ok := c.setting()
	if !ok {
		return nil
	}
	for _, side := range []policySource{c.old, c.new} {
		line, err := c.line(side.name, s, side.text)
		if err != nil {
			return err
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// marshalLine writes a value as JSON on one line.
func marshalLine(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return escaped(b.Bytes()), err
}
