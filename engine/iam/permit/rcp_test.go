package permit

import (
	"strings"
	"testing"

	"fathom/engine/iam"
)

// Organizations, "RCP evaluation": RCPFullAWSAccess is always attached, so that
// an RCP grants what it does not deny.
func TestRCPsThatDenyLessGrantMore(t *testing.T) {
	deny := func(action string) *iam.Document {
		return parse(t, iam.RCP, []map[string]any{{"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}})
	}
	a := Compare(deny("s3:*"), deny("s3:Put*"), Options{})
	if a.Grants != Yes || a.By != -1 || !strings.HasPrefix(a.Summary, "new does not deny all that old denies, for example ") {
		t.Fatalf("denies less: %+v", a)
	}
	if deny("s3:*").Statements[0].MatchesAction(a.Witness.Action) == deny("s3:Put*").Statements[0].MatchesAction(a.Witness.Action) {
		t.Errorf("the witness does not tell them apart: %s", a.Witness.Action)
	}
	if a := Compare(deny("s3:Put*"), deny("s3:*"), Options{}); a.Grants != No {
		t.Errorf("denies more: %+v", a)
	}
	if a := Compare(deny("s3:*"), deny("s3:*"), Options{Budget: 1}); a.Grants != No {
		t.Errorf("the same: %+v", a)
	}
}
