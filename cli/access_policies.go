package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fathom/diag"
	"fathom/engine/iam"
)

// readPolicies keeps the documents as they are written, and reads what is no
// document.
func (l *evalLine) readPolicies() {
	if l.dec.PeekKind() == 'n' {
		l.value()
		return
	}
	l.object(`"policies"`, policyFields, func(name string) bool {
		switch place := slices.Index(policyFields, name); name {
		case "scps", "rcps":
			l.levels(place)
		case "grants":
			l.readGrants()
		case "publicAccess":
			l.readPublicAccess()
		default:
			if place < 0 {
				return false
			}
			l.list("policies."+name, "a list of policy documents", func(i int) {
				l.keep(written{place: place, level: -1, index: i})
			})
		}
		return true
	})
}

// levels keeps the documents of an organisation: a list for each level.
func (l *evalLine) levels(place int) {
	name := "policies." + policyFields[place]
	into := &l.policies.SCPs
	if policyFields[place] == "rcps" {
		into = &l.policies.RCPs
	}
	l.list(name, "a list of levels, each a list of policy documents", func(level int) {
		*into = append(*into, []*iam.Document{}) // a level without documents allows nothing
		l.list(fmt.Sprintf("%s[%d]", name, level), "a list of policy documents, one list for each level", func(i int) {
			l.keep(written{place: place, level: level, index: i})
		})
	})
}

func (l *evalLine) keep(w written) {
	v := l.value()
	if l.broken {
		return
	}
	end := int(l.dec.InputOffset())
	w.text = l.line[end-len(v) : end]
	l.written = append(l.written, w)
}

func (w *written) String() string {
	if w.level < 0 {
		return fmt.Sprintf("%s[%d]", policyFields[w.place], w.index)
	}
	return fmt.Sprintf("%s[%d][%d]", policyFields[w.place], w.level, w.index)
}

// parsePolicies turns what is written into documents, now that the request is
// known.
func (l *evalLine) parsePolicies() {
	for i := range l.written {
		w := &l.written[i]
		p := &l.policies
		switch policyFields[w.place] {
		case "identity":
			p.Identity = append(p.Identity, l.parse(w, iam.Identity))
		case "boundary":
			p.Boundary = append(p.Boundary, l.parse(w, iam.Identity))
		case "session":
			p.Session = append(p.Session, l.parse(w, iam.Identity))
		case "resource":
			p.Resource = append(p.Resource, l.parse(w, resourceKind(l.request.Resource)))
		case "endpoint":
			p.Endpoint = append(p.Endpoint, l.parse(w, iam.Endpoint))
		case "scps":
			p.SCPs[w.level] = append(p.SCPs[w.level], l.parse(w, iam.SCP))
		case "rcps":
			p.RCPs[w.level] = append(p.RCPs[w.level], l.parse(w, iam.RCP))
		}
	}
}

// resourceKind is the grammar of a resource's policy: that of a role is its
// trust policy.
func resourceKind(arn string) iam.Kind {
	if part := strings.SplitN(arn, ":", 6); len(part) == 6 && part[2] == "iam" && strings.HasPrefix(part[5], "role/") {
		return iam.Trust
	}
	return iam.Resource
}

func (l *evalLine) parse(w *written, kind iam.Kind) *iam.Document {
	d := l.documents.parse(w.text, kind)
	for _, p := range d.problems {
		l.problems = append(l.problems, policyProblem{w.String(), p})
	}
	return d.document
}

// maxDocuments and maxDocumentBytes bound what documents remembers.
const (
	maxDocuments     = 1 << 12
	maxDocumentBytes = 16 << 20
)

// documents remembers the policies it has parsed: many lines have the same. It
// forgets all when it is full.
type documents struct {
	known map[documentKey]*document
	bytes int
}

type documentKey struct {
	kind iam.Kind
	text string
}

type document struct {
	document *iam.Document
	problems diag.Problems
}

// parse parses a document: an object, or a string that holds one.
func (ds *documents) parse(text []byte, kind iam.Kind) *document {
	if d, ok := ds.known[documentKey{kind, string(text)}]; ok {
		return d
	}
	in := jsontext.Value(text)
	if in.Kind() == '"' {
		if s, err := jsontext.AppendUnquote(nil, in); err == nil {
			in = s
		}
	}
	d := &document{}
	d.document, d.problems = iam.Parse(in, "", kind)
	if ds.known == nil || len(ds.known) >= maxDocuments || ds.bytes+len(text) > maxDocumentBytes {
		ds.known, ds.bytes = map[documentKey]*document{}, 0
	}
	ds.known[documentKey{kind, string(text)}] = d
	ds.bytes += len(text)
	return d
}

// readGrants reads the grants of a KMS key.
func (l *evalLine) readGrants() {
	l.list("policies.grants", "a list of grants", func(i int) {
		var g iam.Grant
		what := fmt.Sprintf("policies.grants[%d]", i)
		l.object(what, []string{"grantee", "operations", "equals", "subset"}, func(name string) bool {
			switch name {
			case "grantee":
				g.Grantee = l.text(what + ".grantee")
			case "operations":
				l.list(what+".operations", "a list of names such as Decrypt", func(int) {
					g.Operations = append(g.Operations, l.text("an operation of "+what))
				})
			case "equals":
				g.Equals = l.pairs(what + ".equals")
			case "subset":
				g.Subset = l.pairs(what + ".subset")
			default:
				return false
			}
			return true
		})
		l.policies.Grants = append(l.policies.Grants, g)
	})
}

func (l *evalLine) pairs(what string) map[string]string {
	out := map[string]string{}
	l.object(what, nil, func(name string) bool {
		out[name] = l.text(what + "." + name)
		return true
	})
	return out
}

// readPublicAccess reads S3 Block Public Access.
func (l *evalLine) readPublicAccess() {
	l.object("policies.publicAccess", []string{"restrictPublicBuckets"}, func(name string) bool {
		if name != "restrictPublicBuckets" {
			return false
		}
		v := l.value()
		if k := v.Kind(); k != 't' && k != 'f' {
			l.kindFault("policies.publicAccess."+name, v, "true or false")
		}
		l.policies.PublicAccess.RestrictBuckets = v.Kind() == 't'
		return true
	})
}
