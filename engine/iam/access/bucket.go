package access

import (
	"strings"

	"fathom/engine/iam"
	"fathom/estate"
)

// bucket is a bucket with its policy, its access control lists and what of both
// Block Public Access leaves.
func (w *World) bucket(b *estate.Bucket) {
	t := w.target(b, &b.Policy)
	for _, p := range estate.Of[*estate.BucketPolicy](w.e, b.ID) {
		t.add(w, p, &p.Policy)
	}
	block := w.publicAccess(b)
	// A bucket may be public by what is not known of its policy, and is then left
	// to its account.
	t.mayBePublic = block.restrict != estate.No && !t.policiesCertain()
	t.public[0].RestrictBuckets = block.restrict != estate.No
	t.public[1].RestrictBuckets = block.restrict == estate.Yes && t.policiesCertain()
	if t.public[0] != t.public[1] && t.policiesCertain() {
		t.doubts = append(t.doubts, Doubt{b.Pos, "whether Block Public Access restricts the bucket is not known"})
	}
	w.acl(t, b, block)
}

func (t *target) policiesCertain() bool {
	for _, d := range t.policies {
		if !d.certain() {
			return false
		}
	}
	return true
}

// blocking are the settings of Block Public Access that bear on requests, the
// bucket's and the account's united.
type blocking struct{ restrict, ignore estate.Truth }

func (w *World) publicAccess(b *estate.Bucket) blocking {
	var out blocking
	add := func(p *estate.PublicAccess, maybe string) {
		restrict, ignore := p.RestrictBuckets.Is(true), p.IgnoreACLs.Is(true)
		if maybe != "" {
			restrict, ignore = restrict.And(estate.Maybe), ignore.And(estate.Maybe)
		}
		out.restrict, out.ignore = out.restrict.Or(restrict), out.ignore.Or(ignore)
	}
	for _, p := range estate.Of[*estate.PublicAccessBlock](w.e, b.ID) {
		add(&p.PublicAccess, p.Maybe)
	}
	at := w.named().provider(&b.Base)
	for _, p := range estate.All[*estate.AccountPublicAccessBlock](w.e) {
		if w.named().provider(&p.Base) == at || w.named().account(&p.Base) == w.named().account(&b.Base) {
			add(&p.PublicAccess, p.Maybe)
		}
	}
	return out
}

// acl adds what access control lists grant. They are off where the bucket's
// owner owns all objects, which is so by default (S3 User Guide, "Controlling
// ownership of objects"). The lists of single objects are in no file.
func (w *World) acl(t *target, b *estate.Bucket, block blocking) {
	acl, at, custom := b.ACL, estate.Resource(b), b.Grants.Node != nil
	for _, a := range estate.Of[*estate.BucketACL](w.e, b.ID) {
		acl, at, custom = a.ACL, a, custom || a.Grants.Node != nil
	}
	on := estate.No
	if !acl.Absent() || custom {
		on = estate.Maybe // AWS refuses them on a bucket that has them off
	}
	for _, o := range estate.Of[*estate.BucketOwnership](w.e, b.ID) {
		on = estate.Maybe
		if r := o.Rule.One(); r != nil {
			on = r.Ownership.Is("BucketOwnerEnforced").Not()
		}
	}
	open := on.And(block.ignore.Not())
	if open == estate.No {
		return
	}
	bucket := t.arn
	list := aclStatement(`"s3:ListBucket","s3:ListBucketVersions","s3:ListBucketMultipartUploads"`, bucket)
	write := aclStatement(`"s3:PutObject","s3:DeleteObject"`, bucket+"/*")
	objects := aclStatement(`"s3:GetObject","s3:GetObjectVersion"`, bucket+"/*")
	var sure, may []string
	switch v, known := acl.Known(); {
	case custom || acl.Unknown():
		may = append(may, list, write)
	case known && v == "public-read-write":
		sure = append(sure, list, write)
	case known && v == "public-read":
		sure = append(sure, list)
	case known && v == "authenticated-read":
		may = append(may, list)
	}
	if open == estate.Maybe || block.restrict != estate.No {
		may, sure = append(may, sure...), nil
	}
	may = append(may, objects)
	if len(sure) > 0 {
		t.text(w, "access control list", iam.Resource, at, `{"Version":"2012-10-17","Statement":[`+strings.Join(sure, ",")+`]}`)
	}
	t.public[1] = iam.PublicAccess{} // what lists grant is not kept by it
	d := &document{place: "access control list", holder: at, at: at.Meta().Pos}
	compile(d, `{"Version":"2012-10-17","Statement":[`+strings.Join(may, ",")+`]}`, iam.Resource, &open0)
	d.lower, d.maybe, d.fixed = nothingOf(d), true, true
	d.doubts = append(d.doubts, Doubt{d.at, "access control lists are on, and those of objects are in no file"})
	t.policies = append(t.policies, d)
}

var open0 open

func nothingOf(d *document) *reading {
	doc, _ := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":`+jsonOf(d.draft.nothing())+`}`), "", d.draft.kind)
	return &reading{doc: doc, index: []int{-1}, of: d}
}

func aclStatement(actions, resource string) string {
	return `{"Effect":"Allow","Principal":"*","Action":[` + actions + `],"Resource":` + quote(resource) + `}`
}
