package iam

import "testing"

// CloudFront Developer Guide, "Use an origin access identity": the bucket's
// policy alone lets it in, and no account's policies are about it.
func TestOriginAccessIdentities(t *testing.T) {
	const name = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity "
	bucket := doc(t, Resource, one(`{"Sid":" Grant it","Effect":"Allow","Principal":{"AWS":"`+name+`E1"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`))
	for _, c := range []struct {
		id   string
		with Policies
		want bool
	}{
		{"E1", Policies{}, true},
		{"E2", Policies{}, false},
		{"E1", Policies{SCPs: [][]*Document{{}}}, true},
		{"E1", Policies{PublicAccess: PublicAccess{RestrictBuckets: true}}, true},
		{"E1", Policies{RCPs: [][]*Document{{policy(t, RCP, "Deny * s3:* *")}}}, false},
		{"E1", Policies{Endpoint: []*Document{policy(t, Endpoint, "Allow * ec2:* *")}}, false},
	} {
		c.with.Resource = []*Document{bucket}
		r := &Request{Principal: by(t, name+c.id), Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", ResourceAccount: "111111111111"}
		if d := Evaluate(r, &c.with); d.Allowed != c.want {
			t.Errorf("%s with %+v: got %v, %s", c.id, c.with, d.Allowed, d.Missing)
		}
	}
}
