package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/engine/webacl/assembly"
	"fathom/engine/webacl/dialect"
	"fathom/engine/webacl/geo"
)

// aclState says which web ACL is in force.
type aclState struct {
	Name     string   `json:"name"`
	Rules    int      `json:"rules"`
	Capacity int      `json:"capacity"`
	Default  string   `json:"default"`
	Files    []string `json:"files"`
	Notes    []string `json:"notes,omitempty"`
	arn      string
}

// loadACL reads the web ACL, and makes it ready. Without files there is none,
// and every request passes that the rest of the gateway lets pass.
func (s *Server) loadACL(l *live) error {
	c := s.config.ACL
	if len(c.Files) == 0 {
		return nil
	}
	acl, notes, err := readACL(c)
	if err != nil {
		return err
	}
	o := assembly.Options{Counter: s.store}
	o.Resource, _ = assembly.ParseResource(c.Resource)
	if o.Geo, err = s.readGeo(); err != nil {
		return err
	}
	if o.Managed, err = s.managed(); err != nil {
		return err
	}
	a, problems := assembly.New(acl, o)
	if len(problems) > 0 {
		return listed("the web ACL cannot be used", problems)
	}
	l.program = a.Program
	total, _ := webacl.Capacity(a.ACL, a.Options)
	l.acl = aclState{Name: acl.Name, Rules: len(acl.Rules) + len(acl.Pre) + len(acl.Post), Capacity: total, Default: acl.Default.Kind.String(), Files: c.Files, arn: cmp.Or(acl.ARN, acl.Name)}
	for _, n := range notes {
		l.acl.Notes = append(l.acl.Notes, n.Error())
		s.log.Warn("web ACL", "note", n.Error())
	}
	return nil
}

// readACL reads the files of a web ACL, and finds it among what they hold.
func readACL(c ACL) (*webacl.ACL, diag.Problems, error) {
	var docs []dialect.Document
	var problems, notes diag.Problems
	for _, name := range c.Files {
		b, err := readFile(name, mostText)
		if err != nil {
			return nil, nil, err
		}
		doc, ps := dialect.Read(name, b, dialect.Options{})
		docs = append(docs, doc)
		problems = append(problems, ps...)
	}
	if len(problems) > 0 {
		return nil, nil, listed("the web ACL cannot be read", problems)
	}
	all := dialect.Join(docs...)
	notes = append(notes, all.Notes...)
	acl, err := choose(all.ACLs, c.Name)
	if err != nil {
		return nil, nil, err
	}
	return acl, notes, nil
}

func choose(acls []*webacl.ACL, name string) (*webacl.ACL, error) {
	var names []string
	for _, a := range acls {
		if a.Name == name || name == "" && len(acls) == 1 {
			return a, nil
		}
		names = append(names, a.Name)
	}
	if len(names) == 0 {
		return nil, errors.New("acl.files hold no web ACL")
	}
	return nil, fmt.Errorf("acl.files hold the web ACLs %s; say in acl.name which", strings.Join(names, ", "))
}

// listed makes one error of all problems.
func listed(what string, problems diag.Problems) error {
	var b strings.Builder
	b.WriteString(what)
	for _, p := range problems.Sorted() {
		b.WriteString("\n  ")
		b.WriteString(p.Error())
	}
	return errors.New(b.String())
}

func (s *Server) readGeo() (webacl.Locator, error) {
	c := s.config.Geo
	var country, asn []byte
	var err error
	if c.Country != "" {
		if country, err = readFile(c.Country, mostGeo); err != nil {
			return nil, fmt.Errorf("geo.country: %w", err)
		}
	}
	if c.ASN != "" {
		if asn, err = readFile(c.ASN, mostGeo); err != nil {
			return nil, fmt.Errorf("geo.asn: %w", err)
		}
	}
	if country == nil && asn == nil {
		return nil, nil
	}
	db, err := geo.Open(country, asn)
	if err != nil {
		return nil, fmt.Errorf("geo: %w", err)
	}
	return db, nil
}
