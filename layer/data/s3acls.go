package data

import (
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// acls judges access control lists. They are off under BucketOwnerEnforced,
// the default of buckets made since April 2023; a public one has no effect
// where ignore_public_acls is on.
func (j *s3Judge) acls() {
	on, at, legacy := ownership(j.e, j.b)
	public, publicAt, why := publicACL(j.e, j.b)
	switch {
	case public != "" && on != estate.No && j.bpa.acls != estate.Yes:
		j.publicACL(public, publicAt)
	case why != "":
		j.unsure(publicAt, "it is not known whom the bucket's ACL lets in: "+why)
	case on == estate.Yes && at.Line != 0 && !j.open && !legacy:
		j.partly(control.Mistake{
			At: at, Severity: control.Low,
			Summary:  j.what + " still has ACLs: any writer may open its own objects to others",
			Fix:      "set object_ownership = \"BucketOwnerEnforced\"",
			Evidence: []control.Evidence{control.Saw(at, "object ownership leaves ACLs on")},
		})
	}
}

func (j *s3Judge) publicACL(acl string, at diag.Pos) {
	if j.bpa.acls == estate.Maybe {
		j.unsure(at, "it is not known whether Block Public Access ignores the public ACL: "+j.bpa.why)
		return
	}
	m := control.Mistake{
		At: at, Severity: control.Critical, Cause: control.CausePublicBucket,
		Summary:  j.what + " is public: its ACL is " + acl,
		Fix:      "set object_ownership = \"BucketOwnerEnforced\", drop the ACL, and serve public objects through CloudFront with origin access control",
		Evidence: []control.Evidence{control.Saw(at, "acl = %s", acl)},
	}
	if isPublic(j.class) && acl == "public-read" {
		m.Severity = control.Medium
		j.partly(m)
		return
	}
	j.not(m)
}

// ownership says whether ACLs are on, and where that is written. legacy says
// that something needs them: the log delivery group, and CloudFront's standard
// logs, write with ACLs.
func ownership(e *estate.Estate, b *estate.Bucket) (on estate.Truth, at diag.Pos, legacy bool) {
	on = estate.Maybe
	for _, o := range estate.Of[*estate.BucketOwnership](e, b.ID) {
		if r := o.Rule.One(); r != nil {
			on, at = r.Ownership.Is("BucketOwnerEnforced").Not(), r.Ownership.Pos()
		}
	}
	for _, a := range estate.Of[*estate.BucketACL](e, b.ID) {
		legacy = legacy || a.ACL.Is("log-delivery-write") == estate.Yes || !a.Grants.Missing()
	}
	return on, at, legacy || b.ACL.Is("log-delivery-write") == estate.Yes
}

// publicACL returns the canned ACL, or the group, that opens a bucket; why says
// what is not known of its ACLs.
func publicACL(e *estate.Estate, b *estate.Bucket) (acl string, at diag.Pos, why string) {
	canned := []estate.Str{b.ACL}
	grants := []estate.Tree{b.Grants}
	for _, a := range estate.Of[*estate.BucketACL](e, b.ID) {
		canned = append(canned, a.ACL)
		grants = append(grants, a.Grants)
	}
	for _, c := range canned {
		if c.In("public-read", "public-read-write", "authenticated-read") == estate.Yes {
			return c.String(), c.Pos(), ""
		}
		if c.Unknown() {
			at, why = c.Pos(), c.Why()
		}
	}
	for _, g := range grants {
		if uri, pos := groupIn(g); uri != "" {
			return "a grant to " + uri, pos, ""
		}
	}
	return "", at, why
}

// groupIn returns the group of everyone, or of every AWS user, that grants
// name.
func groupIn(g estate.Tree) (group string, at diag.Pos) {
	if g.Node == nil {
		return "", diag.Pos{}
	}
	for _, n := range below(g.Node) {
		if strings.HasSuffix(n.Text, "/AllUsers") || strings.HasSuffix(n.Text, "/AuthenticatedUsers") {
			return n.Text[strings.LastIndexByte(n.Text, '/')+1:], n.Pos
		}
	}
	return "", diag.Pos{}
}
