package netpol

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fathom/engine/reach/flow"
)

// words writes a selector: "app=orders and tier in (a, b)"; "" for one that
// chooses everything.
func (s selector) words() string {
	var parts []string
	for _, r := range s {
		parts = append(parts, r.words())
	}
	return strings.Join(parts, " and ")
}

func (r *requirement) words() string {
	switch {
	case r.op == metav1.LabelSelectorOpExists:
		return "a label " + r.key
	case r.op == metav1.LabelSelectorOpDoesNotExist:
		return "no label " + r.key
	case r.op == metav1.LabelSelectorOpNotIn && len(r.values) == 1:
		return r.key + "!=" + r.values[0]
	case r.op == metav1.LabelSelectorOpNotIn:
		return r.key + " not in (" + strings.Join(r.values, ", ") + ")"
	case len(r.values) == 1:
		return r.key + "=" + r.values[0]
	}
	return r.key + " in (" + strings.Join(r.values, ", ") + ")"
}

// words writes the pods a peer selects: "pods with app=orders", "namespace
// web", "pods with app=a in namespaces with team=b".
func (s *scope) words() string {
	pods := "pods"
	if w := s.pods.words(); w != "" {
		pods = "pods with " + w
	}
	switch where := s.where(); {
	case s.namespace != "" && len(s.pods) > 0:
		return pods
	case len(s.pods) > 0:
		return pods + " in " + where
	case s.namespace != "":
		return "pods of namespace " + s.namespace
	default:
		return "pods of " + where
	}
}

func (s *scope) where() string {
	switch {
	case len(s.spaces) == 0:
		return "any namespace"
	case len(s.spaces) == 1 && s.spaces[0].key == nameLabel && s.spaces[0].op == metav1.LabelSelectorOpIn && len(s.spaces[0].values) == 1:
		return "namespace " + s.spaces[0].values[0]
	}
	return "namespaces with " + s.spaces.words()
}

// peers writes whom the rules are about: "pods with app=orders or 10.0.0.0/8";
// only a few of many.
func (c *Cluster) peers(rs []*rule, d direction) string {
	var parts []string
	for _, r := range rs {
		if r.anyone {
			return [...]string{ingress: "anyone", egress: "anywhere"}[d]
		}
		for i := range r.peers {
			w := r.peers[i].cidr
			if r.peers[i].scope >= 0 {
				w = c.scopes[r.peers[i].scope].words()
			}
			if !slices.Contains(parts, w) {
				parts = append(parts, w)
			}
		}
	}
	return few(parts, "or")
}

// few joins a few of many with commas and a last word.
func few(parts []string, last string) string {
	const most = 4
	if len(parts) > most {
		rest := len(parts) - (most - 1)
		parts = append(slices.Clone(parts[:most-1]), strconv.Itoa(rest)+" others")
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " " + last + " " + parts[len(parts)-1]
}

// ports writes the ports of rules: `TCP 80, TCP port "http"`.
func (c *Cluster) ports(rs []*rule) string {
	var all flow.Conns
	for _, r := range rs {
		all = all.Union(r.conns)
	}
	if all.All() {
		return all.String()
	}
	var parts []string
	if !all.Empty() {
		parts = append(parts, all.String())
	}
	for _, r := range rs {
		for _, n := range r.named {
			w := c.named[n].protocol.String() + " port " + strconv.Quote(c.named[n].name)
			if !slices.Contains(parts, w) {
				parts = append(parts, w)
			}
		}
	}
	return strings.Join(parts, ", ")
}

// names writes policies: "NetworkPolicy shop/a", "NetworkPolicies shop/a and
// shop/b".
func names(ps []*policy) string {
	var parts []string
	for _, p := range ps {
		parts = append(parts, p.of.Namespace+"/"+p.of.Name)
	}
	if len(parts) == 1 {
		return "NetworkPolicy " + parts[0]
	}
	return "NetworkPolicies " + few(parts, "and")
}

// called is what a pod is called in a sentence about a namespace.
func called(p *Pod, namespace string) string {
	if p.Of.Namespace == namespace {
		return p.Of.Name
	}
	return p.Of.Namespace + "/" + p.Of.Name
}

// outside is what an end that is no pod is called.
func outside(p Peer) string {
	if p.Node {
		return "the node"
	}
	return p.Addrs.String()
}

// likely are the labels by which people tell pods apart.
var likely = []string{"app.kubernetes.io/name", "app", "k8s-app", "name"}

// choose writes a selector that chooses a pod, for a policy of a namespace:
// "pods with app=search in namespace web". Labels that a policy already goes by
// are preferred.
func choose(p *Pod, namespace string, prefer []string) string {
	out := "all pods"
	for _, key := range append(slices.Clone(prefer), likely...) {
		if v, ok := p.Of.PodLabels[key]; ok {
			out = "pods with " + key + "=" + v
			break
		}
	}
	if out == "all pods" && len(p.Of.PodLabels) > 0 {
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(p.Of.PodLabels)) {
			parts = append(parts, key+"="+p.Of.PodLabels[key])
		}
		out = "pods with " + strings.Join(parts, " and ")
	}
	if p.Of.Namespace != namespace {
		out += " in namespace " + p.Of.Namespace
	}
	return out
}
