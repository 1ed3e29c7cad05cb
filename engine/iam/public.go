package iam

import (
	"strings"
)

// blocked is S3 Block Public Access: a bucket whose policy is public is left to
// AWS services and to the principals of its own account (S3 User Guide,
// "Blocking public access": RestrictPublicBuckets).
func (v *verdict) blocked() string {
	if !v.policies.PublicAccess.RestrictBuckets || v.service != "s3" || v.caller.Kind == Service {
		return ""
	}
	if v.caller.Account != "" && v.sameAccount() {
		return ""
	}
	for i, d := range v.policies.Resource {
		if d == nil || d.Rejected {
			continue
		}
		if j := d.public(); j >= 0 {
			h := hit{in: inResource, document: i, index: j, doc: d}
			return "Block Public Access keeps the bucket from other accounts, because " + h.where() + " is public"
		}
	}
	return ""
}

// Public says whether a bucket policy is public by the rules of S3 ("The
// meaning of public"): a statement allows everyone, and none of its conditions
// limits it to fixed values of a key that tells callers apart.
func (d *Document) Public() bool { return !d.Rejected && d.public() >= 0 }

// public returns the first public statement, or -1.
func (d *Document) public() int {
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect == Allow && everyone(s) && !limited(s) {
			return i
		}
	}
	return -1
}

func everyone(s *Statement) bool {
	if s.NotPrincipals != nil {
		return true
	}
	for i := range s.Principals {
		if f := s.Principals[i].form; f == formAnyone {
			return true
		}
	}
	return false
}

// fixed are the keys that make a statement not public when they are compared
// with fixed values.
var fixed = map[string]bool{
	"aws:principalorgid": true, "aws:principalaccount": true, "aws:principalarn": true, "aws:principalorgpaths": true,
	"aws:principalservicename": true, "aws:principalisawsservice": true, "aws:userid": true,
	"aws:sourcevpce": true, "aws:sourcevpc": true, "aws:sourcevpcarn": true,
	"aws:vpceaccount": true, "aws:vpceorgid": true, "aws:vpceorgpaths": true,
	"aws:sourceip": true, "aws:sourcearn": true, "aws:sourceaccount": true, "aws:sourceowner": true,
	"s3:dataaccesspointaccount": true, "s3:dataaccesspointarn": true, "s3:x-amz-server-side-encryption-aws-kms-key-id": true,
}

// limited says whether a condition limits the statement to fixed values.
func limited(s *Statement) bool {
	for i := range s.Conditions {
		c := &s.Conditions[i]
		op := &c.Operator
		if !fixed[c.Key] || op.Negated || op.IfExists || op.Set == ForAllValues || len(c.Values) == 0 {
			continue
		}
		ok := true
		for _, value := range c.Values {
			ok = ok && fixedValue(c.Key, op.Test, value)
		}
		if ok {
			return true
		}
	}
	return false
}

// fixedValue says whether a value is fixed: it has no wildcard and no policy
// variable, and is no range that is too broad.
func fixedValue(key string, test Test, value string) bool {
	if strings.Contains(value, "${") {
		return false
	}
	switch test {
	case StringEquals, StringEqualsIgnoreCase:
		return true
	case StringLike:
		return !strings.ContainsAny(value, "*?")
	case ARNLike:
		// An ARN is fixed by its account.
		parts, ok := segments(value)
		if key == "aws:sourcevpcarn" || key == "aws:principalarn" || key == "aws:sourcearn" || key == "s3:dataaccesspointarn" {
			return ok && is12(parts[4])
		}
		return !strings.ContainsAny(value, "*?")
	case Bool:
		return strings.EqualFold(value, "true")
	case IPAddress:
		return narrow(value)
	}
	return false
}

// narrow says whether a range of addresses is not too broad: S3 takes less
// than a /8 of IPv4 and a /32 of IPv6 for public.
func narrow(value string) bool {
	p, ok := parsePrefix(value)
	if !ok {
		return false
	}
	p = unmap(p)
	if p.Addr().Is4() {
		return p.Bits() >= 8
	}
	return p.Bits() >= 32
}
