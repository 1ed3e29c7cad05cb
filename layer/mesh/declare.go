package mesh

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// declare renders the mesh: who signs its certificates, that there is no
// plaintext, who may ask what of whom, how much is sent to each service, where
// requests go out, and the gateway by which they come in.
func declare(p *platform.Platform) ([]render.Resource, error) {
	d := &declaration{p: p}
	d.authority()
	d.collector()
	d.issuer()
	d.installation()
	d.everywhere()
	for _, ns := range namespacesOf(p) {
		d.nothing(ns)
		d.awsEntry(ns)
	}
	for i := range p.Services {
		s := &p.Services[i]
		d.callers(s)
		d.destination(s)
		d.retries(s)
		d.reach(s)
	}
	d.hosts()
	d.stores()
	d.gateway()
	return d.out, nil
}

type declaration struct {
	p   *platform.Platform
	out []render.Resource
	// worth is the index in loads of each service that a route leads to, or that
	// such a one calls.
	worth map[string]int
}

func (d *declaration) tf(b *terraform.Block) *terraform.Block {
	d.out = append(d.out, b)
	return b
}

func (d *declaration) object(o *kubernetes.Object) *kubernetes.Object {
	d.out = append(d.out, o)
	return o
}

// Shorthands of the printers.
var (
	attr = terraform.Set
	nest = terraform.Nest
	obj  = terraform.Obj
	m    = kubernetes.M
)

type list = kubernetes.L

// The groups of Istio's APIs.
const (
	networking = "networking.istio.io/v1"
	security   = "security.istio.io/v1"
)

// Labels of pods.
const (
	labelName = "app.kubernetes.io/name"
	labelPart = "app.kubernetes.io/part-of"
)

// namespacesOf are those of the services, and the gateway's, sorted.
func namespacesOf(p *platform.Platform) []string {
	out := []string{render.GatewayNamespace}
	for i := range p.Services {
		out = append(out, p.Services[i].Namespace)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// hostOf is the name of a service in the cluster.
func hostOf(s *platform.Service) string {
	return s.Name + "." + s.Namespace + ".svc.cluster.local"
}

// tcp says that the mesh sees no requests of a service, only connections.
func tcp(s *platform.Service) bool { return s.Protocol == "tcp" }

// selects is the matchLabels of a service's pods.
func selects(s *platform.Service) kubernetes.Map {
	return m("matchLabels", m(labelName, s.Name))
}

// short writes a duration as people do: 24h, 90m, 30s.
func short(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	case d%time.Minute == 0:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	}
	return strconv.Itoa(int(d/time.Second)) + "s"
}

// hub is where Istio's own images lie: beside the proxy's.
func hub(p *platform.Platform) string {
	return path.Join(render.Registry(p), path.Dir(p.Mesh.Proxy.Repository))
}

// callsAWS says whether a service asks AWS for anything, by its API.
func callsAWS(s *platform.Service) bool { return len(s.Stores)+len(s.AWS) > 0 }

// word makes a name of an object of a host or a port: letters, digits, dashes.
func word(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(s)), "-")
}

// comment puts a # before each line.
func comment(says string) string {
	return "# " + strings.ReplaceAll(says, "\n", "\n# ") + "\n"
}
