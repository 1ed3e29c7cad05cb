package iam

import "testing"

// IAM User Guide, "Granting permissions to switch roles" and "Roles terms":
// the trust policy is mandatory.
func TestTrustPolicies(t *testing.T) {
	const assume = "sts:AssumeRole"
	web := "provider arn:aws:iam::111111111111:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/E"
	sub := Context{"oidc.eks.eu-west-1.amazonaws.com/id/e:sub": One("system:serviceaccount:shop:orders")}
	trustWeb := func(sub string) string {
		return `Allow {"Federated":"arn:aws:iam::111111111111:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/E"} sts:AssumeRoleWithWebIdentity {"StringEquals":{"oidc.eks.eu-west-1.amazonaws.com/id/E:sub":"` + sub + `"}}`
	}
	rules(t, []ruling{
		{name: "identity alone is not enough", who: ann, action: assume, on: target, identity: all, want: "implicit", missing: "there is no trust policy"},
		{name: "the trust policy names the account: identity too", who: ann, action: assume, on: target, identity: all, trust: `Allow {"AWS":"111111111111"} sts:AssumeRole`, want: "allow", because: "identity[0].0 resource[0].0"},
		{name: "the trust policy names the account: not without identity", who: ann, action: assume, on: target, trust: `Allow {"AWS":"111111111111"} sts:AssumeRole`, want: "implicit", missing: "no identity policy"},
		{name: "the trust policy names the user: enough", who: ann, action: assume, on: target, trust: `Allow {"AWS":"` + ann + `"} sts:AssumeRole`, want: "allow", because: "resource[0].0"},
		{name: "the trust policy names the role: enough", who: role, action: assume, on: target, trust: `Allow {"AWS":"` + role + `"} sts:AssumeRole`, want: "allow"},
		{name: "the trust policy names the role: within its boundary", who: role, action: assume, on: target, boundary: "Allow s3:* *", trust: `Allow {"AWS":"` + role + `"} sts:AssumeRole`, want: "implicit", missing: "boundary"},
		{name: "a role does not trust itself by itself", who: target, action: assume, on: target, identity: all, trust: `Allow {"Service":"ec2.amazonaws.com"} sts:AssumeRole`, want: "implicit", missing: "is for ec2.amazonaws.com"},
		{name: "across accounts both sides", who: foreign, action: assume, on: target, trust: `Allow {"AWS":"` + foreign + `"} sts:AssumeRole`, want: "implicit", missing: "no identity policy"},
		{name: "an external id that is missing", who: foreign, action: assume, on: target, identity: all, trust: `Allow {"AWS":"222222222222"} sts:AssumeRole {"StringEquals":{"sts:ExternalId":"x"}}`, want: "implicit", missing: "sts:ExternalId does not hold: the key is not in the request"},
		{name: "sts:TagSession has to be in the trust policy", who: role, action: "sts:TagSession", on: target, identity: all, trust: `Allow {"AWS":"` + role + `"} sts:AssumeRole`, want: "implicit"},
		{name: "a service assumes its role", who: "ec2.amazonaws.com", action: assume, on: target, trust: `Allow {"Service":"ec2.amazonaws.com"} sts:AssumeRole`, want: "allow"},
		{name: "root cannot assume roles", who: root, action: assume, on: target, trust: `Allow {"AWS":"111111111111"} sts:AssumeRole`, want: "implicit", missing: "the root user cannot assume a role"},
		{name: "only its service assumes a service-linked role", who: ann, action: assume, on: "arn:aws:iam::111111111111:role/aws-service-role/es.amazonaws.com/R", identity: all, trust: `Allow {"AWS":"` + ann + `"} sts:AssumeRole`, want: "implicit", missing: "only its service"},

		{name: "web identity: the trust policy decides", who: web, context: sub, action: "sts:AssumeRoleWithWebIdentity", on: target, trust: trustWeb("system:serviceaccount:shop:orders"), want: "allow", because: "resource[0].0"},
		{name: "web identity: another subject", who: web, context: sub, action: "sts:AssumeRoleWithWebIdentity", on: target, trust: trustWeb("system:serviceaccount:shop:payments"), want: "implicit", missing: "the request has system:serviceaccount:shop:orders, the statement wants system:serviceaccount:shop:payments"},
		{name: "web identity: StringEquals has no wildcards", who: web, context: sub, action: "sts:AssumeRoleWithWebIdentity", on: target, trust: trustWeb("system:serviceaccount:shop:*"), want: "implicit"},
		{name: "web identity: another provider", who: "provider accounts.google.com", action: "sts:AssumeRoleWithWebIdentity", on: target, trust: `Allow {"Federated":"arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"} sts:AssumeRoleWithWebIdentity`, want: "implicit"},
		{name: "web identity: a host that IAM knows", who: "provider accounts.google.com", action: "sts:AssumeRoleWithWebIdentity", on: target, trust: `Allow {"Federated":"accounts.google.com"} sts:AssumeRoleWithWebIdentity`, want: "allow"},
		{name: "web identity: no SCP", who: web, context: sub, action: "sts:AssumeRoleWithWebIdentity", on: target, trust: trustWeb("system:serviceaccount:shop:orders"), scps: []string{"Deny * *"}, want: "allow"},
		{name: "web identity: RCPs", who: web, context: sub, action: "sts:AssumeRoleWithWebIdentity", on: target, trust: trustWeb("system:serviceaccount:shop:orders"), rcps: []string{"Deny * sts:* *"}, want: "explicit"},
		{name: "web identity: no identity policy of who asks", who: ann, identity: all, action: "sts:AssumeRoleWithWebIdentity", on: target, trust: trustWeb("x"), want: "implicit"},
		{name: "SAML", who: "provider arn:aws:iam::111111111111:saml-provider/idp", action: "sts:AssumeRoleWithSAML", on: target, trust: `Allow {"Federated":"arn:aws:iam::111111111111:saml-provider/idp"} sts:AssumeRoleWithSAML`, want: "allow"},
	})
}

// KMS Developer Guide, "Key policies in AWS KMS", "Grants in AWS KMS".
func TestKeys(t *testing.T) {
	const decrypt = "kms:Decrypt"
	enable := `Allow {"AWS":"` + root + `"} kms:* *`
	rules(t, []ruling{
		{name: "identity alone is not enough", who: ann, action: decrypt, on: key, identity: all, want: "implicit", missing: "there is no key policy"},
		{name: "the key policy lets the account's policies count", who: ann, action: decrypt, on: key, identity: all, resource: enable, want: "allow", because: "identity[0].0 resource[0].0"},
		{name: "a key policy that does not", who: ann, action: decrypt, on: key, identity: all, resource: `Allow {"AWS":"` + role + `"} kms:* *`, want: "implicit", missing: "the key policy does not allow"},
		{name: "nor for root", who: root, action: decrypt, on: key, resource: `Allow {"AWS":"` + role + `"} kms:* *`, want: "implicit"},
		{name: "root through the account", who: root, action: decrypt, on: key, resource: enable, want: "allow", because: "root resource[0].0"},
		{name: "a key policy that names the user suffices", who: ann, action: decrypt, on: key, resource: `Allow {"AWS":"` + ann + `"} kms:Decrypt *`, want: "allow"},
		{name: "identity denies always count", who: ann, action: decrypt, on: key, identity: "Deny kms:* *", resource: `Allow {"AWS":"` + ann + `"} kms:Decrypt *`, want: "explicit"},
		{name: "across accounts both", who: foreign, action: decrypt, on: key, identity: all, resource: `Allow {"AWS":"222222222222"} kms:Decrypt *`, want: "allow"},
		{name: "across accounts not the key policy alone", who: foreign, action: decrypt, on: key, resource: `Allow {"AWS":"` + foreign + `"} kms:Decrypt *`, want: "implicit", missing: "no identity policy"},
		{name: "actions without a key follow the ordinary rule", who: ann, action: "kms:ListKeys", on: "*", identity: all, want: "allow"},
		{name: "so do aliases", who: ann, action: "kms:CreateAlias", on: "arn:aws:kms:eu-west-1:111111111111:alias/a", identity: all, want: "allow"},
		{name: "a grant allows", who: role, action: decrypt, on: key, resource: enable, grants: []Grant{{Grantee: role, Operations: []string{"Decrypt"}}}, want: "allow", because: "grants[0]"},
		{name: "a grant for another operation", who: role, action: decrypt, on: key, resource: enable, grants: []Grant{{Grantee: role, Operations: []string{"Encrypt"}}}, want: "implicit"},
		{name: "a grant for another principal", who: ann, action: decrypt, on: key, resource: enable, grants: []Grant{{Grantee: role, Operations: []string{"Decrypt"}}}, want: "implicit"},
		{name: "a deny beats a grant", who: role, action: decrypt, on: key, resource: "Deny * kms:* *", grants: []Grant{{Grantee: role, Operations: []string{"Decrypt"}}}, want: "explicit"},
		{name: "a grant to a service", who: "rds.amazonaws.com", action: decrypt, on: key, grants: []Grant{{Grantee: "rds.amazonaws.com", Operations: []string{"Decrypt"}}}, want: "allow"},
		{name: "a grant within an encryption context", who: role, action: decrypt, on: key, context: Context{"kms:encryptioncontext:app": One("shop"), "kms:encryptioncontext:env": One("prod")}, grants: []Grant{{Grantee: role, Operations: []string{"Decrypt"}, Subset: map[string]string{"app": "shop"}}}, want: "allow"},
		{name: "a grant for exactly an encryption context", who: role, action: decrypt, on: key, context: Context{"kms:encryptioncontext:app": One("shop"), "kms:encryptioncontext:env": One("prod")}, grants: []Grant{{Grantee: role, Operations: []string{"Decrypt"}, Equals: map[string]string{"app": "shop"}}}, want: "implicit"},
		{name: "a grant for another encryption context", who: role, action: decrypt, on: key, context: Context{"kms:encryptioncontext:app": One("blog")}, grants: []Grant{{Grantee: role, Operations: []string{"Decrypt"}, Subset: map[string]string{"app": "shop"}}}, want: "implicit"},
		{name: "a grant across accounts is the resource's side", who: foreign, action: decrypt, on: key, identity: all, grants: []Grant{{Grantee: foreign, Operations: []string{"Decrypt"}}}, want: "allow", because: "identity[0].0 grants[0]"},
		{name: "kms:CallerAccount", who: ann, action: decrypt, on: key, resource: `Allow * kms:* * {"StringEquals":{"kms:CallerAccount":"111111111111"}}`, want: "allow"},
	})
}

// S3 User Guide, "Blocking public access to your Amazon S3 storage".
func TestBlockPublicAccess(t *testing.T) {
	const get = "s3:GetObject"
	rules(t, []ruling{
		{name: "a public bucket is for everyone", who: "", owner: "111111111111", action: get, on: file, resource: "Allow * s3:GetObject *", want: "allow"},
		{name: "unless public access is blocked", who: "", owner: "111111111111", action: get, on: file, public: true, resource: "Allow * s3:GetObject *", want: "implicit", missing: "resource[0] statement 0 is public"},
		{name: "also where the bucket's account is not known", who: "", action: get, on: file, public: true, resource: "Allow * s3:GetObject *", want: "implicit", missing: "Block Public Access"},
		{name: "which keeps other accounts out", who: foreign, owner: "111111111111", identity: all, action: get, on: file, public: true, resource: "Allow * s3:GetObject *", want: "implicit", missing: "Block Public Access"},
		{name: "other accounts even when they are named", who: foreign, owner: "111111111111", identity: all, action: get, on: file, public: true, resource: "Allow * s3:PutObject *\nAllow {\"AWS\":\"" + foreign + "\"} s3:GetObject *", want: "implicit", missing: "Block Public Access"},
		{name: "not the bucket's own account", who: ann, owner: "111111111111", action: get, on: file, public: true, resource: "Allow * s3:GetObject *", want: "allow"},
		{name: "not services", who: "logging.s3.amazonaws.com", owner: "111111111111", action: "s3:PutObject", on: file, public: true, resource: "Allow * s3:GetObject *\nAllow {\"Service\":\"logging.s3.amazonaws.com\"} s3:PutObject *", want: "allow"},
		{name: "not other accounts while nothing is public", who: foreign, owner: "111111111111", identity: all, action: get, on: file, public: true, resource: `Allow {"AWS":"` + foreign + `"} s3:GetObject *`, want: "allow"},
	})
}

func TestPublic(t *testing.T) {
	for _, c := range []struct {
		policy string
		want   bool
	}{
		{`Allow * s3:GetObject *`, true},
		{`Allow {"AWS":"*"} s3:GetObject *`, true},
		{`Allow !{"AWS":"111111111111"} s3:GetObject *`, true},
		{`Allow {"AWS":"111111111111"} s3:GetObject *`, false},
		{`Deny * s3:GetObject *`, false},
		{`Allow * s3:GetObject * {"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`, false},
		{`Allow * s3:GetObject * {"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`, true},
		{`Allow * s3:GetObject * {"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}`, true},
		{`Allow * s3:GetObject * {"StringLike":{"aws:PrincipalOrgID":"o-*"}}`, true},
		{`Allow * s3:GetObject * {"StringEquals":{"aws:SourceVpce":"vpce-1"}}`, false},
		{`Allow * s3:GetObject * {"StringEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}}`, true},
		{`Allow * s3:GetObject * {"StringEquals":{"aws:UserAgent":"x"}}`, true},
		{`Allow * s3:GetObject * {"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`, false},
		{`Allow * s3:GetObject * {"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}`, true},
		{`Allow * s3:GetObject * {"IpAddress":{"aws:SourceIp":["192.0.2.0/24","::/0"]}}`, true},
		{`Allow * s3:GetObject * {"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111111111111:*"}}`, false},
		{`Allow * s3:GetObject * {"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}`, true},
		{`Allow * s3:GetObject * {"Bool":{"aws:PrincipalIsAWSService":"true"}}`, false},
	} {
		if got := policy(t, Resource, c.policy).Public(); got != c.want {
			t.Errorf("%s: got %v, want %v", c.policy, got, c.want)
		}
	}
}
