package escalate_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"fathom/diag"
	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/engine/iam/escalate"
	"fathom/estate"
)

// The estates of these tests are written as parts: "role boss for
// lambda.amazonaws.com" and the like. eve is the attacker.

const account = "111122223333"

// world is a small estate in the making.
type world struct {
	t         *testing.T
	resources []estate.Resource
	line      int
	eve       string              // "user" or "role"
	policies  map[string][]string // documents by ARN, for the replay
}

func newWorld(t *testing.T, eve string, statements ...string) *world {
	t.Helper()
	w := &world{t: t, eve: eve, policies: map[string][]string{}}
	w.add(&estate.Provider{
		Base: w.base("provider", `provider["aws"]`), Region: known("eu-west-1"),
		Accounts: estate.List{Items: []estate.Str{known(account)}},
	})
	if eve == "user" {
		w.add(&estate.User{Base: w.base("aws_iam_user", "aws_iam_user.eve"), UserName: known("eve")})
		w.add(&estate.UserPolicy{Base: w.base("aws_iam_user_policy", "aws_iam_user_policy.eve"), User: ref[*estate.User]("eve"), Policy: w.policy(doc(statements...))})
	} else {
		w.role("eve", allow("sts:AssumeRole", "", "Service", "backup.amazonaws.com"), statements...)
	}
	w.policies["eve"] = []string{doc(statements...)}
	return w
}

func known(s string) estate.Str { return estate.Known(s, diag.Pos{File: "main.tf", Line: 1}) }

func ref[T estate.Resource](name string) estate.Ref[T] {
	return estate.RefTo[T](name, diag.Pos{File: "main.tf", Line: 1})
}

func (w *world) base(kind, addr string) estate.Base {
	w.line += 10
	name := addr[strings.LastIndexByte(addr, '.')+1:]
	return estate.Base{ID: estate.ID{Addr: addr}, Type: kind, Pos: diag.Pos{File: "main.tf", Line: int32(w.line)}, Provider: "aws", Keys: []string{name}}
}

func (w *world) add(rs ...estate.Resource) { w.resources = append(w.resources, rs...) }

func (w *world) policy(text string) estate.Policy {
	w.t.Helper()
	p, err := estate.ParsePolicy([]byte(text))
	if err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	return *p
}

// allow writes a statement; a resource "" is left out and principals come in
// pairs of type and value.
func allow(action, resource string, principals ...string) string {
	return statement("Allow", action, resource, principals...)
}

func statement(effect, action, resource string, principals ...string) string {
	m := map[string]any{"Effect": effect, "Action": strings.Split(action, " ")}
	if resource != "" {
		m["Resource"] = strings.Split(resource, " ")
	}
	if len(principals) > 0 {
		m["Principal"] = map[string]string{principals[0]: principals[1]}
	}
	b, _ := json.Marshal(m)
	return string(b)
}

func doc(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func arn(rest string) string { return "arn:aws:iam::" + account + ":" + rest }

// eveARN is the attacker's.
func (w *world) eveARN() string { return arn(w.eve + "/eve") }

// role adds a role with an inline policy.
func (w *world) role(name, trust string, statements ...string) *estate.Role {
	r := &estate.Role{Base: w.base("aws_iam_role", "aws_iam_role."+name), RoleName: known(name), Trust: w.policy(doc(trust))}
	w.policies[arn("role/"+name)] = []string{doc(trust)}
	if len(statements) > 0 {
		w.add(&estate.RolePolicy{Base: w.base("aws_iam_role_policy", "aws_iam_role_policy."+name), Role: ref[*estate.Role](name), Policy: w.policy(doc(statements...))})
	}
	w.add(r)
	return r
}

var everything = allow("*", "*")

// part adds what a line says.
func (w *world) part(line string) {
	w.t.Helper()
	words := strings.Fields(line)
	what := words[0]
	arg := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	last := arg(len(words) - 1)
	switch what {
	case "boss": // an administrator role: "boss for SERVICE", "boss trusting eve", "boss"
		w.role("boss", w.trust(words[1:]), everything)
	case "weak": // a role without permissions
		w.role("weak", w.trust(words[1:]))
	case "user": // another user, administrator: "user two keys", "user login"
		w.add(&estate.User{Base: w.base("aws_iam_user", "aws_iam_user.chief"), UserName: known("chief")})
		if arg(1) != "plain" {
			w.add(&estate.UserPolicy{Base: w.base("aws_iam_user_policy", "aws_iam_user_policy.chief"), User: ref[*estate.User]("chief"), Policy: w.policy(doc(everything))})
		}
		for i := range map[string]int{"keys": 2, "key": 1}[last] {
			w.add(&estate.AccessKey{Base: w.base("aws_iam_access_key", fmt.Sprint("aws_iam_access_key.k", i)), User: ref[*estate.User]("chief")})
		}
		if last == "login" {
			w.add(&estate.LoginProfile{Base: w.base("aws_iam_user_login_profile", "aws_iam_user_login_profile.chief"), User: ref[*estate.User]("chief")})
		}
	case "group": // "group of eve", "group admins"
		w.add(&estate.Group{Base: w.base("aws_iam_group", "aws_iam_group.staff"), GroupName: known("staff")})
		if arg(1) == "admins" {
			w.add(&estate.GroupPolicy{Base: w.base("aws_iam_group_policy", "aws_iam_group_policy.staff"), Group: ref[*estate.Group]("staff"), Policy: w.policy(doc(everything))})
		} else {
			w.add(&estate.GroupMembers{Base: w.base("aws_iam_group_membership", "aws_iam_group_membership.staff"), Group: ref[*estate.Group]("staff"), Users: estate.RefsTo[*estate.User]([]string{"eve"}, diag.Pos{})})
		}
	case "policy": // a customer-managed policy: "policy of eve", "policy of weak"
		w.add(&estate.IAMPolicy{Base: w.base("aws_iam_policy", "aws_iam_policy.mine"), PolicyName: known("mine"), Policy: w.policy(doc(allow("s3:ListAllMyBuckets", "*")))})
		if last == "eve" && w.eve == "user" {
			w.add(&estate.UserAttachment{Base: w.base("aws_iam_user_policy_attachment", "aws_iam_user_policy_attachment.mine"), User: ref[*estate.User]("eve"), Policy: ref[*estate.IAMPolicy]("mine")})
		} else {
			w.add(&estate.RoleAttachment{Base: w.base("aws_iam_role_policy_attachment", "aws_iam_role_policy_attachment.mine"), Role: ref[*estate.Role](last), Policy: ref[*estate.IAMPolicy]("mine")})
		}
	case "profile":
		w.add(&estate.InstanceProfile{Base: w.base("aws_iam_instance_profile", "aws_iam_instance_profile.boss"), ProfileName: known("boss"), Role: ref[*estate.Role]("boss")})
	case "external": // a resource that the estate has no type for
		w.add(&estate.External{Base: w.base(arg(1), arg(1)+".x")})
	default:
		w.compute(what, words)
	}
}

func (w *world) trust(words []string) string {
	if len(words) == 2 && words[0] == "for" {
		return allow("sts:AssumeRole", "", "Service", words[1])
	}
	if len(words) == 2 && words[1] == "eve" {
		return allow("sts:AssumeRole", "", "AWS", "arn:aws:iam::"+account+":root")
	}
	if len(words) == 2 && words[0] == "trusting" {
		return allow("sts:AssumeRole", "", "AWS", arn("role/"+words[1]))
	}
	return allow("sts:AssumeRole", "", "Service", "backup.amazonaws.com")
}

func (w *world) compute(what string, words []string) {
	role := ref[*estate.Role]("boss")
	profile := ref[*estate.InstanceProfile]("boss")
	last := words[len(words)-1]
	switch what {
	case "function":
		w.add(&estate.Lambda{Base: w.base("aws_lambda_function", "aws_lambda_function.f"), Function: known("f"), Role: role})
	case "instance":
		w.add(&estate.Instance{Base: w.base("aws_instance", "aws_instance.i"), Profile: profile})
	case "template":
		w.add(&estate.LaunchTemplate{Base: w.base("aws_launch_template", "aws_launch_template.t"), TemplateName: known("t"), Profile: estate.Blocks[estate.TemplateProfile]{Items: []estate.TemplateProfile{{Name: profile}}}})
		w.add(&estate.AutoScalingGroup{Base: w.base("aws_autoscaling_group", "aws_autoscaling_group.g"), Template: estate.Blocks[estate.TemplateRef]{Items: []estate.TemplateRef{{Name: ref[*estate.LaunchTemplate]("t"), Version: known(last)}}}})
	case "build":
		w.add(&estate.BuildProject{Base: w.base("aws_codebuild_project", "aws_codebuild_project.b"), Role: role})
	case "task":
		w.add(&estate.ECSTask{Base: w.base("aws_ecs_task_definition", "aws_ecs_task_definition.t"), TaskRole: role})
		w.add(&estate.ECSService{Base: w.base("aws_ecs_service", "aws_ecs_service.s"), ServiceName: known("s"), Task: ref[*estate.ECSTask]("t")})
	case "cluster":
		c := &estate.EKSCluster{Base: w.base("aws_eks_cluster", "aws_eks_cluster.shop"), ClusterName: known("shop")}
		if last != "cluster" {
			c.Access.Items = []estate.ClusterAccess{{Mode: known(last)}}
		}
		w.add(c)
	case "entry":
		w.add(&estate.EKSAccessEntry{Base: w.base("aws_eks_access_entry", "aws_eks_access_entry.eve"), Cluster: ref[*estate.EKSCluster]("shop"), Principal: estate.RefTo[estate.Resource](w.eveARN(), diag.Pos{})})
	case "key":
		w.add(&estate.KMSKey{Base: w.base("aws_kms_key", "aws_kms_key.k")})
	case "bucket":
		w.add(&estate.Bucket{Base: w.base("aws_s3_bucket", "aws_s3_bucket.b"), BucketName: known("b")})
	case "secret":
		w.add(&estate.Secret{Base: w.base("aws_secretsmanager_secret", "aws_secretsmanager_secret.s"), SecretName: known("s")})
	case "provider": // which the role boss trusts
		host := "issuer.example"
		w.add(&estate.OIDCProvider{Base: w.base("aws_iam_openid_connect_provider", "aws_iam_openid_connect_provider.p"), URL: ref[*estate.EKSCluster]("https://" + host)})
		w.role("boss", `{"Effect":"Allow","Principal":{"Federated":"`+arn("oidc-provider/"+host)+`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"`+host+`:sub":"x"}}}`, everything)
	case "boundary": // of eve: "boundary ACTIONS…"
		w.boundary("eve", words[1:]...)
	case "scp": // "scp deny ACTION"
		w.add(&estate.OrgPolicy{Base: w.base("aws_organizations_policy", "aws_organizations_policy.p"), Kind: known("SERVICE_CONTROL_POLICY"), Content: w.policy(doc(everything, statement("Deny", last, "*")))})
		w.add(&estate.OrgAttachment{Base: w.base("aws_organizations_policy_attachment", "aws_organizations_policy_attachment.p"), Policy: ref[*estate.OrgPolicy]("p"), Target: known(account)})
	default:
		w.t.Fatalf("%q is no part", what)
	}
}

// boundary gives somebody a permissions boundary that allows the actions.
func (w *world) boundary(of string, actions ...string) {
	w.add(&estate.IAMPolicy{Base: w.base("aws_iam_policy", "aws_iam_policy.cap"), PolicyName: known("cap"), Policy: w.policy(doc(allow(strings.Join(actions, " "), "*")))})
	for _, r := range w.resources {
		switch r := r.(type) {
		case *estate.User:
			if r.ID.Addr == "aws_iam_user."+of {
				r.Boundary = ref[*estate.IAMPolicy]("cap")
			}
		case *estate.Role:
			if r.ID.Addr == "aws_iam_role."+of {
				r.Boundary = ref[*estate.IAMPolicy]("cap")
			}
		}
	}
}

// find returns the attacker's paths.
func (w *world) find(o escalate.Options) []escalate.Path {
	w.t.Helper()
	e := estate.New(w.resources, nil, nil, nil)
	aw := access.New(e)
	p, err := aw.Principal(w.eve + "/eve")
	if err != nil {
		w.t.Fatal(err)
	}
	paths := escalate.From(e, aw, p, o)
	for i := range paths {
		w.replay(aw, &paths[i])
	}
	return paths
}

// replay holds every step of a path to the concrete evaluator twice: with the
// policies as the World puts them together, and where the attacker makes the
// step with the attacker's own document, as it is written.
func (w *world) replay(aw *access.World, p *escalate.Path) {
	w.t.Helper()
	for _, s := range p.Steps {
		if s.Supposing != nil {
			if d := iam.Evaluate(&s.Request, &iam.Policies{Resource: []*iam.Document{s.Supposing}}); !d.Allowed {
				w.t.Errorf("%s: %s is not allowed under the new policy: %s", p.ID, s.Request.Action, d.Missing)
			}
			continue
		}
		by, err := aw.Principal(s.By)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range append([]iam.Request{s.Request}, s.Also...) {
			// The World doubts what no file declares; the documents below do not.
			if got := aw.Allows(by, r.Action, r.Resource, r.Context); got == estate.No {
				w.t.Errorf("%s: %s on %s is not allowed to %s", p.ID, r.Action, r.Resource, s.By)
			}
			if s.Certain != estate.Yes || s.By != w.eve+"/eve" || strings.HasPrefix(r.Action, "kms:") {
				continue
			}
			pol := &iam.Policies{Identity: w.parse(w.policies["eve"], iam.Identity), Resource: w.parse(w.policies[r.Resource], iam.Trust)}
			if d := iam.Evaluate(&r, pol); !d.Allowed {
				w.t.Errorf("%s: %s on %s is not allowed by the written documents: %s", p.ID, r.Action, r.Resource, d.Missing)
			}
		}
	}
}

func (w *world) parse(texts []string, kind iam.Kind) []*iam.Document {
	var out []*iam.Document
	for _, t := range texts {
		d, problems := iam.Parse([]byte(t), "test", kind)
		if d.Rejected {
			w.t.Fatalf("%s: %v", t, problems)
		}
		out = append(out, d)
	}
	return out
}
