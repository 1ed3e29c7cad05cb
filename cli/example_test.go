package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"fathom/audit"
)

// auditJSON audits paths as the command does, and decodes what it prints.
func auditJSON(t *testing.T, wantCode int, args ...string) audit.JSON {
	t.Helper()
	var out, errs bytes.Buffer
	env := System()
	env.Stdout, env.Stderr, env.TerminalErr = &out, &errs, false
	env.Now = func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) }
	if code := Run(context.Background(), append([]string{"audit", "--format", "json"}, args...), env); code != wantCode {
		t.Fatalf("exit code %d, want %d: %s", code, wantCode, errs.String())
	}
	var doc audit.JSON
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// The story of ShopNow "before" names these weaknesses; the audit finds each,
// at the line that makes it.
func TestTheExampleShowsEveryWeakness(t *testing.T) {
	const dir = "../examples/shopnow-before/"
	doc := auditJSON(t, 3, dir)
	for _, p := range doc.Problems {
		t.Errorf("problem: %+v", p)
	}
	for _, w := range []struct{ what, control, file, line string }{
		{"database open to the world", "network.no-open-ingress", "terraform/modules/database/main.tf", "cidr_blocks"},
		{"cache open to the world", "network.no-open-ingress", "terraform/modules/cache/main.tf", "cidr_blocks"},
		{"Kafka open to the world", "network.no-open-ingress", "terraform/modules/stream/main.tf", "cidr_ipv4"},
		{"nodes open on SSH and 443", "network.no-open-ingress", "terraform/modules/eks/nodes.tf", `cidr_blocks = ["0.0.0.0/0"]`},
		{"SSH to the nodes", "network.no-ssh", "terraform/modules/eks/nodes.tf", "cidr_blocks"},
		{"SSH to the bastion", "network.no-ssh", "terraform/bastion.tf", "cidr_blocks"},
		{"open egress of the nodes", "network.egress-deny", "terraform/modules/eks/nodes.tf", "cidr_blocks"},
		{"no role for any workload", "identity.irsa", "terraform/modules/eks/cluster.tf", `resource "aws_eks_cluster"`},
		{"a node role that may do everything on S3", "identity.node-role", "terraform/modules/eks/nodes.tf", "policy"},
		{"IMDSv1", "identity.node-role", "terraform/modules/eks/nodes.tf", "http_tokens"},
		{"plaintext between services", "mesh.mtls-strict", "", ""},
		{"plaintext to the cache", "mesh.store-tls", "terraform/modules/cache/main.tf", "transit_encryption_enabled"},
		{"plaintext to Kafka", "mesh.store-tls", "terraform/modules/stream/main.tf", "client_broker"},
		{"the WAF only counts", "edge.waf-enforcing", "terraform/edge.tf", ""},
		{"the WAF has no rate rules", "edge.rate-limit", "terraform/edge.tf", `resource "aws_wafv2_web_acl"`},
		{"the WAF keeps no logs", "edge.waf-logging", "terraform/edge.tf", `resource "aws_wafv2_web_acl"`},
		{"the ALB takes anybody", "edge.front-door", "terraform/edge.tf", "cidr_blocks"},
		{"no origin check on the ALB", "edge.origin-secret", "terraform/edge.tf", ""},
		{"an SSH bastion", "access.ssm-only", "terraform/bastion.tf", `resource "aws_instance"`},
		{"an unencrypted database", "data.at-rest", "terraform/modules/database/main.tf", "storage_encrypted"},
		{"an unencrypted cache", "data.at-rest", "terraform/modules/cache/main.tf", "at_rest_encryption_enabled"},
		{"a default key", "data.at-rest", "terraform/storage.tf", ""},
		{"a public bucket", "data.s3-private", "terraform/storage.tf", "acl"},
		{"a bucket without versions", "data.object-lock", "terraform/storage.tf", `resource "aws_s3_bucket"`},
		{"backups of a day", "data.backups", "terraform/modules/database/main.tf", "backup_retention_period"},
		{"static CI keys", "supply.ci-oidc", "terraform/ci.tf", `resource "aws_iam_access_key"`},
		{"no image signature admission", "supply.admission", "", ""},
		{"mutable tags", "supply.immutable-tags", "terraform/ci.tf", "image_tag_mutability"},
		{"no scan on push", "supply.scan-on-push", "terraform/ci.tf", "scan_on_push"},
		{"a privileged container", "supply.pod-hardening", "k8s/overlays/production/log-shipper.yaml", ""},
		{"no trail", "response.trail", "terraform/providers.tf", `provider "aws"`},
		{"no GuardDuty", "response.guardduty", "terraform/providers.tf", `provider "aws"`},
		{"no flow logs", "network.flow-logs", "terraform/modules/vpc/main.tf", `resource "aws_vpc"`},
		{"no NetworkPolicy", "network.pod-policy", "k8s/base/namespace.yaml", ""},
		{"the cluster API in the open", "network.cluster-private", "terraform/modules/eks/cluster.tf", ""},
		{"passwords in the files", "data.secrets", "terraform/modules/database/main.tf", "master_password"},
	} {
		found := slices.ContainsFunc(doc.Findings, func(f audit.JSONFinding) bool {
			return (f.Control == w.control || slices.Contains(f.Also, w.control)) &&
				(w.file == "" || f.File == dir+w.file) && strings.Contains(sourceLine(t, f.File, f.Line), w.line)
		})
		if !found {
			t.Errorf("%s: no finding of %s in %s at a line with %q", w.what, w.control, w.file, w.line)
		}
	}
	for _, f := range doc.Findings {
		if f.File == "" || f.Line == 0 || f.Fix == "" || f.Summary == "" || len(f.Evidence) == 0 {
			t.Errorf("a finding without a line, a sentence, a fix or evidence: %+v", f)
		}
	}
}

func sourceLine(t *testing.T, file string, line int) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if line < 1 || line > len(lines) {
		t.Fatalf("%s has no line %d", file, line)
	}
	return lines[line-1]
}

// The secrets of the example do not appear in what the audit prints.
func TestSecretsAreNotPrinted(t *testing.T) {
	doc := auditJSON(t, 3, "../examples/shopnow-before/")
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range secretsOfTheExample(t) {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the report shows the secret %q", secret)
		}
	}
}

// secretsOfTheExample reads the values of the Secret manifest.
func secretsOfTheExample(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../examples/shopnow-before/k8s/base/secret.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	_, data, _ := strings.Cut(string(text), "stringData:\n")
	for _, line := range strings.Split(strings.TrimSpace(data), "\n") {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok && !strings.HasSuffix(name, "USERNAME") {
			out = append(out, strings.Trim(value, `"' `))
		}
	}
	if len(out) == 0 {
		t.Fatal("the example has no secrets any more")
	}
	return out
}

// backwards is a file system that lists every directory in reverse.
type backwards struct{ diskFS }

func (b backwards) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := b.diskFS.ReadDir(name)
	slices.Reverse(entries)
	return entries, err
}

// The same input gives the same bytes, in any order of files and paths.
func TestOutputIsByteIdentical(t *testing.T) {
	const dir = "../examples/shopnow-before/"
	run := func(fsys fs.FS, format string, paths ...string) string {
		var out, errs bytes.Buffer
		env := System()
		env.FS, env.Stdout, env.Stderr, env.Terminal, env.TerminalErr = fsys, &out, &errs, false, false
		Run(context.Background(), append([]string{"audit", "--format", format}, paths...), env)
		return out.String() + errs.String()
	}
	for _, format := range []string{"text", "json", "sarif"} {
		want := run(diskFS{}, format, dir+"terraform", dir+"k8s", dir+"charts")
		if len(want) < 1000 {
			t.Fatalf("%s: hardly anything is printed: %s", format, want)
		}
		for name, got := range map[string]string{
			"again":                run(diskFS{}, format, dir+"terraform", dir+"k8s", dir+"charts"),
			"paths the other way":  run(diskFS{}, format, dir+"charts", dir+"k8s", dir+"terraform"),
			"files the other way":  run(backwards{}, format, dir+"terraform", dir+"k8s", dir+"charts"),
			"a path given twice":   run(diskFS{}, format, dir+"terraform", dir+"k8s", dir+"charts", dir+"k8s"),
			"a path and one below": run(diskFS{}, format, dir+"terraform", dir+"k8s", dir+"charts", dir+"terraform/modules/vpc"),
		} {
			if got != want {
				t.Errorf("%s, %s: the output differs", format, name)
			}
		}
	}
}

func TestTheExamplesSARIFIsValid(t *testing.T) {
	var out, errs bytes.Buffer
	env := System()
	env.Stdout, env.Stderr, env.Terminal, env.TerminalErr = &out, &errs, false, false
	Run(context.Background(), []string{"audit", "--format", "sarif", "../examples/shopnow-before"}, env)
	doc, err := sarif.FromBytes(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(); err != nil {
		t.Error(err)
	}
	if n := len(doc.Runs[0].Results); n < 50 {
		t.Errorf("only %d results", n)
	}
}
