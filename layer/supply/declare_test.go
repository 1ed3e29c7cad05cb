package supply

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"fathom/control"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

func digest(c string) string { return "sha256:" + strings.Repeat(c, 64) }

// small is a platform of three services: one behind a critical route, one that
// it calls and that stands apart, one that speaks tcp.
func small() *platform.Platform {
	svc := func(name, c string) platform.Service {
		return platform.Service{
			Name: name, Namespace: "shop", Owner: "team-" + name, Port: 8080, Protocol: "http", Health: "/healthz",
			Image:    platform.Image{Repository: "shop/" + name, Digest: digest(c)},
			Replicas: platform.Range{Min: 2, Max: 10}, CPU: "250m", Memory: "256Mi",
		}
	}
	front, pay, queue := svc("front", "a"), svc("pay", "b"), svc("queue", "c")
	front.Calls = []platform.Call{{To: "pay"}}
	front.Handles = []string{"email"}
	pay.Namespace, pay.Isolate, pay.Protocol, pay.Port = "pay", true, "grpc", 9000
	queue.Protocol, queue.Port = "tcp", 7000
	return &platform.Platform{
		Name: "shop", Region: "eu-west-1", BackupRegion: "eu-central-1", Account: "111111111111",
		Network:  platform.Network{CIDR: "10.20.0.0/16", Zones: []string{"a", "b", "c"}, NAT: "zone"},
		Cluster:  platform.Cluster{Version: "1.35", Instance: "m7g.large", Nodes: platform.Range{Min: 3, Max: 9}},
		Mesh:     platform.Mesh{Version: "1.31.1", Proxy: platform.Image{Repository: "istio/proxyv2", Digest: digest("d")}, TrustDomain: "cluster.local"},
		Edge:     platform.Edge{Routes: []platform.Route{{Path: "/checkout", To: "front", Priority: "critical"}, {Path: "/", To: "front", Priority: "sheddable"}}},
		Data:     []platform.Data{{Name: "email", Class: platform.Personal}},
		Services: []platform.Service{front, pay, queue},
		Pipeline: platform.Pipeline{Repo: "acme/shop", RepoID: "1", OwnerID: "2", Branch: "main", Workflow: "release.yml", Environment: "production"},
	}
}

func declared(t *testing.T, p *platform.Platform) []render.Resource {
	t.Helper()
	list, err := declare(p)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// files are what the layer alone renders, by path.
func files(t *testing.T, p *platform.Platform, list []render.Resource) fstest.MapFS {
	t.Helper()
	fs, err := render.Files(p, []render.Part{{Layer: "supply", Resources: list}})
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for _, f := range fs {
		out[f.Path] = &fstest.MapFile{Data: f.Content}
	}
	return out
}

// readBack reads what the layer alone renders. What other layers own is missing
// then; anything else that the readers have to say is a mistake.
func readBack(t *testing.T, p *platform.Platform, list []render.Resource) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(files(t, p, list), []string{"."}, read.Options{})
	for _, x := range problems {
		if !strings.HasSuffix(x.Summary, "is not declared") {
			t.Errorf("%v", x)
		}
	}
	return e
}

// example parses one of the repository's declarations.
func example(t *testing.T, name string) *platform.Platform {
	t.Helper()
	file := "../../examples/" + name + "/platform.yaml"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, problems := platform.Parse(file, text, platform.Options{Today: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

func TestEveryControlIsPresent(t *testing.T) {
	platforms := map[string]*platform.Platform{"small": small(), "shopnow": example(t, "shopnow"), "bazaar": example(t, "bazaar")}
	for name, p := range platforms {
		t.Run(name, func(t *testing.T) {
			e := readBack(t, p, declared(t, p))
			for _, c := range Layer().Controls {
				results := c.Check(e)
				if len(results) == 0 {
					t.Errorf("%s has nothing to guard", c.ID)
				}
				for _, r := range results {
					if r.Status != control.Present {
						t.Errorf("%s: %s: %s%s", c.ID, r.Status, r.Summary, r.Reason)
					}
				}
			}
			if n := len(estate.All[*estate.Workload](e)); n != len(p.Services)+1 { // and Falco
				t.Errorf("%d workloads for %d services", n, len(p.Services))
			}
		})
	}
}

func TestPriorityGoesToWhatIsCalled(t *testing.T) {
	p := small()
	want := map[string]string{"front": "critical", "pay": "critical", "queue": "degraded"}
	if d := cmp.Diff(want, worth(p)); d != "" {
		t.Error(d)
	}
}

// printed are the resources as they are written, by address.
func printed(t *testing.T, list []render.Resource) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range list {
		text := ""
		switch r := r.(type) {
		case *terraform.Block:
			text = string(terraform.PrintBlock(r))
		case *kubernetes.Object:
			b, err := kubernetes.Print([]*kubernetes.Object{r})
			if err != nil {
				t.Fatal(err)
			}
			text = string(b)
		case *render.Text:
			text = r.Content
		}
		if _, twice := out[r.Address()]; twice {
			t.Errorf("%s is rendered twice", r.Address())
		}
		out[r.Address()] = text
	}
	return out
}

func TestDeterministic(t *testing.T) {
	first := printed(t, declared(t, example(t, "bazaar")))
	for range 3 {
		if d := cmp.Diff(first, printed(t, declared(t, example(t, "bazaar")))); d != "" {
			t.Fatal(d)
		}
	}
}

// A service more adds what is its own and touches nothing else.
func TestAServiceMore(t *testing.T) {
	for _, apart := range []bool{false, true} {
		p := small()
		before := printed(t, declared(t, p))
		s := p.Services[0]
		s.Name, s.Image.Repository, s.Calls, s.Isolate = "zebra", "shop/zebra", nil, apart
		if apart {
			s.Namespace = "zebra"
		}
		p.Services = append(p.Services, s)
		after := printed(t, declared(t, p))
		added := 0
		for address, text := range after {
			old, known := before[address]
			if !known {
				added++
				if !strings.Contains(address, "zebra") {
					t.Errorf("apart=%v: %s is new and not the service's own", apart, address)
				}
				continue
			}
			if d := cmp.Diff(old, text); d != "" {
				t.Errorf("apart=%v: %s has changed:\n%s", apart, address, d)
			}
		}
		if added == 0 || len(after) != len(before)+added {
			t.Errorf("apart=%v: %d resources, then %d, %d of them new", apart, len(before), len(after), added)
		}
	}
}

// What somebody takes away or weakens, a check sees.
func TestMutationsAreSeen(t *testing.T) {
	const release, policy = ".github/workflows/release.yml", "ImageValidatingPolicy.policies.kyverno.io//shop-signed-images"
	for _, x := range []struct {
		name, address, old, new string // without old the resource is dropped
		control                 control.Control
	}{
		{name: "no policy verifies", address: policy, control: signedImages},
		{name: "it only reports", address: policy, old: "- Deny", new: "- Audit", control: admission},
		{name: "it fails open", address: policy, old: "failurePolicy: Fail", new: "failurePolicy: Ignore", control: admission},
		{name: "another registry", address: policy, old: "111111111111.dkr", new: "999999999999.dkr", control: admission},
		{name: "nobody asks for an SBOM", address: policy, old: "attestations:", new: "attestation:", control: sbom},
		{name: "a policy is not bound", address: "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io//shop-images", control: admission},
		{name: "a binding only warns", address: "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io//shop-pods", old: "- Deny", new: "- Warn", control: admission},
		{name: "the sensor is gone", address: "DaemonSet.apps/falco/falco", control: runtimeDetection},
		{name: "tags can be moved", address: "aws_ecr_repository.shop_front", old: "IMMUTABLE", new: "MUTABLE", control: immutableTags},
		{name: "scanned by hand", address: "aws_ecr_registry_scanning_configuration.main", old: "CONTINUOUS_SCAN", new: "MANUAL", control: scanOnPush},
		{name: "any branch deploys", address: "aws_iam_role.deploy", old: "environment:production", new: "*", control: ciOIDC},
		{name: "an old image of nodes", address: "aws_eks_node_group.general", old: "BOTTLEROCKET_ARM_64", new: "AL2_ARM_64", control: immutableNodes},
		{name: "no limit", address: "Deployment.apps/shop/front", old: "limits:", new: "requests:", control: podHardening},
		{name: "holes stop nothing", address: release, old: "fail-build: true", new: "fail-build: false", control: scanOnPush},
		{name: "code is not scanned", address: release, old: "codeql-action/analyze", new: "codeql-action/other", control: codeGates},
		{name: "nothing is signed", address: release, old: "cosign ", new: "echo ", control: signedImages},
	} {
		t.Run(x.name, func(t *testing.T) {
			p := small()
			tree := files(t, p, declared(t, p))
			found := false
			for name, f := range tree {
				for _, r := range declared(t, p) {
					if r.Address() != x.address {
						continue
					}
					text := printed(t, []render.Resource{r})[x.address]
					if !strings.Contains(string(f.Data), text) {
						continue
					}
					changed := ""
					if x.old != "" {
						changed = strings.ReplaceAll(text, x.old, x.new)
					}
					found = changed != text
					f.Data = []byte(strings.Replace(string(f.Data), text, changed, 1))
				}
				if len(strings.TrimSpace(string(f.Data))) == 0 {
					delete(tree, name)
				}
			}
			if !found {
				t.Fatalf("%s has no %q", x.address, x.old)
			}
			if strings.HasPrefix(x.address, "aws_ecr_registry") { // Inspector alone scans, too
				dropInspector(tree)
			}
			e, _ := read.Paths(tree, []string{"."}, read.Options{})
			for _, r := range x.control.Check(e) {
				if r.Status != control.Present {
					return
				}
			}
			t.Errorf("%s is present all the same", x.control.ID)
		})
	}
}

func dropInspector(tree fstest.MapFS) {
	f := tree["terraform/supply.tf"]
	f.Data = []byte(strings.Replace(string(f.Data), `resource_types = ["ECR"]`, `resource_types = ["EC2"]`, 1))
}

func TestISARM(t *testing.T) {
	for instance, want := range map[string]bool{
		"m7g.large": true, "c7gn.xlarge": true, "t4g.small": true, "a1.large": true, "x2gd.medium": true, "im4gn.large": true, "g5g.xlarge": true,
		"m7i.xlarge": false, "m7i-flex.large": false, "g5.xlarge": false, "t3.micro": false, "c6a.large": false, "m5.large": false,
	} {
		if got := isARM(instance); got != want {
			t.Errorf("isARM(%q) = %v", instance, got)
		}
	}
}

// Each protocol is asked for its health in its own way, and told to Istio.
func TestProtocols(t *testing.T) {
	p := small()
	text := printed(t, declared(t, p))
	for service, want := range map[string][2]string{
		"shop/front": {"httpGet:", "appProtocol: http"}, "pay/pay": {"grpc:\n            port: 9000", "appProtocol: grpc"}, "shop/queue": {"tcpSocket:", "appProtocol: tcp"},
	} {
		if d := text["Deployment.apps/"+service]; strings.Count(d, want[0]) != 3 {
			t.Errorf("%s: not three probes with %q:\n%s", service, want[0], d)
		}
		if s := text["Service./"+service]; !strings.Contains(s, want[1]) {
			t.Errorf("%s: no %q", service, want[1])
		}
	}
	if !strings.Contains(text["Deployment.apps/pay/pay"], "nodeSelector:\n        apart: \"true\"") {
		t.Error("pay does not stand apart")
	}
	if strings.Contains(text["Deployment.apps/shop/front"], "tolerations") {
		t.Error("front goes where others stand apart")
	}
}

// many is a platform of n services, each calling the one before.
func many(n int) *platform.Platform {
	p := small()
	base := p.Services[0]
	p.Services = nil
	for i := range n {
		s := base
		s.Name = "svc-" + strings.Repeat("0", 4-len(strconv.Itoa(i))) + strconv.Itoa(i)
		s.Image.Repository = "shop/" + s.Name
		s.Calls = nil
		if i > 0 {
			s.Calls = []platform.Call{{To: p.Services[i-1].Name}}
		}
		p.Services = append(p.Services, s)
	}
	return p
}

func BenchmarkDeclare(b *testing.B) {
	for _, n := range []int{30, 300} {
		b.Run("services="+strconv.Itoa(n), func(b *testing.B) {
			p := many(n)
			for b.Loop() {
				if _, err := declare(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
