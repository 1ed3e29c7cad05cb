package webacl

import "testing"

// §9: a client without a token needs one whatever the time is; only whether a
// valid token has expired depends on it.
func TestAnAbsentTokenIsDecidedWithoutTheTime(t *testing.T) {
	p, problems := Compile(&ACL{Name: "a", Default: Action{Kind: Allow}, Rules: []Rule{{
		Name: "challenge", Action: Action{Kind: Challenge},
		Statement: ByteMatch{Field: Field{Kind: Method}, Search: []byte("GET"), Position: Exactly},
	}}}, Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, c := range []struct {
		name    string
		token   Token
		missing Part
		action  ActionKind
		certain bool
	}{
		{"no token", Token{}, PartTime, Challenge, true},
		{"an invalid token", Token{State: TokenInvalid}, PartTime, Challenge, true},
		{"a valid token, which may have expired", Token{State: TokenValid, Challenge: 1}, PartTime, Allow, false},
		{"a token of which nothing is known", Token{}, PartTime | PartToken, Allow, false},
	} {
		var v Verdict
		p.Evaluate(&Request{Method: "GET", Path: "/", Token: c.token, Missing: c.missing}, &v)
		if v.Action != c.action || v.Certain != c.certain {
			t.Errorf("%s: %v, certain %v; want %v, %v", c.name, v.Action, v.Certain, c.action, c.certain)
		}
	}
}
