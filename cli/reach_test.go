package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"fathom/engine/reach"
)

func runReach(t *testing.T, fsys fs.FS, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	env := System()
	env.FS, env.Stdout, env.Stderr, env.Terminal, env.TerminalErr = fsys, &out, &errs, false, false
	if code := Run(context.Background(), append([]string{"reach"}, args...), env); code != 0 {
		t.Fatalf("reach %v exits with %d: %s", args, code, errs.String())
	}
	return out.String()
}

const example = "../examples/shopnow-before"

// The story of ShopNow "before" says who reaches what; reach says by which rules.
func TestReachOnTheExample(t *testing.T) {
	for _, w := range []struct {
		from, to, answer string
		rules            []string
	}{
		{"internet", "store/orders-db", "yes: internet reaches store/orders-db on TCP 3306", []string{
			"publicly_accessible is true", "modules/database/main.tf:71",
			`lets in TCP 3306 from 0.0.0.0/0`, "modules/database/main.tf:21", "modules/vpc/main.tf:65",
		}},
		{"internet", "store/cache", "no: internet does not reach store/cache on TCP 6379", []string{"ElastiCache has none"}},
		{"internet", "node/bastion:22", "yes: ", []string{"lets in TCP 22 from 0.0.0.0/0", "bastion.tf"}},
		{"internet", "api/shopnow-production", "yes: ", []string{"modules/eks/cluster.tf"}},
		{"internet", "svc/orders", "yes: internet reaches svc/orders on TCP 8080", []string{"Ingress/shop/backoffice", "node port 30081"}},
		{"svc/search", "store/orders-db", "yes: ", []string{"no NetworkPolicy restricts what shop/search may call", `lets in TCP 3306 from 0.0.0.0/0`}},
		{"svc/search", "svc/payments", "yes: ", []string{"no NetworkPolicy restricts what shop/payments accepts"}},
		{"svc/search", "imds", "yes: ", []string{"http_tokens is optional", "modules/eks/nodes.tf:112"}},
		{"svc/orders", "internet", "yes: svc/orders reaches internet on every port", []string{"lets out all traffic to 0.0.0.0/0"}},
	} {
		out := runReach(t, diskFS{}, w.from, w.to, example, "--ways")
		if !strings.HasPrefix(out, w.answer) {
			t.Errorf("%s → %s: %.200s, want %s", w.from, w.to, out, w.answer)
		}
		for _, rule := range w.rules {
			if !strings.Contains(out, rule) {
				t.Errorf("%s → %s does not name %q:\n%s", w.from, w.to, rule, out)
			}
		}
	}
}

// The same input gives the same bytes, in any order of files and paths.
func TestReachIsByteIdentical(t *testing.T) {
	for _, args := range [][]string{{"internet", "svc/orders"}, {"--all"}, {"--all", "--format", "json"}, {"internet", "store/orders-db", "--format", "json"}} {
		paths := []string{example + "/terraform", example + "/k8s", example + "/charts"}
		want := runReach(t, diskFS{}, append(args, paths...)...)
		for range 2 {
			if got := runReach(t, backwards{}, append(args, paths[2], paths[1], paths[0])...); got != want {
				t.Fatalf("%v: the output differs", args)
			}
		}
	}
}

// What is printed as JSON has the exported form, and no secret of the files.
func TestReachJSON(t *testing.T) {
	text := runReach(t, diskFS{}, "internet", "svc/orders", example, "--format", "json")
	var doc reach.JSON
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if doc.Schema != reach.Schema || doc.Reaches != "yes" || len(doc.Answers) == 0 || len(doc.Answers[0].Ways) == 0 {
		t.Errorf("the document is %+v", doc)
	}
	for _, secret := range secretsOfTheExample(t) {
		if strings.Contains(text, secret) {
			t.Errorf("the answer shows the secret %q", secret)
		}
	}
}

func TestSplitPort(t *testing.T) {
	for _, tt := range []struct{ in, name, port string }{
		{"store/orders", "store/orders", ""},
		{"store/orders:5432", "store/orders", "5432"},
		{"svc/shop/orders:udp/53", "svc/shop/orders", "udp/53"},
		{"svc/orders:http", "svc/orders", "http"},
		{"2001:db8::1", "2001:db8::1", ""},
		{"2001:db8::/32", "2001:db8::/32", ""},
		{"[2001:db8::1]:443", "2001:db8::1", "443"},
		{"10.0.0.0/8:22", "10.0.0.0/8", "22"},
		{`aws_db_instance.a["x:y"]`, `aws_db_instance.a["x:y"]`, ""},
		{`aws_db_instance.a["x:y"]:22`, `aws_db_instance.a["x:y"]`, "22"},
		{":22", ":22", ""},
		{"store/orders:tcp/", "store/orders", "tcp/"},
		{"store/orders:icmp/8", "store/orders", "icmp/8"},
		{"store/orders:9999999", "store/orders", "9999999"},
		{`aws_db_instance.a["x:tcp/y"]`, `aws_db_instance.a["x:tcp/y"]`, ""},
	} {
		if name, port := splitPort(tt.in); name != tt.name || port != tt.port {
			t.Errorf("%s is %q and %q, want %q and %q", tt.in, name, port, tt.name, tt.port)
		}
	}
}
