package access

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"fathom/diag"
	"fathom/estate"
)

// node is one kind of node that pods may run on.
type node struct {
	name   string
	on     estate.Resource
	at     diag.Pos
	roles  []Principal
	role   diag.Pos // where its role is named
	labels map[string]string
	// pods says whether a pod with its own network reaches the metadata service,
	// host one that shares the node's. why and doubts say why, and why not known.
	pods, host estate.Truth
	why        string
	doubts     []Doubt
}

// nodes are the kinds of nodes of the estate: node groups, Karpenter's node
// classes, and instances that carry a role made for nodes.
func (w *World) nodes() []node {
	w.nodesOnce.Do(func() {
		for _, g := range estate.All[*estate.NodeGroup](w.e) {
			w.nodeList = append(w.nodeList, w.groupNode(g))
		}
		for _, o := range estate.All[*estate.Object](w.e) {
			if o.Kind == "EC2NodeClass" {
				w.nodeList = append(w.nodeList, w.classNode(o))
			}
		}
		w.nodeList = append(w.nodeList, w.ownNodes()...)
	})
	return w.nodeList
}

// groupNode is a managed node group.
func (w *World) groupNode(g *estate.NodeGroup) node {
	n := node{name: g.ID.Addr, on: g, at: g.Pos, roles: w.roles(&g.Base, g.Role), role: g.Role.Pos(), labels: map[string]string{}}
	for k, v := range g.Labels.Items {
		n.labels[k] = v.String()
	}
	n.labels["eks.amazonaws.com/nodegroup"] = w.named().text(&g.Base, g.Group)
	for i := range g.Template.Items {
		for _, ref := range []estate.Ref[*estate.LaunchTemplate]{g.Template.Items[i].ID, g.Template.Items[i].Name} {
			for _, t := range estate.To(w.e, ref) {
				n.answers(t.Metadata, w.metadataDefaults(&t.Base), t.ID.Addr, t.Pos)
				return n
			}
		}
	}
	if g.Template.Any() != estate.No {
		n.unknown(g.Template.At, "the launch template of "+n.name+" is not in what was read")
		return n
	}
	// EKS makes the template: hop limit 1 for Amazon Linux 2023 (EKS User Guide,
	// "Upgrade from Amazon Linux 2 to Amazon Linux 2023"), 2 and no need of
	// tokens for Amazon Linux 2.
	switch ami := w.imageOf(g); {
	case strings.HasPrefix(ami, "AL2023"):
		n.host, n.why = estate.Yes, "EKS starts "+ami+" nodes with hop limit 1"
	case strings.HasPrefix(ami, "AL2_"):
		n.pods, n.host, n.why = estate.Yes, estate.Yes, "EKS starts "+ami+" nodes with hop limit 2"
	default:
		n.unknown(g.Pos, "how the metadata service of "+n.name+" answers depends on its image, which is not known")
		n.host = estate.Yes
	}
	return n
}

// imageOf is the kind of image of a node group; Amazon Linux 2023 is the
// default from Kubernetes 1.30.
func (w *World) imageOf(g *estate.NodeGroup) string {
	if v, ok := g.AMI.Known(); ok {
		return v
	}
	if !g.AMI.Absent() {
		return ""
	}
	for _, c := range estate.To(w.e, g.Cluster) {
		v, _ := c.Version.Known()
		minor, found := strings.CutPrefix(v, "1.")
		if n, err := strconv.Atoi(minor); found && err == nil && n >= 30 {
			return "AL2023_x86_64_STANDARD"
		}
	}
	return ""
}

func (n *node) unknown(at diag.Pos, why string) {
	n.pods, n.host = estate.Maybe, estate.Maybe
	n.doubts = append(n.doubts, Doubt{at, why})
}

func (w *World) metadataDefaults(b *estate.Base) *estate.MetadataDefaults {
	for _, d := range estate.All[*estate.MetadataDefaults](w.e) {
		if w.named().provider(&d.Base) == w.named().provider(b) {
			return d
		}
	}
	return nil
}

// answers judges metadata options: a pod is one hop away, and IMDSv1, which
// answers without a token, has no limit of hops (EC2 User Guide, "Configure the
// instance metadata options"). What is written neither there nor as the
// account's default depends on the image.
func (n *node) answers(meta estate.Blocks[estate.MetadataOptions], d *estate.MetadataDefaults, name string, at diag.Pos) {
	var o estate.MetadataOptions
	if b := meta.One(); b != nil {
		o = *b
	}
	if d != nil && o.Tokens.Absent() {
		o.Tokens = d.Tokens
	}
	if d != nil && o.HopLimit.Absent() {
		o.HopLimit = d.HopLimit
	}
	if !meta.At.IsZero() {
		at = meta.At
	}
	n.at = at
	if o.Endpoint.Is("disabled") == estate.Yes {
		n.why = name + " has no metadata service"
		return
	}
	n.host = estate.Yes
	if o.Endpoint.Unknown() || meta.Why != "" && meta.One() == nil {
		n.host = estate.Maybe
	}
	v1, far := o.Tokens.Is("optional"), o.HopLimit.Test(func(hops int) bool { return hops >= 2 })
	switch {
	case v1 == estate.Yes:
		n.pods, n.at, n.why = estate.Yes, o.Tokens.Pos(), name+" answers IMDSv1 (http_tokens is optional)"
		if far == estate.Yes {
			n.why += ", and its hop limit is " + o.HopLimit.String()
		}
	case far == estate.Yes:
		n.pods, n.at, n.why = estate.Yes, o.HopLimit.Pos(), "the hop limit of "+name+" is "+o.HopLimit.String()
	case o.Tokens.Is("required") == estate.Yes && !o.HopLimit.Absent() && far == estate.No:
		n.why = name + " requires tokens, and its hop limit is " + o.HopLimit.String()
	default:
		n.pods, n.why = estate.Maybe, name+" may let pods reach its metadata service"
		n.doubts = append(n.doubts, Doubt{at, "how the metadata service of " + name + " answers pods is not all known: http_tokens is " + o.Tokens.String() + ", http_put_response_hop_limit " + o.HopLimit.String()})
	}
	n.pods = n.pods.And(n.host)
}

// classNode is a node class of Karpenter, which by itself requires tokens and
// has hop limit 1 (Karpenter, "NodeClasses", spec.metadataOptions).
func (w *World) classNode(o *estate.Object) node {
	n := node{name: o.ID.Addr, on: o, at: o.At("spec", "metadataOptions"), role: o.At("spec", "role"), host: estate.Yes}
	text := func(path ...string) string {
		s, _ := o.Manifest.At(append([]string{"spec"}, path...)...).Literal()
		return s
	}
	for _, i := range w.byName["role/"+text("role")] {
		n.roles = append(n.roles, w.principals[i])
	}
	if len(n.roles) == 0 && text("role") != "" {
		n.roles = []Principal{w.elsewhere(&o.Base, estate.Known(text("role"), n.role))}
	}
	hops, err := strconv.Atoi(text("metadataOptions", "httpPutResponseHopLimit"))
	switch tokens := text("metadataOptions", "httpTokens"); {
	case tokens != "" && tokens != "required":
		n.pods, n.at, n.why = estate.Yes, o.At("spec", "metadataOptions", "httpTokens"), n.name+" answers IMDSv1"
	case err == nil && hops >= 2:
		n.pods, n.at, n.why = estate.Yes, o.At("spec", "metadataOptions", "httpPutResponseHopLimit"), "the hop limit of "+n.name+" is "+strconv.Itoa(hops)
	default:
		n.why = n.name + " requires tokens, and its hop limit is 1"
	}
	return n
}

// ownNodes are instances outside of node groups that carry the role of a node.
func (w *World) ownNodes() []node {
	var out []node
	add := func(r estate.Resource, meta estate.Blocks[estate.MetadataOptions]) {
		for _, id := range w.IdentitiesOf(r) {
			if w.forNodes(id.Role) {
				n := node{name: r.Meta().ID.Addr, on: r, roles: []Principal{id.Role}, role: id.At}
				n.answers(meta, w.metadataDefaults(r.Meta()), n.name, r.Meta().Pos)
				out = append(out, n)
			}
		}
	}
	for _, t := range estate.All[*estate.LaunchTemplate](w.e) {
		if len(estate.Of[*estate.NodeGroup](w.e, t.ID)) == 0 {
			add(t, t.Metadata)
		}
	}
	for _, c := range estate.All[*estate.LaunchConfiguration](w.e) {
		add(c, c.Metadata)
	}
	return out
}

// forNodes says whether a role has what AWS gives to nodes of a cluster.
func (w *World) forNodes(p Principal) bool {
	return p.subject != nil && slices.ContainsFunc(p.identity, func(d *document) bool {
		return d.policy == "AmazonEKSWorkerNodePolicy" || d.policy == "AmazonEKSWorkerNodeMinimalPolicy"
	})
}

// nodeIdentities are the roles of the nodes that a pod may run on, where it
// reaches the metadata service. Where it may run on nodes that differ, it is
// not known which it gets.
func (w *World) nodeIdentities(x *estate.Workload) []Identity {
	var on []node
	for _, n := range w.nodes() {
		if mayRun(x, n.labels) {
			on = append(on, n)
		}
	}
	var out []Identity
	for _, n := range on {
		for _, p := range n.roles {
			id := Identity{Role: p, How: NodeMetadata, Truth: n.pods, At: n.at, Why: n.why}
			if x.Pod.HostNetwork {
				id.Truth = n.host
				id.Why = "the pod is in the network of its node"
				if n.host == estate.Yes {
					id.At = x.AtPod("hostNetwork")
				}
			}
			if id.Truth == estate.No {
				continue
			}
			id.Steps = append(id.Steps, Step{n.role, n.name + " has the role"})
			if id.Truth == estate.Maybe {
				id.Doubts = append(id.Doubts, n.doubts...)
			}
			w.lets(&id, service("ec2.amazonaws.com"), nil, "sts:AssumeRole")
			w.elsewhereToo(&id, x, on, p)
			w.shut(&id, x)
			if id.Truth != estate.No {
				out = append(out, id)
			}
		}
	}
	return out
}

// elsewhereToo doubts an identity where the pod may also run on other nodes.
func (w *World) elsewhereToo(id *Identity, x *estate.Workload, on []node, p Principal) {
	for _, f := range estate.All[*estate.FargateProfile](w.e) {
		if fargate(f, x) != estate.No {
			id.doubt(f.Pos, "the pod may run on Fargate ("+f.ID.Addr+"), which has no metadata service")
		}
	}
	for _, n := range on {
		reach := n.pods
		if x.Pod.HostNetwork {
			reach = n.host
		}
		has := slices.ContainsFunc(n.roles, func(q Principal) bool { return q.Name == p.Name })
		if (reach != estate.Yes || !has) && x.Kind != "DaemonSet" {
			id.doubt(n.at, "the pod may run on "+n.name+" as well, where it does not get this role")
			return
		}
	}
	if clusters := estate.All[*estate.EKSCluster](w.e); len(clusters) > 1 {
		id.doubt(clusters[0].Pos, "there are several clusters, and which of them runs "+x.ID.Addr+" is not known")
	}
}

// fargate says whether a profile takes a pod.
func fargate(f *estate.FargateProfile, x *estate.Workload) estate.Truth {
	t := estate.No
	if f.Selectors.Why != "" {
		t = estate.Maybe
	}
	for i := range f.Selectors.Items {
		s := &f.Selectors.Items[i]
		one := s.Namespace.Test(func(pattern string) bool { return meet(pattern, x.Namespace) })
		for k, v := range s.Labels.Items {
			one = one.And(v.Test(func(pattern string) bool { return meet(pattern, x.PodLabels[k]) }))
		}
		t = t.Or(one)
	}
	return t
}

// mayRun says whether a pod's node selector admits a node, as far as the files
// tell: labels that EKS, Kubernetes and clouds add are not in them.
func mayRun(x *estate.Workload, labels map[string]string) bool {
	for k, v := range x.Pod.NodeSelector {
		have, written := labels[k]
		if written && have != v && !strings.Contains(have, "$") && !hollow(have) {
			return false
		}
		if !written && !strings.Contains(k, "kubernetes.io/") && !strings.Contains(k, "k8s.aws/") && !strings.Contains(k, "amazonaws.com/") && labels != nil {
			return false
		}
	}
	return true
}

// metadata is the address of the instance metadata service.
var metadata = netip.MustParseAddr("169.254.169.254")

// shut notes that a NetworkPolicy keeps a pod from the metadata service: where
// the network plug-in enforces it, the pod does not get there. It does not bind
// pods in the node's network.
func (w *World) shut(id *Identity, x *estate.Workload) {
	if x.Pod.HostNetwork {
		return
	}
	var isolating *estate.NetworkPolicy
	for _, p := range estate.PoliciesOf(w.e, x) {
		if !slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeEgress) && (len(p.Spec.PolicyTypes) > 0 || len(p.Spec.Egress) == 0) {
			continue
		}
		for i := range p.Spec.Egress {
			if letsOut(&p.Spec.Egress[i]) {
				return
			}
		}
		isolating = p
	}
	if isolating != nil {
		d := Doubt{isolating.Pos, "NetworkPolicy " + isolating.Namespace + "/" + isolating.Name + " lets the pod not out to 169.254.169.254, if the network plug-in enforces it"}
		id.Limits = append(id.Limits, d)
		id.doubt(d.At, d.Why)
	}
}

// letsOut says whether an egress rule lets a pod reach the metadata service.
func letsOut(r *networkingv1.NetworkPolicyEgressRule) bool {
	port := len(r.Ports) == 0 || slices.ContainsFunc(r.Ports, func(p networkingv1.NetworkPolicyPort) bool {
		if p.Protocol != nil && *p.Protocol != "TCP" {
			return false
		}
		if p.Port == nil {
			return true
		}
		last := p.Port.IntVal
		if p.EndPort != nil {
			last = *p.EndPort
		}
		return p.Port.Type == intstr.Int && p.Port.IntVal <= 80 && 80 <= last
	})
	return port && (len(r.To) == 0 || slices.ContainsFunc(r.To, func(p networkingv1.NetworkPolicyPeer) bool {
		return p.IPBlock != nil && within(p.IPBlock.CIDR) && !slices.ContainsFunc(p.IPBlock.Except, within)
	}))
}

func within(cidr string) bool {
	p, err := netip.ParsePrefix(cidr)
	return err == nil && p.Contains(metadata)
}
