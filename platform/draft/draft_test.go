package draft_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/platform"
	"fathom/platform/draft"
)

var update = flag.Bool("update", false, "write the golden files anew")

// drafted drafts the estate of a tree and parses the draft.
func drafted(t testing.TB, fsys fs.FS) (draft.Draft, *platform.Platform) {
	t.Helper()
	e, _ := read.Paths(fsys, []string{"."}, read.Options{})
	return parsed(t, draft.Of(e, draft.Options{Name: "directory"}))
}

func parsed(t testing.TB, d draft.Draft) (draft.Draft, *platform.Platform) {
	t.Helper()
	p, problems := platform.Parse("platform.yaml", d.Text, platform.Options{})
	for _, problem := range problems {
		t.Error(problem)
	}
	if p == nil {
		t.Fatalf("the draft is no declaration:\n%s", d.Text)
	}
	return d, p
}

func notes(d draft.Draft) string {
	var b strings.Builder
	for _, n := range d.Notes {
		fmt.Fprintln(&b, n.Error())
	}
	return b.String()
}

func serviceNames(p *platform.Platform) string {
	var out []string
	for i := range p.Services {
		out = append(out, p.Services[i].Name)
	}
	return strings.Join(out, " ")
}

func storeNames(p *platform.Platform) string {
	var out []string
	for i := range p.Stores {
		out = append(out, p.Stores[i].Name)
	}
	return strings.Join(out, " ")
}

// A grown estate: the draft has no problem, names what is really there, and
// says of everything else that it could not be told.
func TestAGrownEstate(t *testing.T) {
	d, p := drafted(t, os.DirFS("../../examples/shopnow-before"))
	if got := serviceNames(p); got != "orders payments search search-indexer" {
		t.Errorf("services %s", got)
	}
	if got := storeNames(p); got != "assets cache events invoices orders-db payments-db" {
		t.Errorf("stores %s", got)
	}
	for name, got := range map[string]string{"shopnow-before.yaml": string(d.Text), "shopnow-before.notes": notes(d)} {
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got; refresh with -update):\n%s", name, diff)
		}
	}
	for _, line := range strings.Split(string(d.Text), "\n") {
		if strings.Contains(line, "CHANGE-ME") && !strings.Contains(line, "# could not tell") {
			t.Errorf("an invented value without a comment: %s", line)
		}
	}
	if got := string(d.Text); strings.Contains(got, "0.0.0.0/0") || strings.Contains(got, "s3:*") {
		t.Errorf("the draft takes over what is not safe:\n%s", got)
	}
}

func TestTheOrderOfFilesChangesNothing(t *testing.T) {
	fsys := os.DirFS("../../examples/shopnow-before")
	one, _ := read.Paths(fsys, []string{"terraform", "k8s", "charts"}, read.Options{})
	two, _ := read.Paths(fsys, []string{"charts", "k8s", "terraform"}, read.Options{})
	a, b := draft.Of(one, draft.Options{}), draft.Of(two, draft.Options{})
	if !bytes.Equal(a.Text, b.Text) || notes(a) != notes(b) {
		t.Errorf("two drafts of one estate:\n%s", cmp.Diff(string(a.Text), string(b.Text)))
	}
}

// Where nothing is there, everything is invented, and says so.
func TestAnEmptyEstate(t *testing.T) {
	d, p := drafted(t, fstest.MapFS{"README.md": {Data: []byte("nothing\n")}})
	if p.Name != "directory" || len(p.Services) != 1 || len(p.Stores) != 0 {
		t.Errorf("got %s with %d services and %d stores", p.Name, len(p.Services), len(p.Stores))
	}
	for _, want := range []string{"platform.name: could not tell", "platform.region: could not tell", "services.change-me: could not tell", "edge.routes", "breakGlass.who"} {
		if !strings.Contains(notes(d), want) {
			t.Errorf("no note on %s in\n%s", want, notes(d))
		}
	}
}

// tree reads files that are parted by lines of "-- name --".
func tree(text string) fstest.MapFS {
	out := fstest.MapFS{}
	var name string
	for line := range strings.Lines(text) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "-- "); ok {
			name = strings.TrimSuffix(n, " --")
			out[name] = &fstest.MapFile{}
		} else if name != "" {
			out[name].Data = append(out[name].Data, line...)
		}
	}
	return out
}

// deployment writes one, in the namespace shop; more goes into its container.
func deployment(name, more string) string {
	return fmt.Sprintf(`---
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s, namespace: shop, labels: {owner: team, app.kubernetes.io/part-of: shop}}
spec:
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata: {labels: {app: %[1]s}}
    spec:
      containers:
        - name: %[1]s
          image: r.example/shop/%[1]s:1
          ports: [{name: http, containerPort: 8080}]
%[2]s
---
apiVersion: v1
kind: Service
metadata: {name: %[1]s, namespace: shop}
spec: {selector: {app: %[1]s}, ports: [{name: http, port: 80, targetPort: http}]}
`, name, more)
}

// Cardholder data is seen by one service, and the draft keeps it apart: what
// others do today is left out and said.
func TestCardholderDataGivesWayToTheChecker(t *testing.T) {
	d, p := drafted(t, tree(`-- main.tf --
resource "aws_db_instance" "cards" {
  identifier = "shop-cards"
  engine     = "postgres"
  tags       = { data-class = "pci" }
}
-- k8s.yaml --
`+deployment("payments", `          env: [{name: DB_HOST, value: shop-cards.abc.eu-west-1.rds.amazonaws.com}]`)+
		deployment("reports", `          env: [{name: DB_HOST, value: shop-cards.abc.eu-west-1.rds.amazonaws.com}]`)))
	st := p.Store("cards")
	if st == nil || !st.Isolate || st.Key != "own" {
		t.Fatalf("the store of cards is %+v in\n%s", st, d.Text)
	}
	if got := p.Data; len(got) != 1 || got[0].Class != platform.Cardholder || got[0].Tokenise != "payments" {
		t.Errorf("data %+v", got)
	}
	if len(p.Service("payments").Stores) != 1 || len(p.Service("reports").Stores) != 0 {
		t.Errorf("uses: payments %v, reports %v", p.Service("payments").Stores, p.Service("reports").Stores)
	}
	if !strings.Contains(notes(d), "reports uses cards today") {
		t.Errorf("nothing says that reports loses its store:\n%s", notes(d))
	}
}

// Who calls whom is told by rules before addresses, and an address that the
// rules refuse is said.
func TestCallsAreToldByRulesBeforeAddresses(t *testing.T) {
	rules := `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: b, namespace: shop}
spec:
  podSelector: {matchLabels: {app: b}}
  ingress: [{from: [{podSelector: {matchLabels: {app: a}}}]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: c, namespace: shop}
spec:
  selector: {matchLabels: {app: c}}
  rules:
    - from: [{source: {principals: [cluster.local/ns/shop/sa/a]}}]
      to: [{operation: {methods: [GET, HEAD], paths: [/items/*]}}]
    - from: [{source: {namespaces: [shop]}}]
`
	account := func(name string) string {
		return strings.Replace(deployment(name, ""), "    spec:\n      containers", "    spec:\n      serviceAccountName: "+name+"\n      containers", 1)
	}
	d, p := drafted(t, tree("-- k8s.yaml --\n"+account("a")+deployment("b", `          env: [{name: C_URL, value: "http://c.shop.svc:80/x"}, {name: D_HOST, value: d}, {name: MODE, value: a}]`)+account("c")+account("d")+rules))
	var got []string
	for i := range p.Services {
		for _, c := range p.Services[i].Calls {
			got = append(got, fmt.Sprint(p.Services[i].Name, " ", c.To, " ", c.Requests))
		}
	}
	want := []string{"a b []", "a c [{GET /items/*} {HEAD /items/*}]", "b d []"}
	if !slices.Equal(got, want) {
		t.Errorf("calls %q, want %q\n%s", got, want, d.Text)
	}
	for _, want := range []string{"C_URL of b names c, and the mesh refuses that call", "lets in the whole namespace shop"} {
		if !strings.Contains(notes(d), want) {
			t.Errorf("no note %q in\n%s", want, notes(d))
		}
	}
}

// A store that the network lets only some services reach is theirs; one that it
// lets everybody reach is nobody's for that.
func TestTheNetworkSaysOnlyWhatItDoesNotLetEverybodyDo(t *testing.T) {
	d, p := drafted(t, tree("-- k8s.yaml --\n"+deployment("a", "")+deployment("b", "")+`-- main.tf --
resource "aws_db_instance" "reports" {
  identifier = "shop-reports"
  engine     = "mysql"
}
`))
	if len(p.Stores) != 0 || !strings.Contains(string(d.Text), "# reports: {engine: mysql") {
		t.Errorf("stores %s in\n%s", storeNames(p), d.Text)
	}
	if !strings.Contains(notes(d), "aws_db_instance.reports is not in the draft: nobody is known to use it") {
		t.Errorf("notes\n%s", notes(d))
	}
}

// Where an Ingress is the only way in, it tells the domains and the routes; a
// workflow with an environment is what deploys.
func TestAnIngressAndAWorkflow(t *testing.T) {
	d, p := drafted(t, tree("-- k8s.yaml --\n"+deployment("web", "")+`---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  rules:
    - host: www.shop.example
      http:
        paths:
          - {path: /login, pathType: Exact, backend: {service: {name: web, port: {number: 80}}}}
          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
-- .github/workflows/test.yml --
on: push
jobs: {test: {runs-on: ubuntu-latest, steps: [{run: go test ./...}]}}
-- .github/workflows/ship.yml --
on: push
jobs: {ship: {runs-on: ubuntu-latest, environment: live, steps: [{run: kubectl apply -k .}]}}
`))
	var got []string
	for _, r := range p.Edge.Routes {
		got = append(got, fmt.Sprint(r.Path, " ", r.To, " ", r.Limit.Max))
	}
	if want := []string{"/login web 50", "/* web 0"}; !slices.Equal(got, want) || !slices.Equal(p.Edge.Domains, []string{"www.shop.example"}) || p.Edge.Zone != "shop.example" {
		t.Errorf("routes %q, domains %q in zone %q", got, p.Edge.Domains, p.Edge.Zone)
	}
	if !strings.Contains(notes(d), "edge.routes./login.limit: could not tell") {
		t.Errorf("nothing says that the limit of a login is invented:\n%s", notes(d))
	}
	if p.Pipeline.Workflow != "ship.yml" || p.Pipeline.Environment != "live" {
		t.Errorf("pipeline %+v", p.Pipeline)
	}
}

// A grant that is narrower than a whole store stays as narrow, and one with
// wildcards gives nothing.
func TestGrantsStayAsNarrowAsTheyAre(t *testing.T) {
	_, p := drafted(t, tree("-- k8s.yaml --\n"+strings.Replace(deployment("orders", ""), "    spec:\n      containers", "    spec:\n      serviceAccountName: orders\n      containers", 1)+`---
apiVersion: v1
kind: ServiceAccount
metadata: {name: orders, namespace: shop, annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::123456789012:role/orders"}}
-- main.tf --
resource "aws_s3_bucket" "invoices" { bucket = "shop-invoices" }
resource "aws_s3_bucket" "dumps" { bucket = "shop-dumps" }
resource "aws_s3_bucket" "reports" { bucket = "shop-reports" }
resource "aws_iam_role" "orders" {
  name               = "orders"
  assume_role_policy = "{}"
}
resource "aws_iam_role_policy" "orders" {
  role = aws_iam_role.orders.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = [aws_s3_bucket.invoices.arn, "${aws_s3_bucket.invoices.arn}/*"] },
      { Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::shop-dumps/orders/*" },
      { Effect = "Allow", Action = ["s3:*", "iam:PassRole"], Resource = "*" },
      { Effect = "Allow", Action = "iam:PassRole", Resource = "arn:aws:iam::123456789012:role/admin" },
    ]
  })
}
`))
	s := p.Service("orders")
	if len(s.Stores) != 1 || s.Stores[0].Store != "invoices" || s.Stores[0].Access != "read" {
		t.Errorf("uses %+v", s.Stores)
	}
	if len(s.AWS) != 1 || s.AWS[0].Text != "s3:PutObject on dumps/orders/*" {
		t.Errorf("permissions %+v", s.AWS)
	}
	if got := storeNames(p); got != "dumps invoices" {
		t.Errorf("stores %s", got)
	}
}

// Names that no declaration takes are mapped, each to another, and said.
func TestHostileNames(t *testing.T) {
	long := strings.Repeat("long", 75)
	names := []string{"Übergröße", "a: {b}", "- x # y", "new\nline: true", long, long + "r", "true", "1st", "", "&anchor *alias", "x", "X", "\x1b[31m", "edge"}
	var rs []estate.Resource
	for i, n := range names {
		w := &estate.Workload{Object: estate.Object{
			Base: estate.Base{ID: estate.ID{Addr: fmt.Sprint("Deployment/", i)}, Pos: diag.At("k.yaml", i+1, 1)},
			Kind: "Deployment", Name: n, Namespace: n, Labels: map[string]string{"owner": n, "data-class": n, "app.kubernetes.io/part-of": n},
		}, PodLabels: map[string]string{"app": n}}
		w.Pod.Containers = []corev1.Container{{Name: n, Image: n, Env: []corev1.EnvVar{{Name: n, Value: "https://" + n}, {Name: "BUCKET", Value: n}}}}
		rs = append(rs, w, &estate.Bucket{
			Base:       estate.Base{ID: estate.ID{Addr: fmt.Sprint("aws_s3_bucket.b", i)}, Pos: diag.At("m.tf", i+1, 1)},
			BucketName: estate.Known(n, diag.Pos{}),
		})
	}
	d, p := parsed(t, draft.Of(estate.New(rs, nil, nil, nil), draft.Options{Name: long}))
	if len(p.Services) != len(names) {
		t.Errorf("%d services of %d are in the draft: %s", len(p.Services), len(names), serviceNames(p))
	}
	for _, n := range d.Notes {
		if strings.ContainsAny(n.Error(), "\x1b\n") {
			t.Errorf("a note does something to a terminal: %q", n.Error())
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("orders", "orders-db", "http://payments:8080", "personal")
	f.Add("a: b\n- c", "x${y}", "redis://:p@h:1/0, k:9092", "{}")
	f.Add("", "logs", "*.example.com", "cardholder")
	f.Add("\"'\\\t\x00", "true", "https://[::1]:443/", "fathom:data")
	f.Fuzz(func(t *testing.T, name, bucket, value, class string) {
		w := &estate.Workload{Object: estate.Object{
			Base: estate.Base{ID: estate.ID{Addr: "Deployment/" + name}}, Kind: "Deployment", Name: name, Namespace: class,
			Labels: map[string]string{"team": class, "fathom.dev/data": class, "data-class": class}, Annotations: map[string]string{"fathom.dev/run": value, "fathom.dev/priority": class},
		}, PodLabels: map[string]string{"app": "x"}}
		w.Pod.Containers = []corev1.Container{{Name: name, Image: bucket, Env: []corev1.EnvVar{{Name: "A_URL", Value: value}, {Name: "B", Value: bucket}}}}
		k := &estate.Service{Object: estate.Object{Base: estate.Base{ID: estate.ID{Addr: "Service/" + name}}, Name: value, Namespace: class}}
		k.Spec.Selector = map[string]string{"app": "x"}
		b := &estate.Bucket{Base: estate.Base{ID: estate.ID{Addr: "aws_s3_bucket." + bucket}}, BucketName: estate.Known(bucket, diag.Pos{})}
		zone := &estate.HostedZone{Base: estate.Base{ID: estate.ID{Addr: "aws_route53_zone.z"}}, Zone: estate.Known(value, diag.Pos{})}
		group := &estate.Group{Base: estate.Base{ID: estate.ID{Addr: "aws_iam_group.g"}}, GroupName: estate.Known(name, diag.Pos{})}
		other := *w
		other.ID.Addr, other.Name = "Deployment/other", name+"-"
		parsed(t, draft.Of(estate.New([]estate.Resource{w, &other, k, b, zone, group}, nil, nil, nil), draft.Options{Name: class}))
	})
}
