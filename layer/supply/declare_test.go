package supply

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"fathom/control"
	"fathom/estate"
	"fathom/estate/read"
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

func readBack(t *testing.T, p *platform.Platform, list []render.Resource) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(files(t, p, list), []string{"."}, read.Options{})
	for _, x := range problems {
		t.Errorf("%v", x)
	}
	return e
}

// verdicts are the results of a control that are not Present, in words.
func verdicts(c control.Control, e *estate.Estate) []string {
	var out []string
	for _, r := range c.Check(e) {
		if r.Status != control.Present {
			out = append(out, fmt.Sprintf("%s: %s: %s", c.ID, r.Status, r.Summary+r.Reason))
		}
	}
	slices.Sort(out)
	return out
}

func TestPodsAreHard(t *testing.T) {
	p := small()
	e := readBack(t, p, declared(t, p))
	if got := verdicts(podHardening, e); len(got) > 0 {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	if n := len(estate.All[*estate.Workload](e)); n != len(p.Services) {
		t.Errorf("%d workloads for %d services", n, len(p.Services))
	}
}

func TestPriorityGoesToWhatIsCalled(t *testing.T) {
	p := small()
	got := map[string]string{}
	for i := range p.Services {
		got[p.Services[i].Name] = needed(p, &p.Services[i])
	}
	want := map[string]string{"front": "critical", "pay": "critical", "queue": "degraded"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
