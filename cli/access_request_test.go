package cli

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fathom/engine/iam"
)

// A request that is printed is read again as the same: witnesses can be
// replayed.
func TestARequestIsReadAsItIsWritten(t *testing.T) {
	user := func(arn string) iam.Principal {
		p, err := iam.ParsePrincipal(arn)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	inPath := user("arn:aws:sts::111111111111:assumed-role/app/i-1")
	inPath.Role, inPath.PathUnknown = "arn:aws:iam::111111111111:role/team/app", false
	for name, p := range map[string]iam.Principal{
		"anonymous":      iam.AnonymousPrincipal(),
		"service":        iam.ServicePrincipal("ec2.amazonaws.com"),
		"federated":      iam.FederatedPrincipal("arn:aws:iam::111111111111:saml-provider/corp"),
		"canonical":      iam.CanonicalPrincipal("79a5"),
		"root":           user("arn:aws:iam::111111111111:root"),
		"user":           user("arn:aws-cn:iam::111111111111:user/path/ann"),
		"role":           user("arn:aws:iam::111111111111:role/path/app"),
		"session":        user("arn:aws:sts::111111111111:assumed-role/app/i-1"),
		"session, path":  inPath,
		"federated user": user("arn:aws:sts::111111111111:federated-user/bob"),
	} {
		want := iam.Request{
			Principal: p, Action: "s3:GetObject", Resource: "arn:aws:s3:::shop/\"x\u2028", ResourceAccount: "222222222222",
			Context: iam.Context{"a:one": iam.One("x"), "a:empty": iam.One(""), "a:many": iam.Many("x", "y"), "a:single": iam.Many("x"), "a:none": iam.Many()},
		}
		line, err := json.Marshal(requestJSON(&want))
		if err != nil {
			t.Fatal(err)
		}
		l := evalLine{documents: &documents{}}
		if l.read(line); l.wrong != "" {
			t.Errorf("%s: %s: %s", name, line, l.wrong)
		}
		if d := cmp.Diff(want, l.request, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
