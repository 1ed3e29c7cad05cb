package netpol

import (
	"slices"
	"strconv"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// class is the pods that no policy tells apart: the same policies select them,
// the same peers of rules find them, and named ports resolve alike.
type class struct {
	number int
	host   bool
	// found says by which scopes the pods are found (places in Cluster.scopes).
	found []estate.Truth
	// named are the connections that named ports stand for on these pods.
	named []flow.Conns
	// sure are the policies that isolate the pods for sure, unsure those that
	// may, by direction.
	sure, unsure [2][]*policy
	doubts       doubts
}

// doubts says what makes answers about pods doubtful besides the policies that
// could be read.
type doubts struct {
	// hidden says why there may be more NetworkPolicies.
	hidden string
	// foreign says why something else than NetworkPolicies decides.
	foreign string
}

func (d doubts) or(o doubts) doubts {
	if d.hidden == "" {
		d.hidden = o.hidden
	}
	if d.foreign == "" {
		d.foreign = o.foreign
	}
	return d
}

// classify puts the pods into classes.
func (c *Cluster) classify(e *estate.Estate, policies map[string][]*policy) {
	by := map[string]*class{}
	for _, p := range c.pods {
		if _, seen := c.space[p.Of.Namespace]; !seen {
			c.space[p.Of.Namespace] = namespaceLabels(e, p.Of.Namespace)
		}
		k, key := c.treat(p, policies[p.Of.Namespace])
		if by[key] == nil {
			k.number = len(c.classes)
			by[key] = k
			c.classes = append(c.classes, k)
		}
		p.class = by[key]
	}
}

// treat says how policies treat a pod, and a key that tells apart pods that
// are treated differently.
func (c *Cluster) treat(p *Pod, policies []*policy) (*class, string) {
	k := &class{host: p.HostNetwork(), found: make([]estate.Truth, len(c.scopes)), doubts: c.all}
	var key strings.Builder
	for i, s := range c.scopes {
		k.found[i] = s.holds(c, p)
		key.WriteByte('0' + byte(k.found[i]))
	}
	for _, n := range c.named {
		var on flow.Conns
		number, ok := p.Port(n.protocol, n.name)
		if ok {
			on = flow.Ports(n.protocol, number, number)
		}
		k.named = append(k.named, on)
		key.WriteString("," + strconv.Itoa(number))
	}
	for i, pol := range policies {
		chosen := pol.selects(p)
		if chosen == estate.No {
			continue
		}
		key.WriteString(";" + p.Of.Namespace + "/" + strconv.Itoa(i) + strconv.Itoa(int(chosen)))
		for _, d := range []direction{ingress, egress} {
			switch {
			case !pol.isolates[d]:
			case chosen == estate.Yes && pol.doubt == "":
				k.sure[d] = append(k.sure[d], pol)
			default:
				k.unsure[d] = append(k.unsure[d], pol)
			}
		}
	}
	if d := c.spaces[p.Of.Namespace]; d != nil {
		k.doubts = d.or(k.doubts)
		key.WriteString("@" + p.Of.Namespace)
	}
	if k.host {
		key.WriteString("h")
	}
	return k, key.String()
}

// findDoubts finds the policies of other kinds, and those that could not be
// read.
func (c *Cluster) findDoubts(e *estate.Estate, o Options) {
	if why := e.MayHideKubernetes(); why != "" && !o.AsWritten {
		c.all.hidden = why
	}
	for _, obj := range estate.All[*estate.Object](e) {
		group, _, _ := strings.Cut(obj.APIVersion, "/")
		d := &c.all
		if obj.Namespace != "" {
			if c.spaces[obj.Namespace] == nil {
				c.spaces[obj.Namespace] = &doubts{}
			}
			d = c.spaces[obj.Namespace]
		}
		switch {
		case obj.Kind == "NetworkPolicy" && slices.Contains([]string{"networking.k8s.io", "extensions"}, group):
			*d = d.or(doubts{hidden: name(obj) + " could not be read"})
		case slices.Contains(foreign[group], obj.Kind):
			*d = d.or(doubts{foreign: name(obj) + " (" + group + ") decides too, and policies of that kind are not evaluated"})
		}
	}
	for space, d := range c.spaces {
		if *d == (doubts{}) {
			delete(c.spaces, space)
		}
	}
}

// foreign are kinds that decide about packets too, by their group. Those of
// Calico that are only staged decide nothing.
var foreign = map[string][]string{
	"policy.networking.k8s.io": {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"},
	"cilium.io":                {"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"},
	"projectcalico.org":        {"NetworkPolicy", "GlobalNetworkPolicy"},
	"crd.projectcalico.org":    {"NetworkPolicy", "GlobalNetworkPolicy"},
	"crd.antrea.io":            {"NetworkPolicy", "ClusterNetworkPolicy"},
	"networking.k8s.aws":       {"ApplicationNetworkPolicy", "ClusterNetworkPolicy"},
	"networking.gke.io":        {"FQDNNetworkPolicy"},
	"k8s.ovn.org":              {"EgressFirewall"},
}

func name(o *estate.Object) string {
	if o.Namespace == "" {
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}
