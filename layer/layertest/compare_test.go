package layertest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChanged(t *testing.T) {
	before := map[string]string{"same": "a", "other": "a", "gone": "a"}
	after := map[string]string{"same": "a", "other": "b", "new": "b"}
	if diff := cmp.Diff([]string{"+new", "-gone", "other"}, changed(before, after)); diff != "" {
		t.Error(diff)
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, address string
		want             bool
	}{
		{"aws_s3_bucket.*", "aws_s3_bucket.logs", true},
		{"*/payments", "NetworkPolicy.networking.k8s.io/shop/payments", true},
		{"*/payments", "NetworkPolicy.networking.k8s.io/shop/payments-canary", false},
		{"+*wish*", "+Role.rbac.authorization.k8s.io/shop/ops-wishes", true},
		{"+*wish*", "Role.rbac.authorization.k8s.io/shop/ops-wishes", false},
		{"*wish*", "-aws_iam_role.wishes", false},
	} {
		if got := match(c.pattern, c.address); got != c.want {
			t.Errorf("match(%q, %q) = %v", c.pattern, c.address, got)
		}
	}
}
