package supply

import (
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"fathom/control"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
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

var declared, printed = layertest.Of(Layer())

// files are what the layer alone renders, by path.
func files(t *testing.T, p *platform.Platform, list []render.Resource) fstest.MapFS {
	t.Helper()
	return layertest.Tree(t, p, render.Part{Layer: "supply", Resources: list})
}

// readBack reads what the layer alone renders.
func readBack(t *testing.T, p *platform.Platform) *estate.Estate {
	t.Helper()
	return layertest.Alone(t, files(t, p, declared(t, p)))
}

func TestEveryControlIsPresent(t *testing.T) {
	platforms := map[string]*platform.Platform{"small": small(), "shopnow": layertest.Platform(t, "shopnow"), "bazaar": layertest.Platform(t, "bazaar")}
	for name, p := range platforms {
		t.Run(name, func(t *testing.T) {
			e := readBack(t, p)
			layertest.Present(t, Layer(), e)
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

func TestDeterministic(t *testing.T) { layertest.SameEveryTime(t, Layer()) }

// A service more adds what is its own and touches nothing else.
func TestAServiceMore(t *testing.T) {
	for _, apart := range []bool{false, true} {
		p := small()
		before := printed(t, p)
		s := p.Services[0]
		s.Name, s.Image.Repository, s.Calls, s.Isolate = "zebra", "shop/zebra", nil, apart
		if apart {
			s.Namespace = "zebra"
		}
		p.Services = append(p.Services, s)
		layertest.Changes(t, before, printed(t, p), "+*zebra*")
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
					text := layertest.Text(t, r)
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
	text := printed(t, p)
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
