package iam

import (
	"slices"
	"strings"

	"fathom/diag"
)

// Parse reads a policy document as strictly as AWS does, and reports all that
// AWS would refuse, each with its place (IAM User Guide, "Grammar of the IAM
// JSON policy language" and the pages on each element; the Organizations pages
// "SCP syntax" and "RCP syntax"). A document with problems is Rejected: it
// grants nothing and denies nothing. What AWS takes but what hardly does what
// was meant is in the document's Warnings. The document is never nil; kind
// says where the document is meant to stand, file is for positions.
func Parse(text []byte, file string, kind Kind) (*Document, diag.Problems) {
	p := &parser{doc: &Document{Kind: kind, Version: version2008}, sids: map[string]bool{}}
	s := string(text)
	n := size(s)
	if n > limits[kind] {
		p.ps.Addf(diag.At(file, 1, 1), "", "the document has %d characters, white space not counted, and AWS takes at most %d in %s", n, limits[kind], kind)
		p.doc.Rejected = true
		return p.doc, p.ps
	}
	if kind == Identity && n > ownLimit {
		p.warnings.Addf(diag.At(file, 1, 1), "", "the document has %d characters, white space not counted; in an identity policy only AWS's own have more than %d", n, ownLimit)
	}
	root, r, ok := readJSON(s, file, &p.ps)
	if p.r = r; ok {
		p.document(root)
	}
	p.doc.Rejected = len(p.ps) > 0
	p.doc.Warnings = p.warnings.Sorted()
	return p.doc, p.ps.Sorted()
}

const (
	version2008 = "2008-10-17"
	version2012 = "2012-10-17"
)

// parser makes a document out of JSON.
type parser struct {
	doc          *Document
	r            *reader
	ps, warnings diag.Problems
	vars         bool // whether the version has policy variables
	sids         map[string]bool
}

func (p *parser) bad(at int, fix, format string, args ...any) {
	p.ps.Addf(p.r.lines.pos(at), fix, format, args...)
}

func (p *parser) warn(at int, fix, format string, args ...any) {
	p.warnings.Addf(p.r.lines.pos(at), fix, format, args...)
}

func (p *parser) document(root node) {
	if root.kind != object {
		p.bad(root.at, "", "a policy document is a JSON object, not %s", root.kind)
		return
	}
	var statements, version *member
	for i := range root.members {
		m := &root.members[i]
		switch m.key {
		case "Version":
			version = m
		case "Id":
			p.doc.ID = p.string(m)
			if p.doc.Kind == Identity {
				p.warn(m.at, "leave it out", "%s has no Id", p.doc.Kind)
			}
		case "Statement":
			statements = m
		default:
			p.unknown(m, "a policy document", []string{"Version", "Id", "Statement"})
		}
	}
	p.version(version)
	if statements == nil {
		p.bad(root.at, `add "Statement"`, "the document has no Statement")
		return
	}
	list := statements.val
	if list.kind == object {
		list = node{kind: array, items: []node{list}, at: list.at}
	}
	if list.kind != array {
		p.bad(list.at, "", "Statement is an object or a list of objects, not %s", list.kind)
		return
	}
	if len(list.items) == 0 {
		p.bad(list.at, "add a statement", "Statement is empty")
	}
	p.doc.Statements = make([]Statement, 0, len(list.items))
	for _, n := range list.items {
		if n.kind != object {
			p.bad(n.at, "", "a statement is an object, not %s", n.kind)
			continue
		}
		p.doc.Statements = append(p.doc.Statements, p.statement(n))
	}
}

func (p *parser) version(m *member) {
	if m == nil {
		if p.doc.Kind == SCP || p.doc.Kind == RCP {
			p.warn(0, `add "Version": "2012-10-17"`, "%s has to have a Version", p.doc.Kind)
		}
		return
	}
	switch v := p.string(m); {
	case v == version2012 || v == version2008:
		p.doc.Version, p.vars = v, v == version2012
	case m.val.kind == str:
		p.bad(m.val.at, `write "2012-10-17"`, "there is no Version %q", v)
	}
}

// string reads a member that is one string.
func (p *parser) string(m *member) string {
	if m.val.kind != str {
		p.bad(m.val.at, "", "%s is a string, not %s", m.key, m.val.kind)
		return ""
	}
	return m.val.text
}

// strings reads a member that is one string or a list of them. There has to be
// one at least: AWS refuses an empty list.
func (p *parser) strings(m *member) []node {
	switch m.val.kind {
	case str:
		return []node{m.val}
	case array:
	default:
		p.bad(m.val.at, "", "%s is a string or a list of strings, not %s", m.key, m.val.kind)
		return nil
	}
	if len(m.val.items) == 0 {
		p.bad(m.val.at, "", "%s is empty", m.key)
	}
	out := make([]node, 0, len(m.val.items))
	for _, n := range m.val.items {
		if n.kind != str {
			p.bad(n.at, "", "%s is a list of strings, and holds %s", m.key, n.kind)
			continue
		}
		out = append(out, n)
	}
	return out
}

// unknown reports an element that does not exist, with the one that is meant.
func (p *parser) unknown(m *member, where string, known []string) {
	fix := "elements are " + strings.Join(known, ", ")
	for _, k := range known {
		if strings.EqualFold(k, m.key) || strings.EqualFold(k+"s", m.key) {
			fix = "write " + k
		}
	}
	p.bad(m.at, fix, "%s has no element %q", where, m.key)
}

// elements are those of a statement in each kind of document.
func elements(k Kind) []string {
	out := []string{"Sid", "Effect", "Action", "NotAction"}
	if k.hasPrincipal() {
		out = append(out, "Principal")
	}
	if k == Resource || k == Endpoint {
		out = append(out, "NotPrincipal")
	}
	if k != Trust {
		out = append(out, "Resource", "NotResource")
	}
	if k == RCP {
		out = slices.DeleteFunc(out, func(s string) bool { return s == "NotAction" })
	}
	return append(out, "Condition")
}
