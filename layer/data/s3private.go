package data

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var s3Private = control.Control{
	ID:       "data.s3-private",
	Title:    "Block Public Access on account and bucket, TLS-only policies, no ACLs",
	Why:      "One public bucket hands its objects to anybody who guesses its name, without a credential and mostly without a trace",
	Threats:  []control.Threat{control.Exfiltration},
	Phase:    control.QuickWin,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 1.3.1", "PCI DSS 4.0.1 4.2.1", "GDPR 32(1)(a)", "HIPAA 164.312(e)(1)", "CIS AWS 7.0 3.1"},
	Check:    checkS3Private,
	Defeat:   defeatPrivate,
}

// A bucket is judged on three things: that Block Public Access stands, that
// neither its policy nor an ACL opens it, and that its policy refuses plain
// HTTP. Each shortcoming is a line of its own to change.
func checkS3Private(e *estate.Estate) []control.Result {
	account := accountBlocks(e)
	var out []control.Result
	for _, b := range estate.All[*estate.Bucket](e) {
		j := &s3Judge{e: e, b: b, what: control.Named("bucket", b.BucketName, b.Meta()), bpa: blockOf(e, b, account)}
		j.class, _ = classOf(b.Tags).Known()
		j.block()
		j.policy()
		j.acls()
		if len(j.out) == 0 {
			j.out = []control.Result{control.Is(b, j.evidence...)}
		}
		for i, r := range j.out {
			if r.Status != control.Unknown || !slices.ContainsFunc(j.out[:i], func(o control.Result) bool { return o.At == r.At && o.Reason == r.Reason }) {
				out = append(out, r)
			}
		}
	}
	return out
}

type s3Judge struct {
	e        *estate.Estate
	b        *estate.Bucket
	what     string
	class    string
	bpa      blocked
	evidence []control.Evidence
	out      []control.Result
	open     bool // a public policy or ACL was reported
}

func (j *s3Judge) not(m control.Mistake)    { j.out = append(j.out, control.Not(j.b, m)) }
func (j *s3Judge) partly(m control.Mistake) { j.out = append(j.out, control.Partly(j.b, m)) }
func (j *s3Judge) unsure(at diag.Pos, why string) {
	j.out = append(j.out, control.Unsure(j.b, at, why))
}

// blocked is Block Public Access as it is in force on a bucket: the union of
// the account's and the bucket's switches.
type blocked struct {
	acls, policy estate.Truth
	// written says that somebody wrote it for the bucket or the account; off are
	// the switches that are off, at the first of them.
	written bool
	off     []string
	at      diag.Pos
	why     string
}

func (b *blocked) add(p estate.PublicAccess, at diag.Pos) {
	acls := p.IgnoreACLs.Default(false).Is(true)
	policy := p.RestrictBuckets.Default(false).Is(true).Or(p.BlockPolicy.Default(false).Is(true))
	b.acls, b.policy, b.written = b.acls.Or(acls), b.policy.Or(policy), true
	for _, s := range []struct {
		name string
		v    estate.Bool
	}{
		{"block_public_acls", p.BlockACLs},
		{"block_public_policy", p.BlockPolicy},
		{"ignore_public_acls", p.IgnoreACLs},
		{"restrict_public_buckets", p.RestrictBuckets},
	} {
		switch on := s.v.Default(false).Is(true); {
		case on == estate.No:
			b.off = append(b.off, s.name)
			if b.at.Line == 0 {
				b.at = or(s.v.Pos(), at)
			}
		case on == estate.Maybe:
			b.why, b.at = s.v.Why(), or(b.at, s.v.Pos())
		}
	}
}

// accountBlocks are the account's switches, by root module: which root modules
// are for one account is not known.
func accountBlocks(e *estate.Estate) map[string]blocked {
	out := map[string]blocked{}
	for _, a := range estate.All[*estate.AccountPublicAccessBlock](e) {
		b := out[a.ID.Root]
		b.add(a.PublicAccess, a.Pos)
		out[a.ID.Root] = b
	}
	return out
}

func blockOf(e *estate.Estate, b *estate.Bucket, account map[string]blocked) blocked {
	all := account[b.ID.Root]
	if all.written && len(all.off) == 0 && all.why == "" {
		return all // the account's switches win over whatever the bucket says
	}
	for _, p := range estate.Of[*estate.PublicAccessBlock](e, b.ID) {
		one := blocked{acls: all.acls, policy: all.policy}
		one.add(p.PublicAccess, p.Pos)
		return one
	}
	return all
}

// block judges Block Public Access itself. A bucket made since April 2023 has
// all four switches on by S3's default, which nothing here keeps.
func (j *s3Judge) block() {
	switch {
	case len(j.bpa.off) > 0:
		j.partly(control.Mistake{
			At: j.bpa.at, Severity: control.High,
			Summary:  j.what + " has Block Public Access switched off: " + list(j.bpa.off),
			Fix:      "set block_public_acls, block_public_policy, ignore_public_acls and restrict_public_buckets to true, and serve public objects through CloudFront with origin access control",
			Evidence: []control.Evidence{control.Saw(j.bpa.at, "%s = false", j.bpa.off[0])},
		})
	case j.bpa.why != "":
		j.unsure(j.bpa.at, "it is not known whether public access is blocked: "+j.bpa.why)
	case !j.bpa.written:
		j.out = append(j.out, half(control.Lacks(j.e, j.b, control.Mistake{
			Severity: control.Low,
			Summary:  j.what + " has no public access block of its own: S3's default for new buckets blocks the public, and nothing here keeps it so",
			Fix:      "add an aws_s3_bucket_public_access_block with all four switches true, or aws_s3_account_public_access_block for the account",
		})))
	default:
		j.evidence = append(j.evidence, control.Saw(j.b.Pos, "Block Public Access is on"))
	}
}

// half makes an absent result partial.
func half(r control.Result) control.Result {
	if r.Status == control.Absent {
		r.Status = control.Partial
	}
	return r
}

type bucketPolicy struct {
	*estate.Policy
	at diag.Pos
}

func policiesOf(e *estate.Estate, b *estate.Bucket) []bucketPolicy {
	var out []bucketPolicy
	for _, p := range estate.Of[*estate.BucketPolicy](e, b.ID) {
		if p.Bucket.Is(b.ID) {
			out = append(out, bucketPolicy{&p.Policy, or(p.Policy.Pos(), p.Pos)})
		}
	}
	if !b.Policy.Absent() {
		out = append(out, bucketPolicy{&b.Policy, or(b.Policy.Pos(), b.Pos)})
	}
	return out
}

// policy judges the bucket's policy: who it lets in, and over what.
func (j *s3Judge) policy() {
	policies := policiesOf(j.e, j.b)
	tlsOnly := false
	for _, p := range policies {
		if p.Unknown() {
			j.unsure(p.at, "the bucket policy is not known: "+p.Why())
			return
		}
		for i := range p.Statements {
			s := &p.Statements[i]
			tlsOnly = tlsOnly || refusesHTTP(s)
			if s.Effect == "Allow" && anyone(s) && !limited(s) {
				j.public(s, p.at)
			}
		}
	}
	at := j.b.Pos
	if len(policies) > 0 {
		at = policies[0].at
	}
	if tlsOnly {
		j.evidence = append(j.evidence, control.Saw(at, "the policy denies requests without TLS"))
		return
	}
	m := control.Mistake{
		At: at, Severity: control.Low,
		Summary: j.what + " answers over plain HTTP: no statement of its policy denies aws:SecureTransport = false",
		Fix:     "add a statement that denies s3:* to * on the bucket and its objects under Bool aws:SecureTransport = false",
	}
	if len(policies) > 0 {
		j.partly(m)
		return
	}
	j.out = append(j.out, half(control.Lacks(j.e, j.b, m)))
}

// public reports a statement that lets everyone in.
func (j *s3Judge) public(s *estate.Statement, at diag.Pos) {
	m := control.Mistake{
		At: at, Severity: control.Critical, Cause: control.CausePublicBucket,
		Summary:  j.what + " is public: " + sid(s) + " of its policy lets everyone do " + list(s.Actions),
		Fix:      "name the principals, or let only CloudFront in: Service cloudfront.amazonaws.com under StringEquals aws:SourceArn = the distribution's ARN",
		Evidence: []control.Evidence{control.Saw(at, "%s allows %s to *", sid(s), list(s.Actions))},
	}
	denied := j.bpa.policy == estate.No && keepsStrangersOut(j.e, j.b)
	j.open = j.bpa.policy != estate.Yes && !denied
	switch {
	case denied:
		m.Severity = control.Medium
		m.Summary = j.what + " is kept private by a denial alone: " + sid(s) + " of its policy lets everyone do " + list(s.Actions) + ", and other statements take it back from all outside the account"
		j.partly(m)
	case j.bpa.policy == estate.Yes:
		m.Severity = control.Medium
		m.Summary = j.what + " is kept private by Block Public Access alone: " + sid(s) + " of its policy lets everyone do " + list(s.Actions)
		j.partly(m)
	case j.bpa.policy == estate.Maybe:
		j.unsure(at, "it is not known whether Block Public Access stops the public policy: "+j.bpa.why)
	case isPublic(j.class) && readsOnly(s):
		m.Severity = control.Medium
		j.partly(m)
	default:
		j.not(m)
	}
}

func readsOnly(s *estate.Statement) bool {
	for _, a := range s.Actions {
		if !like("s3:GetObject*", a) || strings.Contains(strings.ToLower(a), "acl") {
			return false
		}
	}
	return len(s.NotActions) == 0
}

// refusesHTTP says whether a statement denies everyone access without TLS: Bool
// aws:SecureTransport = false, or a least TLS version.
func refusesHTTP(s *estate.Statement) bool {
	if s.Effect != "Deny" || !anyone(s) || !covers(s, "s3:GetObject") {
		return false
	}
	for _, c := range s.Conditions {
		op := strings.ToLower(c.Operator)
		switch {
		case c.Key == "aws:securetransport" && strings.HasPrefix(op, "bool") && len(c.Values) == 1 && strings.EqualFold(c.Values[0], "false"):
			return true
		case c.Key == "s3:tlsversion" && strings.HasPrefix(op, "numericlessthan"):
			return true
		}
	}
	return false
}
