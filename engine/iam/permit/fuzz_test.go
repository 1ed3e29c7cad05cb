package permit

import (
	"testing"

	"fathom/engine/iam"
)

// No document makes Compare fail, every Yes replays, a document grants nothing
// new against itself, and no Undecided is a mistake of ours.
func FuzzCompare(f *testing.F) {
	for i, p := range readPairs(f) {
		if i%5 == 0 {
			f.Add(string(p.Old), string(p.New), uint8(kindNames[p.Kind]))
		}
	}
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*"}}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::b/${aws:username, 'a*'}/*","Condition":{"StringLike":{"aws:userid":"${aws:PrincipalTag/t}*"}}}}`, uint8(iam.Identity))
	f.Add(`{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["111111111111","arn:aws:iam::111111111111:role/r"]},"Action":"kms:*","Resource":"*","Condition":{"NumericLessThan":{"x:n":"1e999"},"DateGreaterThan":{"aws:CurrentTime":"2026"},"IpAddress":{"aws:SourceIp":"::ffff:1.2.3.4/100"}}}}`,
		`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"ForAllValues:StringNotEqualsIfExists":{"aws:TagKeys":["K","ſ"]},"StringEquals":{"kms:CallerAccount":"111111111111"},"BinaryEquals":{"x:b":"YR=="}}}]}`, uint8(iam.Resource))
	f.Fuzz(func(t *testing.T, oldText, newText string, kind uint8) {
		old, _ := iam.Parse([]byte(oldText), "old", iam.Kind(kind%6))
		new, _ := iam.Parse([]byte(newText), "new", iam.Kind(kind%6))
		o := Options{Budget: 3_000_000}
		for _, pair := range [][2]*iam.Document{{old, new}, {new, old}, {old, old}} {
			got := Compare(pair[0], pair[1], o)
			switch got.Grants {
			case Yes:
				if pair[0] == pair[1] {
					t.Errorf("a document grants more than itself: %s", got.Summary)
				}
				if !pair[1].Permits(got.Witness) || pair[0].Permits(got.Witness) {
					t.Errorf("the witness does not replay: %s", got.Summary)
				}
			case Undecided:
				if got.Why == "" || mistaken(got) {
					t.Errorf("%s", got.Why)
				}
			}
		}
	})
}
