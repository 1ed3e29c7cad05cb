package trust

import (
	"strings"
	"testing"

	"fathom/estate"
)

const (
	eks    = "arn:aws:iam::111111111111:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A1"
	github = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
)

func door(t *testing.T, provider, conditions string) Door {
	t.Helper()
	p, err := estate.ParsePolicy([]byte(`{"Statement": {"Effect": "Allow", "Principal": {"Federated": "` + provider + `"},
		"Action": "sts:AssumeRoleWithWebIdentity", "Condition": {` + conditions + `}}}`))
	if err != nil {
		t.Fatal(err)
	}
	r := &estate.Role{Base: estate.Base{ID: estate.ID{Addr: "aws_iam_role.r"}}, Trust: *p}
	e := estate.New([]estate.Resource{r}, nil, nil, nil)
	doors := Doors(e, r)
	if len(doors) != 1 {
		t.Fatalf("%d doors", len(doors))
	}
	return doors[0]
}

func TestDoors(t *testing.T) {
	const (
		id  = "oidc.eks.eu-west-1.amazonaws.com/id/A1"
		aud = `"StringEquals": {"` + id + `:aud": "sts.amazonaws.com"}`
		gh  = "token.actions.githubusercontent.com"
	)
	sub := func(op, v string) string { return aud + `, "` + op + `": {"` + id + `:sub": "` + v + `"}` }
	ci := func(op, v string) string {
		return `"` + op + `": {"` + gh + `:sub": "` + v + `"}, "StringEqualsIgnoreCase": {"` + gh + `:aud": "sts.amazonaws.com"}`
	}
	for _, tt := range []struct{ name, provider, conditions, want string }{
		{"exact", eks, sub("StringLike", "system:serviceaccount:shop:orders"), ""},
		{"no sub", eks, aud, "open: checks no :sub"},
		{"nothing", eks, "", "open: checks no :sub"},
		{"namespace", eks, sub("StringLike", "system:serviceaccount:shop:*"), "open: lets in every subject"},
		{"any namespace", eks, sub("StringLike", "system:serviceaccount:*:orders"), "open: lets in every subject"},
		{"dead", eks, sub("StringEqualsIgnoreCase", "system:serviceaccount:shop:*"), "shut: compares :sub"},
		{"vacuous", eks, sub("ForAllValues:StringLike", "system:serviceaccount:shop:orders"), "open: compares :sub with ForAllValues"},
		{"if exists", eks, sub("StringLikeIfExists", "system:serviceaccount:shop:orders"), "open: compares :sub with StringLikeIfExists"},
		{"excludes", eks, sub("StringNotLike", "system:serviceaccount:dev:*"), "open: only excludes"},
		{"both", eks, sub("StringLike", "system:serviceaccount:*") + `, "ForAnyValue:StringEquals": {"` + id + `:sub": "system:serviceaccount:shop:orders"}`, ""},
		{"no aud", eks, `"StringEquals": {"` + id + `:sub": "system:serviceaccount:shop:orders"}`, "shut: does not check :aud"},
		{"other issuer", eks, `"StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/B2:sub": "system:serviceaccount:shop:orders", "oidc.eks.eu-west-1.amazonaws.com/id/B2:aud": "sts.amazonaws.com"}`, "shut: asks for oidc.eks"},
		{"branch", github, ci("StringEquals", "repo:shopnow/platform:ref:refs/heads/main"), ""},
		{"tags", github, ci("StringLike", "repo:shopnow/platform:ref:refs/tags/v*"), ""},
		{"any branch", github, ci("StringLike", "repo:shopnow/platform:ref:refs/heads/*"), "open: lets in"},
		{"any ref", github, ci("StringLike", "repo:shopnow/platform:*"), "open: lets in"},
		{"any repository", github, ci("StringLike", "repo:shopnow/*"), "open: lets in"},
		{"prefix", github, ci("StringLike", "repo:shopnow*/platform:ref:refs/heads/main"), "open: lets in"},
		{"terraform cloud", "arn:aws:iam::1:oidc-provider/app.terraform.io", `"StringEquals": {"app.terraform.io:aud": "aws.workload.identity"}, "StringLike": {"app.terraform.io:sub": "organization:shopnow:project:core:workspace:prod:run_phase:*"}`, ""},
		{"claims", github, `"StringEquals": {"` + gh + `:aud": "sts.amazonaws.com", "` + gh + `:repository_id": "42", "` + gh + `:environment": "production"}`, ""},
		{"one claim", github, `"StringEquals": {"` + gh + `:aud": "sts.amazonaws.com", "` + gh + `:repository_id": "42"}`, "open: checks no :sub"},
		{"cognito", "cognito-identity.amazonaws.com", `"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:1"}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if fs := door(t, tt.provider, tt.conditions).Flaws; len(fs) > 0 {
				got = map[bool]string{true: "open: ", false: "shut: "}[fs[0].Open] + fs[0].Saw
			}
			if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
