package draft_test

import (
	"fmt"
	"strings"
	"testing"
)

// A draft that would be longer with its comments than a declaration may be has
// short ones.
func TestALargeEstate(t *testing.T) {
	var b strings.Builder
	b.WriteString("-- k8s.yaml --\n")
	const services = 700
	for i := range services {
		b.WriteString(deployment(fmt.Sprint("s", i), fmt.Sprintf(`          env: [{name: A_URL, value: "http://s%d:80"}]`, (i+1)%services)))
	}
	d, p := drafted(t, tree(b.String()))
	if len(p.Services) != services || !strings.Contains(string(d.Text), "could not tell\n") {
		t.Errorf("%d services, %d bytes", len(p.Services), len(d.Text))
	}
}
