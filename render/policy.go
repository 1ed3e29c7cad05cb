package render

import (
	"strconv"
	"strings"

	"fathom/platform"
	"fathom/render/terraform"
)

// depth writes targets as TagDepth does.
func depth(targets []platform.DepthTarget) string {
	var words []string
	for _, t := range targets {
		words = append(words, t.From+"="+strconv.Itoa(t.Min))
	}
	return strings.Join(words, " ")
}

// Statement is one statement of an IAM policy. Values of Resource and of
// conditions are strings, terraform.Expr or terraform.Template.
type Statement struct {
	Sid    string
	Effect string // Allow where empty
	// Principal is "*", or an Object such as {Service = "…"}; nil in identity
	// policies. NotPrincipal is not offered: AWS advises against it.
	Principal         any
	Action, NotAction []string
	Resource          []any
	NotResource       []any
	Condition         []Condition
}

// Condition is one operator on one key.
type Condition struct {
	Operator, Key string
	// Value is a string, Expr, Template, []string or List.
	Value any
}

// Policy is jsonencode of a policy document with the statements.
func Policy(statements ...Statement) terraform.Call {
	return terraform.JSON(Document(statements...))
}

// Document is the policy document itself.
func Document(statements ...Statement) terraform.Object {
	list := terraform.List{}
	for _, s := range statements {
		list = append(list, s.object())
	}
	return terraform.Obj("Version", "2012-10-17", "Statement", list)
}

func (s Statement) object() terraform.Object {
	effect := s.Effect
	if effect == "" {
		effect = "Allow"
	}
	o := terraform.Object{}
	add := func(key string, v any) { o = append(o, terraform.Field{Key: key, Value: v}) }
	if s.Sid != "" {
		add("Sid", s.Sid)
	}
	add("Effect", effect)
	if s.Principal != nil {
		add("Principal", s.Principal)
	}
	for _, a := range []struct {
		key  string
		list []string
	}{{"Action", s.Action}, {"NotAction", s.NotAction}} {
		switch {
		case len(a.list) == 1:
			add(a.key, a.list[0])
		case len(a.list) > 1:
			add(a.key, a.list)
		}
	}
	for _, r := range []struct {
		key  string
		list []any
	}{{"Resource", s.Resource}, {"NotResource", s.NotResource}} {
		switch {
		case len(r.list) == 1:
			add(r.key, r.list[0])
		case len(r.list) > 1:
			add(r.key, terraform.List(r.list))
		}
	}
	if len(s.Condition) > 0 {
		add("Condition", conditions(s.Condition))
	}
	return o
}

// conditions puts the keys of one operator together, in the order in which the
// operators first appear.
func conditions(list []Condition) terraform.Object {
	out := terraform.Object{}
	for _, c := range list {
		f := terraform.Field{Key: c.Key, Value: c.Value}
		i := 0
		for ; i < len(out); i++ {
			if out[i].Key == c.Operator {
				break
			}
		}
		if i == len(out) {
			out = append(out, terraform.Field{Key: c.Operator, Value: terraform.Object{}})
		}
		out[i].Value = append(out[i].Value.(terraform.Object), f)
	}
	return out
}

// TrustService is the trust policy of a role that a service of AWS assumes for
// this account alone (IAM user guide, "The confused deputy problem").
func TrustService(p *platform.Platform, service string) terraform.Call {
	return Policy(Statement{
		Principal: terraform.Obj("Service", service),
		Action:    []string{"sts:AssumeRole"},
		Condition: []Condition{{"StringEquals", "aws:SourceAccount", p.Account}},
	})
}

// TrustAccount is the trust policy of a role that one service account of the
// cluster assumes, by the cluster's own issuer: audience and subject are exact
// ("Assign IAM roles to Kubernetes service accounts", EKS user guide).
func TrustAccount(namespace, account string) terraform.Call {
	claim := func(name string) string {
		return terraform.KeyOf(`"${replace(` + OIDCProvider + `.url, "https://", "")}:` + terraform.Expr(name) + `"`)
	}
	return Policy(Statement{
		Principal: terraform.Obj("Federated", OIDCProvider+".arn"),
		Action:    []string{"sts:AssumeRoleWithWebIdentity"},
		Condition: []Condition{
			{"StringEquals", claim("aud"), "sts.amazonaws.com"},
			{"StringEquals", claim("sub"), "system:serviceaccount:" + namespace + ":" + account},
		},
	})
}

// Role is an IAM role with the boundary every role has.
func Role(p *platform.Platform, label, what string, trust any, body ...terraform.Entry) *terraform.Block {
	return terraform.Resource("aws_iam_role", label, append([]terraform.Entry{
		terraform.Set("name", RoleName(p, what)),
		terraform.Set("assume_role_policy", trust),
		terraform.Set("permissions_boundary", Boundary),
	}, body...)...)
}

// RolePolicy is an inline policy of a role of the same label.
func RolePolicy(label string, statements ...Statement) *terraform.Block {
	return terraform.Resource("aws_iam_role_policy", label,
		terraform.Set("name", "permissions"),
		terraform.Set("role", terraform.Expr("aws_iam_role."+label+".id")),
		terraform.Set("policy", Policy(statements...)),
	)
}
