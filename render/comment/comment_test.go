package comment_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/render/comment"
)

func TestAbove(t *testing.T) {
	long := strings.Repeat("word ", 40)
	cases := []struct {
		says            string
		controls, paths []string
		want            []string
	}{
		{"", nil, nil, nil},
		{"for every bucket", []string{"data.s3-private"}, []string{"stores.a", "stores.b"}, []string{"For every bucket", "control: data.s3-private", "from: stores.a, stores.b"}},
		{"orders-db is small", nil, nil, []string{"orders-db is small"}},
		{"s3:GetObject is enough", nil, nil, []string{"s3:GetObject is enough"}},
		{"one\ntwo", nil, nil, []string{"One", "two"}},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, comment.Above(c.says, c.controls, c.paths)); diff != "" {
			t.Error(diff)
		}
	}
	for _, line := range comment.Above(long, nil, nil) {
		if len(line) > 100 {
			t.Errorf("a line of %d characters", len(line))
		}
	}
	if got := strings.Join(comment.Wrap(long), " "); !strings.EqualFold(got, strings.TrimSpace(long)) {
		t.Errorf("words were lost: %q", got)
	}
}
