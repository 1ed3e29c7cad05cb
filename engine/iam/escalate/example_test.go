package escalate_test

import (
	"fmt"

	"fathom/diag"
	"fathom/engine/iam/access"
	"fathom/engine/iam/escalate"
	"fathom/estate"
)

// A user who may write its own inline policy is as good as administrator.
func ExampleFind() {
	pol, _ := estate.ParsePolicy([]byte(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"iam:PutUserPolicy","Resource":"arn:aws:iam::111122223333:user/anna"}]}`))
	at := func(addr string, line int32) estate.Base {
		return estate.Base{ID: estate.ID{Addr: addr}, Type: addr[:len(addr)-5], Pos: diag.Pos{File: "iam.tf", Line: line}, Provider: "aws", Keys: []string{"anna"}}
	}
	e := estate.New([]estate.Resource{
		&estate.Provider{
			Base:     estate.Base{ID: estate.ID{Addr: `provider["aws"]`}, Type: "provider"},
			Accounts: estate.List{Items: []estate.Str{estate.Known("111122223333", diag.Pos{})}},
		},
		&estate.User{Base: at("aws_iam_user.anna", 1), UserName: estate.Known("anna", diag.Pos{})},
		&estate.UserPolicy{Base: at("aws_iam_user_policy.anna", 5), User: estate.RefTo[*estate.User]("anna", diag.Pos{}), Policy: *pol},
	}, nil, nil, nil)
	for _, p := range escalate.Find(e, access.New(e), escalate.Options{}) {
		fmt.Println(p)
	}
	// Output:
	// anna becomes administrator: iam-put-user-policy (iam-007)
	//   anna may iam:PutUserPolicy on arn:aws:iam::111122223333:user/anna, which is anna itself: an inline policy that allows everything makes anna administrator
	//     aws_iam_user_policy.anna allows iam:PutUserPolicy on arn:aws:iam::111122223333:user/anna (iam.tf:5)
}
