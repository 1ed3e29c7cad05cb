package iam

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// doc parses a policy that has to be good.
func doc(t testing.TB, kind Kind, text string) *Document {
	t.Helper()
	d, ps := Parse([]byte(text), "p.json", kind)
	for _, p := range ps {
		t.Fatalf("%s\nin %s", p.Error(), text)
	}
	return d
}

// policy makes a document of statements in a notation of its own, so that a
// table shows what matters: "Allow s3:Get* arn:aws:s3:::b/*", with the
// principal before the action where the kind has one, and the condition as
// JSON at the end: `Deny {"AWS":"*"} * * {"Bool":{…}}`. Lines are statements.
func policy(t testing.TB, kind Kind, lines string) *Document {
	t.Helper()
	var out []string
	for line := range strings.Lines(lines) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		element := func(name, text string) string {
			if not, ok := strings.CutPrefix(text, "!"); ok {
				name, text = "Not"+name, not
			}
			if text[0] != '{' && text[0] != '[' {
				text = `"` + text + `"`
			}
			return `"` + name + `": ` + text
		}
		parts := []string{element("Effect", f[0])}
		f = f[1:]
		if kind.hasPrincipal() {
			parts = append(parts, element("Principal", f[0]))
			f = f[1:]
		}
		parts = append(parts, element("Action", f[0]))
		f = f[1:]
		if kind != Trust && len(f) > 0 && f[0] != "-" {
			parts = append(parts, element("Resource", f[0]))
		}
		if kind != Trust && len(f) > 0 {
			f = f[1:]
		}
		if len(f) > 0 {
			parts = append(parts, `"Condition": `+strings.Join(f, " "))
		}
		out = append(out, "{"+strings.Join(parts, ", ")+"}")
	}
	return doc(t, kind, `{"Version": "2012-10-17", "Statement": [`+strings.Join(out, ",")+`]}`)
}

func by(t testing.TB, arn string) Principal {
	t.Helper()
	switch {
	case arn == "":
		return AnonymousPrincipal()
	case strings.HasPrefix(arn, "provider "):
		return FederatedPrincipal(arn[len("provider "):])
	case strings.HasSuffix(arn, ".amazonaws.com"):
		return ServicePrincipal(arn)
	}
	p, err := ParsePrincipal(arn)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const (
	ann     = "arn:aws:iam::111111111111:user/ann"
	role    = "arn:aws:iam::111111111111:role/app"
	session = "arn:aws:sts::111111111111:assumed-role/app/s1"
	fed     = "arn:aws:sts::111111111111:federated-user/bob"
	root    = "arn:aws:iam::111111111111:root"
	foreign = "arn:aws:iam::222222222222:role/ext"
	file    = "arn:aws:s3:::b/k"
	queue   = "arn:aws:sqs:eu-west-1:111111111111:q"
	key     = "arn:aws:kms:eu-west-1:111111111111:key/1"
	target  = "arn:aws:iam::111111111111:role/target"
)

// ruling is a case of a table: what applies, and what has to come of it.
type ruling struct {
	name     string
	who      string
	user     string // whose federated session it is
	action   string
	on       string
	owner    string
	context  Context
	identity string
	boundary string
	session  string
	resource string
	trust    string
	endpoint string
	scps     []string
	rcps     []string
	grants   []Grant
	public   bool
	options  Options

	want    string // allow, explicit, implicit
	because string // "identity[0].0 resource[0].1"; not looked at where empty
	missing string // a part of the sentence
}

func (c *ruling) decide(t testing.TB) Decision {
	t.Helper()
	p := &Policies{Grants: c.grants, PublicAccess: PublicAccess{RestrictBuckets: c.public}}
	one := func(kind Kind, lines string) []*Document {
		if lines == "" {
			return nil
		}
		return []*Document{policy(t, kind, lines)}
	}
	p.Identity, p.Boundary, p.Session = one(Identity, c.identity), one(Identity, c.boundary), one(Identity, c.session)
	p.Resource, p.Endpoint = one(Resource, c.resource), one(Endpoint, c.endpoint)
	if c.trust != "" {
		p.Resource = one(Trust, c.trust)
	}
	for _, s := range c.scps {
		p.SCPs = append(p.SCPs, one(SCP, s))
	}
	for _, s := range c.rcps {
		p.RCPs = append(p.RCPs, one(RCP, s))
	}
	who := by(t, c.who)
	who.User = c.user
	return c.options.Evaluate(&Request{
		Principal: who, Action: c.action, Resource: c.on, ResourceAccount: c.owner, Context: c.context,
	}, p)
}

func outcome(d Decision) string {
	switch {
	case d.Allowed:
		return "allow"
	case d.Explicit:
		return "explicit"
	}
	return "implicit"
}

func (c *ruling) check(t *testing.T) {
	t.Helper()
	d := c.decide(t)
	if got := outcome(d); got != c.want {
		t.Errorf("got %s, want %s; because %s; %s", got, c.want, spell(d.Because), d.Missing)
	}
	if d.Allowed == (d.Missing != "") {
		t.Errorf("a denial says what is missing, an allowed request does not; got %q", d.Missing)
	}
	if c.because != "" {
		if diff := cmp.Diff(c.because, spell(d.Because)); diff != "" {
			t.Error(diff)
		}
	}
	if !strings.Contains(d.Missing, c.missing) {
		t.Errorf("got %q, which does not have %q", d.Missing, c.missing)
	}
}

func rules(t *testing.T, cases []ruling, fill ...func(*ruling)) {
	t.Helper()
	for _, c := range cases {
		for _, f := range fill {
			f(&c)
		}
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

func spell(list []Because) string {
	var out []string
	for _, b := range list {
		s := b.Policy
		if b.Statement >= 0 {
			s += "." + string(rune('0'+b.Statement))
		}
		if b.Effect == Deny {
			s = "!" + s
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

const all = "Allow * *"

// IAM User Guide, "Policy evaluation logic": requests within one account.
func TestOneAccount(t *testing.T) {
	const get = "s3:GetObject"
	rules(t, []ruling{
		{name: "nothing allows", who: ann, action: get, on: file, want: "implicit", missing: "no identity policy allows s3:GetObject on arn:aws:s3:::b/k"},
		{name: "an identity policy allows", who: ann, action: get, on: file, identity: "Allow s3:Get* arn:aws:s3:::b/*", want: "allow", because: "identity[0].0"},
		{name: "a deny beats an allow", who: ann, action: get, on: file, identity: all + "\nDeny s3:* arn:aws:s3:::b/*", want: "explicit", because: "!identity[0].1"},
		{name: "a deny in the resource policy", who: ann, action: get, on: file, identity: all, resource: "Deny * s3:* *", want: "explicit", because: "!resource[0].0"},
		{name: "a deny in the boundary", who: ann, action: get, on: file, identity: all, boundary: all + "\nDeny s3:* *", want: "explicit"},
		{name: "a deny in the session policy", who: session, action: get, on: file, identity: all, session: "Deny s3:* *", want: "explicit"},
		{name: "a deny in an SCP", who: ann, action: get, on: file, identity: all, scps: []string{all, "Deny s3:* *\n" + all}, want: "explicit", because: "!scps[1][0].0"},
		{name: "a deny in an RCP", who: ann, action: get, on: file, identity: all, rcps: []string{"Deny * s3:* *"}, want: "explicit", because: "!rcps[0][0].0"},
		{name: "a deny in the endpoint policy", who: ann, action: get, on: file, identity: all, endpoint: "Allow * * *\nDeny * s3:* *", want: "explicit"},

		{name: "every level of SCPs has to allow", who: ann, action: get, on: file, identity: all, scps: []string{all, "Allow ec2:* *", all}, want: "implicit", missing: "SCP level 1 does not allow s3:GetObject"},
		{name: "a level of SCPs without any", who: ann, action: get, on: file, identity: all, scps: []string{all, ""}, want: "implicit", missing: "SCP level 1"},
		{name: "an SCP grants nothing", who: ann, action: get, on: file, scps: []string{all}, want: "implicit", missing: "no identity policy"},
		{name: "an SCP that allows under a condition (since 2025-09)", who: ann, action: get, on: file, identity: all, context: Context{"aws:requestedregion": One("eu-west-1")}, scps: []string{`Allow s3:* arn:aws:s3:::b/* {"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`}, want: "allow", because: "identity[0].0 scps[0][0].0"},
		{name: "RCPs need no allow", who: ann, action: get, on: file, identity: all, rcps: []string{"Deny * s3:PutObject *"}, want: "allow"},
		{name: "RCPs bear on the services of the table only", who: ann, action: "ec2:StopInstances", on: "arn:aws:ec2:eu-west-1:111111111111:instance/i-1", identity: all, rcps: []string{"Deny * * *"}, want: "allow"},

		{name: "the resource policy names the session: final, whatever boundary and session policy leave out", who: session, action: get, on: file, boundary: "Allow ec2:* *", session: "Allow ec2:* *", resource: `Allow {"AWS":"` + session + `"} s3:GetObject *`, want: "allow", because: "resource[0].0"},
		{name: "the resource policy names the user: final", who: ann, action: get, on: file, boundary: "Allow ec2:* *", resource: `Allow {"AWS":"` + ann + `"} s3:GetObject *`, want: "allow", because: "resource[0].0"},
		{name: "the resource policy names everyone: final", who: session, action: get, on: file, boundary: "Allow ec2:* *", resource: `Allow * s3:GetObject *`, want: "allow"},
		{name: "everyone with a condition on aws:PrincipalArn: final, and the key is the role's ARN", who: session, action: get, on: file, session: "Allow ec2:* *", resource: `Allow {"AWS":"*"} s3:GetObject * {"ArnEquals":{"aws:PrincipalArn":"` + role + `"}}`, want: "allow"},
		{name: "the resource policy names the role: no identity policy needed", who: session, action: get, on: file, resource: `Allow {"AWS":"` + role + `"} s3:GetObject *`, want: "allow", because: "resource[0].0"},
		{name: "the resource policy names the role: the boundary limits", who: session, action: get, on: file, boundary: "Allow ec2:* *", resource: `Allow {"AWS":"` + role + `"} s3:GetObject *`, want: "implicit", missing: "the permissions boundary does not allow"},
		{name: "the resource policy names the role: the session policy limits", who: session, action: get, on: file, session: "Allow ec2:* *", resource: `Allow {"AWS":"` + role + `"} s3:GetObject *`, want: "implicit", missing: "the session policy does not allow"},
		{name: "the resource policy names the role, whose sessions boundary and session policy let pass", who: session, action: get, on: file, boundary: "Allow s3:* *", session: "Allow s3:Get* *", resource: `Allow {"AWS":"` + role + `"} s3:GetObject *`, want: "allow", because: "boundary[0].0 session[0].0 resource[0].0"},
		{name: "the resource policy names the account: it only delegates", who: ann, action: get, on: file, resource: `Allow {"AWS":"111111111111"} s3:* *`, want: "implicit", missing: "no identity policy"},
		{name: "the account as root ARN is the same", who: session, action: get, on: file, resource: `Allow {"AWS":"` + root + `"} s3:* *`, want: "implicit"},
		{name: "what only delegates is not a reason beside a final grant", who: ann, action: get, on: file, resource: `Allow {"AWS":"111111111111"} s3:* *` + "\n" + `Allow {"AWS":"` + ann + `"} s3:GetObject *`, want: "allow", because: "resource[0].1"},
		{name: "a final grant does not beat a deny in the boundary", who: ann, action: get, on: file, boundary: all + "\nDeny s3:* *", resource: `Allow {"AWS":"` + ann + `"} s3:GetObject *`, want: "explicit"},
		{name: "a final grant does not beat a deny in the session policy", who: session, action: get, on: file, session: "Deny s3:* *", resource: `Allow {"AWS":"` + session + `"} s3:GetObject *`, want: "explicit"},
		{name: "a final grant is within SCPs", who: ann, action: get, on: file, scps: []string{"Allow ec2:* *"}, resource: `Allow {"AWS":"` + ann + `"} s3:GetObject *`, want: "implicit", missing: "SCP level 0"},
		{name: "a direct grant is for its Resource only", who: ann, action: get, on: file, resource: `Allow {"AWS":"` + ann + `"} s3:GetObject arn:aws:s3:::other/*`, want: "implicit"},

		{name: "the boundary limits the identity policy", who: ann, action: get, on: file, identity: all, boundary: "Allow ec2:* *", want: "implicit", missing: "the permissions boundary does not allow"},
		{name: "the boundary grants nothing", who: ann, action: get, on: file, boundary: all, want: "implicit", missing: "no identity policy"},
		{name: "identity and boundary allow", who: ann, action: get, on: file, identity: all, boundary: "Allow s3:* *", want: "allow", because: "identity[0].0 boundary[0].0"},
		{name: "the session policy limits the role", who: session, action: get, on: file, identity: all, session: "Allow s3:Put* *", want: "implicit", missing: "the session policy"},
		{name: "the session policy grants nothing", who: session, action: get, on: file, session: all, want: "implicit", missing: "no identity policy"},
		{name: "a role session without session policy has all the role has", who: session, action: get, on: file, identity: all, want: "allow"},

		{name: "the endpoint policy has to allow", who: ann, action: get, on: file, identity: all, endpoint: "Allow * s3:GetObject arn:aws:s3:::other/*", want: "implicit", missing: "the VPC endpoint's policy does not allow"},
		{name: "the endpoint policy grants nothing", who: ann, action: get, on: file, endpoint: "Allow * * *", want: "implicit", missing: "no identity policy"},
		{name: "the endpoint policy for one principal", who: ann, action: get, on: file, identity: all, endpoint: `Allow {"AWS":"` + role + `"} * *`, want: "implicit", missing: "VPC endpoint"},
		{name: "the endpoint policy allows", who: ann, action: get, on: file, identity: all, endpoint: "Allow * * *", want: "allow", because: "identity[0].0 endpoint[0].0"},
	})
}

// IAM User Guide, "Cross-account policy evaluation logic".
func TestTwoAccounts(t *testing.T) {
	const receive = "sqs:ReceiveMessage"
	rules(t, []ruling{
		{name: "both sides allow", who: foreign, action: receive, on: queue, identity: all, resource: `Allow {"AWS":"` + foreign + `"} sqs:* ` + queue, want: "allow", because: "identity[0].0 resource[0].0"},
		{name: "the account is enough on the resource's side", who: foreign, action: receive, on: queue, identity: all, resource: `Allow {"AWS":"222222222222"} sqs:* ` + queue, want: "allow"},
		{name: "the resource's side is missing", who: foreign, action: receive, on: queue, identity: all, want: "implicit", missing: "there is no resource policy"},
		{name: "the caller's side is missing although it is named", who: foreign, action: receive, on: queue, resource: `Allow {"AWS":"` + foreign + `"} sqs:* *`, want: "implicit", missing: "no identity policy"},
		{name: "the caller's side is missing although everyone may", who: foreign, action: receive, on: queue, resource: `Allow * sqs:* *`, want: "implicit", missing: "no identity policy"},
		{name: "the boundary always limits", who: "arn:aws:iam::222222222222:user/eve", action: receive, on: queue, identity: all, boundary: "Allow s3:* *", resource: `Allow {"AWS":"arn:aws:iam::222222222222:user/eve"} sqs:* *`, want: "implicit", missing: "boundary"},
		{name: "the session policy always limits", who: foreign, action: receive, on: queue, identity: all, session: "Allow s3:* *", resource: `Allow * sqs:* *`, want: "implicit", missing: "session policy"},
		{name: "the caller's SCPs limit", who: foreign, action: receive, on: queue, identity: all, resource: `Allow * sqs:* *`, scps: []string{"Allow s3:* *"}, want: "implicit", missing: "SCP level 0"},
		{name: "the resource's RCPs deny", who: foreign, action: receive, on: queue, identity: all, resource: `Allow * sqs:* *`, rcps: []string{`Deny * sqs:* * {"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`}, want: "explicit"},
		{name: "another account is not the one named", who: foreign, action: receive, on: queue, identity: all, resource: `Allow {"AWS":"333333333333"} sqs:* *`, want: "implicit", missing: "would allow it, but is for 333333333333"},
		{name: "the owner of the request decides where the ARN has no account", who: ann, action: "s3:GetObject", on: file, owner: "222222222222", identity: all, want: "implicit", missing: "another account"},
		{name: "the root user of another account", who: "222222222222", action: receive, on: queue, resource: `Allow {"AWS":"222222222222"} sqs:* *`, want: "allow", because: "root resource[0].0"},
	})
}

// IAM User Guide, "AWS JSON policy elements: Principal", and "Determining
// whether a request is allowed": callers without identity policies of their own.
func TestCallersOfEveryKind(t *testing.T) {
	const get = "s3:GetObject"
	rules(t, []ruling{
		{name: "root has full access in its account", who: root, action: get, on: file, want: "allow", because: "root"},
		{name: "root is limited by SCPs", who: root, action: get, on: file, scps: []string{all + "\nDeny s3:* *"}, want: "explicit"},
		{name: "a resource policy's deny binds root", who: root, action: "sqs:ReceiveMessage", on: queue, resource: "Deny * * *", want: "explicit"},
		{name: "but root may mend a bucket policy", who: root, action: "s3:DeleteBucketPolicy", on: "arn:aws:s3:::b", resource: "Deny * s3:* *", want: "allow"},
		{name: "root of another account may not", who: root, owner: "222222222222", action: "s3:DeleteBucketPolicy", on: "arn:aws:s3:::b", resource: "Deny * s3:* *", want: "explicit"},
		{name: "root ignores identity policies", who: root, action: get, on: file, identity: "Deny * *", want: "allow"},

		{name: "a federated user without session policy has nothing of the user's policies", who: fed, action: get, on: file, identity: all, want: "implicit", missing: "without a session policy"},
		{name: "a federated user has what user and session policy share", who: fed, action: get, on: file, identity: all, session: "Allow s3:* *", want: "allow", because: "identity[0].0 session[0].0"},
		{name: "what its user is granted is within its session policy", who: fed, user: ann, action: get, on: file, session: "Allow s3:* *", resource: `Allow {"AWS":"` + ann + `"} s3:* *`, want: "allow", because: "session[0].0 resource[0].0"},
		{name: "what its user is granted needs a session policy", who: fed, user: ann, action: get, on: file, resource: `Allow {"AWS":"` + ann + `"} s3:* *`, want: "implicit"},
		{name: "what another user is granted", who: fed, user: ann, action: get, on: file, session: "Allow s3:* *", resource: `Allow {"AWS":"arn:aws:iam::111111111111:user/eve"} s3:* *`, want: "implicit"},
		{name: "a federated user who is named needs neither", who: fed, action: get, on: file, resource: `Allow {"AWS":"` + fed + `"} s3:* *`, want: "allow", because: "resource[0].0"},

		{name: "a service that is named", who: "cloudtrail.amazonaws.com", owner: "111111111111", action: "s3:PutObject", on: file, resource: `Allow {"Service":"cloudtrail.amazonaws.com"} s3:PutObject *`, want: "allow"},
		{name: "a service that is not named", who: "cloudtrail.amazonaws.com", action: "s3:PutObject", on: file, resource: `Allow {"Service":"logs.amazonaws.com"} s3:PutObject *`, want: "implicit", missing: "would allow it, but is for logs.amazonaws.com"},
		{name: "a service without a resource policy", who: "cloudtrail.amazonaws.com", action: "s3:PutObject", on: file, identity: all, want: "implicit"},
		{name: "SCPs never bind a service", who: "cloudtrail.amazonaws.com", action: "s3:PutObject", on: file, resource: `Allow {"Service":"cloudtrail.amazonaws.com"} s3:PutObject *`, scps: []string{"Deny * *"}, want: "allow"},
		{name: "RCPs do", who: "cloudtrail.amazonaws.com", action: "s3:PutObject", on: file, resource: `Allow {"Service":"cloudtrail.amazonaws.com"} s3:PutObject *`, rcps: []string{"Deny * s3:* *"}, want: "explicit"},
		{name: "an RCP that spares services", who: "cloudtrail.amazonaws.com", action: "s3:PutObject", on: file, resource: `Allow {"Service":"cloudtrail.amazonaws.com"} s3:PutObject *`, rcps: []string{`Deny * s3:* * {"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}`}, want: "allow"},

		{name: "anyone where everyone may", who: "", action: get, on: file, resource: "Allow * s3:GetObject *", want: "allow", because: "resource[0].0"},
		{name: "anyone where nothing says so", who: "", action: get, on: file, want: "implicit"},
		{name: "an account's grant is not for anyone", who: "", action: get, on: file, resource: `Allow {"AWS":"111111111111"} s3:GetObject *`, want: "implicit"},
		{name: "SCPs do not bind anyone", who: "", action: get, on: file, resource: "Allow * s3:GetObject *", scps: []string{"Deny * *"}, want: "allow"},
		{name: "an endpoint's policy does", who: "", action: get, on: file, resource: "Allow * s3:GetObject *", endpoint: `Allow {"AWS":"111111111111"} * *`, want: "implicit", missing: "VPC endpoint"},

		{name: "a service-linked role is above SCPs", who: "arn:aws:iam::111111111111:role/aws-service-role/es.amazonaws.com/AWSServiceRoleForES", action: get, on: file, identity: all, scps: []string{"Deny * *"}, want: "allow"},
		{name: "a service-linked role is above RCPs", who: "arn:aws:iam::111111111111:role/aws-service-role/es.amazonaws.com/AWSServiceRoleForES", action: get, on: file, identity: all, rcps: []string{"Deny * s3:* *"}, want: "allow"},
		{name: "a service-linked role that only aws:PrincipalArn tells", who: "arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForES/s", context: Context{"aws:principalarn": One("arn:aws:iam::111111111111:role/aws-service-role/es.amazonaws.com/AWSServiceRoleForES")}, action: get, on: file, identity: all, scps: []string{"Deny * *"}, want: "allow"},
		{name: "aws:PrincipalArn of another role tells nothing", who: "arn:aws:sts::111111111111:assumed-role/mine/s", context: Context{"aws:principalarn": One("arn:aws:iam::111111111111:role/aws-service-role/es.amazonaws.com/AWSServiceRoleForES")}, action: get, on: file, identity: all, scps: []string{"Deny * *"}, want: "explicit"},
		{name: "sts:GetCallerIdentity is for everybody", who: ann, action: "sts:GetCallerIdentity", on: "*", identity: "Deny * *", scps: []string{"Deny * *"}, want: "allow", because: "sts:GetCallerIdentity"},
	})
}
