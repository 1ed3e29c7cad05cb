package escalate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/iam/access"
	"fathom/engine/iam/escalate"
	"fathom/estate"
)

// conditional writes a statement with a condition.
func conditional(effect, action, resource, condition string) string {
	s := statement(effect, action, resource)
	return strings.TrimSuffix(s, "}") + `,"Condition":` + condition + "}"
}

// What somebody can show or choose is tried; what depends on where they are is
// not certain.
func TestConditions(t *testing.T) {
	for _, c := range []struct {
		name, effect, condition string
		want                    estate.Truth
		note                    string
	}{
		{"mfa", "Allow", `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`, estate.Yes, "with MFA"},
		{"no mfa denied", "Deny", `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`, estate.Yes, ""},
		{"no mfa at all denied", "Deny", `{"Null":{"aws:MultiFactorAuthPresent":"true"}}`, estate.Yes, "with MFA"},
		{"address", "Allow", `{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, estate.Maybe, "aws:sourceip"},
		{"other addresses denied", "Deny", `{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, estate.Maybe, "aws:sourceip"},
		{"the service", "Allow", `{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}`, estate.Yes, ""},
		{"another service", "Allow", `{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}`, estate.No, ""},
		{"user agent", "Allow", `{"StringLike":{"aws:UserAgent":"terraform*"}}`, estate.Yes, ""},
		{"a tag of their own", "Allow", `{"StringEquals":{"aws:PrincipalTag/team":"platform"}}`, estate.No, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			statements := []string{allow("lambda:CreateFunction lambda:InvokeFunction", "*"), conditional(c.effect, "iam:PassRole", "*", c.condition)}
			if c.effect == "Deny" {
				statements = append(statements, allow("iam:PassRole", "*"))
			}
			w := newWorld(t, "user", statements...)
			w.part("boss for lambda.amazonaws.com")
			p := pick(w.find(escalate.Options{}), "lambda-create-and-invoke")
			if p == nil {
				if c.want != estate.No {
					t.Fatal("not found")
				}
				return
			}
			if p.Certain != c.want || !strings.Contains(p.String(), c.note) {
				t.Errorf("certain is %v, want %v and a note %q:\n%s", p.Certain, c.want, c.note, p)
			}
		})
	}
}

// Names, regions and tags of what is new are the attacker's to choose.
func TestNewThingsGetTheNamesThatPoliciesAskFor(t *testing.T) {
	w := newWorld(
		t, "user", allow("iam:PassRole", "*"),
		conditional("Allow", "lambda:CreateFunction", "arn:aws:lambda:eu-central-1:"+account+":function:shop-*", `{"StringEquals":{"aws:RequestTag/team":"shop"}}`),
		allow("lambda:InvokeFunction", "arn:aws:lambda:*:*:function:shop-*"),
	)
	w.part("boss for lambda.amazonaws.com")
	p := pick(w.find(escalate.Options{}), "lambda-create-and-invoke")
	if p == nil {
		t.Fatal("not found")
	}
	r := p.Steps[1].Request
	if want := "arn:aws:lambda:eu-central-1:" + account + ":function:shop-any"; r.Resource != want {
		t.Errorf("the function is %s, want %s", r.Resource, want)
	}
	if diff := cmp.Diff([]string{"shop"}, r.Context["aws:requesttag/team"].Values); diff != "" {
		t.Errorf("tag (-want +got):\n%s", diff)
	}
}

// A delegate who may only touch those with a boundary cannot become
// administrator through them.
func TestABoundaryStaysInForce(t *testing.T) {
	w := newWorld(t, "user", conditional("Allow", "iam:AttachUserPolicy", "*", `{"ArnEquals":{"iam:PermissionsBoundary":"`+arn("policy/cap")+`"}}`))
	w.boundary("eve", "iam:AttachUserPolicy", "s3:*")
	got := w.find(escalate.Options{})
	p := pick(got, "iam-attach-user-policy")
	if p == nil {
		t.Fatalf("not found; found %v", ids(got))
	}
	if p.Gains.Kind != escalate.Permissions || p.Gains.Witness == nil {
		t.Errorf("gains %+v, want only what the boundary leaves", p.Gains)
	}
	if !slices.ContainsFunc(p.Limits, func(l string) bool { return strings.Contains(l, "boundary of eve stays in force") }) {
		t.Errorf("limits do not name the boundary: %v", p.Limits)
	}

	w = newWorld(t, "user", conditional("Allow", "iam:AttachUserPolicy", "*", `{"ArnEquals":{"iam:PermissionsBoundary":"`+arn("policy/cap")+`"}}`))
	if got := w.find(escalate.Options{}); len(got) > 0 {
		t.Errorf("without the boundary that the statement asks for: found %v", ids(got))
	}
}

// What cannot be changed or assumed is no target, and what gains nothing is no
// path.
func TestNotEverythingIsAWay(t *testing.T) {
	everythingInIAM := []string{allow("iam:PutUserPolicy", "arn:aws:iam::aws:policy/*"), allow("iam:CreatePolicyVersion iam:AttachRolePolicy iam:UpdateAssumeRolePolicy sts:AssumeRole iam:PassRole lambda:*", "*")}
	for name, prepare := range map[string]func(w *world){
		"aws-managed policy": func(w *world) {
			w.add(&estate.UserAttachment{Base: w.base("aws_iam_user_policy_attachment", "aws_iam_user_policy_attachment.a"), User: ref[*estate.User]("eve"), Policy: ref[*estate.IAMPolicy]("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")})
		},
		"service-linked role": func(w *world) {
			r := w.role("AWSServiceRoleForECS", w.trust([]string{"trusting", "eve"}), everything)
			r.Path = known("/aws-service-role/ecs.amazonaws.com/")
		},
		"identity center role": func(w *world) {
			r := w.role("AWSReservedSSO_Admin_0123456789abcdef", w.trust([]string{"trusting", "eve"}), everything)
			r.Path = known("/aws-reserved/sso.amazonaws.com/")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "user", everythingInIAM...)
			prepare(w)
			for _, p := range w.find(escalate.Options{}) {
				if p.Gains.Kind == escalate.Administrator {
					t.Errorf("found\n%s", p)
				}
			}
		})
	}
	t.Run("nothing gained", func(t *testing.T) {
		w := newWorld(t, "user", allow("iam:PassRole lambda:CreateFunction lambda:InvokeFunction s3:GetObject", "*"))
		w.role("reader", allow("sts:AssumeRole", "", "Service", "lambda.amazonaws.com"), allow("s3:GetObject", "arn:aws:s3:::logs/*"))
		if got := w.find(escalate.Options{}); len(got) > 0 {
			t.Errorf("found %v", ids(got))
		}
	})
	t.Run("administrator already", func(t *testing.T) {
		w := newWorld(t, "user", everything)
		w.part("boss for lambda.amazonaws.com")
		if got := w.find(escalate.Options{}); len(got) > 0 {
			t.Errorf("found %v", ids(got))
		}
	})
	t.Run("not without Assume", func(t *testing.T) {
		w := newWorld(t, "user", allow("glue:UpdateDevEndpoint", "*"))
		w.part("boss for glue.amazonaws.com")
		if got := w.find(escalate.Options{}); len(got) > 0 {
			t.Errorf("found %v", ids(got))
		}
	})
}

// A policy that nobody can read may be any way: that is said once.
func TestAnUnknownPolicyIsOneLine(t *testing.T) {
	w := newWorld(t, "user", allow("s3:GetObject", "*"))
	w.add(&estate.UserAttachment{Base: w.base("aws_iam_user_policy_attachment", "aws_iam_user_policy_attachment.a"), User: ref[*estate.User]("eve"), Policy: ref[*estate.IAMPolicy]("arn:aws:iam::aws:policy/NewerThanThisTable")})
	for _, part := range []string{"boss for lambda.amazonaws.com", "function", "user with key", "key", "group admins"} {
		w.part(part)
	}
	got := w.find(escalate.Options{})
	if len(got) == 0 || len(got) > 3 {
		t.Fatalf("found %d ways, want one for the reason and few more: %v", len(got), ids(got))
	}
	if got[0].Certain != estate.Maybe || !strings.Contains(got[0].Why, "NewerThanThisTable") || !strings.Contains(got[0].String(), "more ways are possible") {
		t.Errorf("does not say why:\n%s", got[0])
	}
}

// ladder is a world in which each role can assume the next, and each the first.
func ladder(t *testing.T, n int) *world {
	w := newWorld(t, "user", allow("sts:AssumeRole", arn("role/r1")))
	for i := 1; i <= n; i++ {
		s := allow("sts:AssumeRole", arn(fmt.Sprint("role/r", i+1))+" "+arn("role/r1"))
		if i == n {
			s = everything
		}
		w.role(fmt.Sprint("r", i), w.trust([]string{"trusting", "eve"}), s, allow("s3:GetObject", fmt.Sprintf("arn:aws:s3:::b%d/*", i)))
	}
	return w
}

// Hops are put together, the fewest there are, and never in a circle.
func TestChains(t *testing.T) {
	got := ladder(t, 4).find(escalate.Options{})
	p := pick(got, "chain")
	if p == nil {
		t.Fatalf("no chain; found %v", ids(got))
	}
	var by []string
	for _, s := range p.Steps {
		by = append(by, s.By+" "+s.Request.Resource)
	}
	want := []string{"user/eve " + arn("role/r1"), "role/r1 " + arn("role/r2"), "role/r2 " + arn("role/r3"), "role/r3 " + arn("role/r4")}
	if diff := cmp.Diff(want, by); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if p.Gains.Kind != escalate.Administrator || p.Gains.As != "role/r4" || p.Certain != estate.Yes {
		t.Errorf("gains %+v, certain %v", p.Gains, p.Certain)
	}
	if pick(ladder(t, 4).find(escalate.Options{MaxHops: 3}), "chain") != nil {
		t.Error("a chain of four hops within three")
	}
}

// A role that is weak is made strong first, then used.
func TestMadeStrongFirst(t *testing.T) {
	w := newWorld(t, "user", allow("iam:PutRolePolicy iam:PassRole ec2:RunInstances", "*"))
	w.role("boss", allow("sts:AssumeRole", "", "Service", "ec2.amazonaws.com"))
	w.part("profile")
	got := w.find(escalate.Options{})
	p := pick(got, "chain")
	if p == nil {
		t.Fatalf("no chain; found %v", ids(got))
	}
	if diff := cmp.Diff([]string{"iam:PutRolePolicy", "iam:PassRole", "ec2:RunInstances"}, actions(p)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if p.Gains.Kind != escalate.Administrator || p.Gains.As != "role/boss" {
		t.Errorf("gains %+v", p.Gains)
	}
}

// Who administers a cluster has the roles of its nodes.
func TestThroughACluster(t *testing.T) {
	w := newWorld(t, "user", allow("eks:*", "*"))
	w.role("boss", allow("sts:AssumeRole", "", "Service", "ec2.amazonaws.com"), everything)
	w.part("cluster API")
	w.add(&estate.NodeGroup{Base: w.base("aws_eks_node_group", "aws_eks_node_group.n"), Cluster: ref[*estate.EKSCluster]("shop"), Role: ref[*estate.Role]("boss")})
	e := estate.New(w.resources, nil, nil, nil)
	aw := access.New(e)
	eve, err := aw.Principal("user/eve")
	if err != nil {
		t.Fatal(err)
	}
	got := escalate.From(e, aw, eve, escalate.Options{})
	p := pick(got, "chain")
	if p == nil || p.Gains.Kind != escalate.Administrator || p.Gains.As != "role/boss" {
		t.Fatalf("no chain to role/boss:\n%s", show(got))
	}
}

// An instance without a profile for the role needs one made.
func TestTheInstanceProfileIsMade(t *testing.T) {
	w := newWorld(t, "user", allow("iam:PassRole iam:CreateInstanceProfile iam:AddRoleToInstanceProfile ec2:RunInstances", "*"))
	w.part("boss for ec2.amazonaws.com")
	p := pick(w.find(escalate.Options{}), "ec2-run-instances")
	if p == nil {
		t.Fatal("not found")
	}
	if diff := cmp.Diff([]string{"iam:PassRole", "iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile", "ec2:RunInstances"}, actions(p)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(p.Steps[3].Also) != 5 {
		t.Errorf("RunInstances is authorised on %d resources more, want 5: image, interface, group, subnet, volume", len(p.Steps[3].Also))
	}
}

// The sentences are those of a report.
func TestSentences(t *testing.T) {
	w := newWorld(t, "user", allow("iam:CreatePolicyVersion", arn("policy/mine")))
	w.part("policy of eve")
	want := `eve becomes administrator: iam-create-policy-version (iam-001)
  eve may iam:CreatePolicyVersion on arn:aws:iam::111122223333:policy/mine, which is attached to eve: a new version that allows everything makes eve administrator
    aws_iam_user_policy.eve allows iam:CreatePolicyVersion on arn:aws:iam::111122223333:policy/mine (main.tf:30)
  note: a policy has at most five versions: where it has, iam:DeletePolicyVersion is needed too
`
	if diff := cmp.Diff(want, show(w.find(escalate.Options{}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
