package access

import (
	"maps"

	"fathom/engine/iam"
)

// composed is a document that is put together from statements of several, for
// questions about all requests.
type composed struct {
	kind       iam.Kind
	version    string
	statements []map[string]any
}

func (c *composed) add(version string, s map[string]any) {
	s = maps.Clone(s)
	delete(s, "Sid") // two documents may use one
	c.statements = append(c.statements, s)
	if c.version == "" || version == "2012-10-17" {
		c.version = version
	}
}

// with adds the statements of a reading that have an effect.
func (c *composed) with(d *document, upper bool, effect string, a about) {
	if d.rejected != "" {
		return
	}
	out, _ := d.draft.fill(upper, a)
	for _, raw := range out {
		if s, ok := raw.(map[string]any); ok && s["Effect"] == effect {
			c.add(d.draft.version, s)
		}
	}
}

// document parses it; one without statements allows nothing.
func (c *composed) document() *iam.Document {
	d := draft{kind: c.kind}
	if len(c.statements) == 0 {
		c.statements = append(c.statements, d.nothing())
	}
	m := map[string]any{"Statement": c.statements}
	if c.version != "" {
		m["Version"] = c.version
	}
	doc, _ := iam.Parse([]byte(jsonOf(m)), "", c.kind)
	return doc
}

// allows returns the statements of a document's upper reading that allow, each
// with its index in the document.
func (d *document) allows(a about) (out []map[string]any, index []int) {
	if d.rejected != "" {
		return nil, nil
	}
	all, at := d.draft.fill(true, a)
	for i, raw := range all {
		if s, ok := raw.(map[string]any); ok && s["Effect"] == "Allow" {
			out, index = append(out, s), append(index, at[i])
		}
	}
	return out, index
}
