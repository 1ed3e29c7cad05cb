package draft

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"fathom/diag"
	"fathom/estate"
)

// service is a workload that is one of the shop's own.
type service struct {
	name  string
	w     *estate.Workload
	main  *corev1.Container // nil where the pod has none
	path  []string          // of it below the pod's spec
	kube  []*estate.Service // those of Kubernetes that lead to its pods
	hints []hint

	port     int
	portWhy  string
	protocol string
	calls    map[string]*call
	ruled    bool // a policy says who calls it
	uses     map[*store]*use
	handles  []string
	aws      []permission
	egress   []egress
	roles    []*estate.Role
	tagged   bool // its credentials carry session tags
	apart    bool

	sidecars     []sidecarHost
	sidecarsRead bool
}

// at is the line of the workload.
func (s *service) at() diag.Pos { return s.w.Pos }

// systems are namespaces that hold no services of a shop.
var systems = []string{
	"amazon-cloudwatch", "argo-rollouts", "argocd", "aws-observability", "cattle-system", "cert-manager", "cilium", "datadog",
	"external-dns", "external-secrets", "falco", "flux-system", "gatekeeper-system", "gmp-system", "ingress-nginx", "istio-system",
	"istio-ingress", "istio-operator", "karpenter", "keda", "kyverno", "linkerd", "linkerd-viz", "logging", "monitoring", "nginx-ingress",
	"observability", "prometheus", "sealed-secrets", "sigstore-system", "spire", "tigera-operator", "vault", "velero",
}

// foreign are words that names of other people's software have in them.
var foreign = []string{
	"argocd", "aws-load-balancer-controller", "cert-manager", "cluster-autoscaler", "coredns", "datadog", "external-dns", "external-secrets",
	"falco", "fluent-bit", "fluentd", "gatekeeper", "grafana", "ingress-nginx", "karpenter", "keda", "kube-state-metrics", "kyverno", "metrics-server",
	"nginx-ingress", "node-exporter", "opentelemetry-collector", "otel-collector", "prometheus", "promtail", "proxyv2", "sealed-secrets", "traefik", "velero",
}

// outside says why a workload is none of the shop's services, or nothing.
func outside(w *estate.Workload) string {
	switch w.Kind {
	case "Deployment", "StatefulSet", "Rollout":
	case "Job", "CronJob", "DaemonSet", "Pod", "ReplicaSet", "ReplicationController":
		return "a " + w.Kind + " is no service that others call"
	}
	if strings.HasPrefix(w.Namespace, "kube-") || slices.Contains(systems, w.Namespace) {
		return "namespace " + w.Namespace + " is the cluster's own"
	}
	own := false
	for i := range w.Pod.Containers {
		name := firstOf(repository(w.Pod.Containers[i].Image), w.Pod.Containers[i].Image)
		if !slices.ContainsFunc(foreign, func(f string) bool { return strings.Contains(name, f) }) {
			own = true
		}
	}
	if !own && len(w.Pod.Containers) > 0 {
		return "its image is other people's software"
	}
	return ""
}

// findServices finds the shop's own workloads and what is plain to see of each.
func (d *drafter) findServices() {
	d.configMaps = map[nsName]*estate.ConfigMap{}
	for _, m := range estate.All[*estate.ConfigMap](d.e) {
		d.configMaps[nsName{m.Namespace, m.Name}] = m
	}
	taken, seen := namer{}, map[nsName]*service{}
	for _, w := range estate.All[*estate.Workload](d.e) {
		if why := outside(w); why != "" {
			if w.Kind != "ReplicaSet" && w.Kind != "Pod" {
				d.note(w.Pos, "", "%s is not in the draft: %s", w.ID, why)
			}
			continue
		}
		if first := seen[nsName{w.Namespace, w.Name}]; first != nil {
			d.note(w.Pos, "", "%s is there twice, and the draft has that of %s", w.ID, first.at())
			continue
		}
		s := &service{w: w, name: taken.give(w.Name, "service"), calls: map[string]*call{}, uses: map[*store]*use{}}
		seen[nsName{w.Namespace, w.Name}] = s
		if s.name != w.Name {
			d.note(w.Pos, "", "%s is called %s in the draft", w.ID, s.name)
		}
		d.services = append(d.services, s)
	}
	slices.SortStableFunc(d.services, func(a, b *service) int { return strings.Compare(a.name, b.name) })
	for _, s := range d.services {
		s.findMain()
		for _, k := range estate.All[*estate.Service](d.e) {
			if k.Namespace == s.w.Namespace && len(k.Spec.Selector) > 0 && covers(k.Spec.Selector, s.w.PodLabels) {
				s.kube = append(s.kube, k)
			}
		}
		s.findPort()
		d.findRoles(s)
		s.hints = d.environment(s)
	}
}

// covers says whether labels have all that are selected.
func covers(selected, have map[string]string) bool {
	for k, v := range selected {
		if got, ok := have[k]; !ok || got != v {
			return false
		}
	}
	return true
}

// findMain finds the container that the service is: the one of its name, or the
// first that is no proxy.
func (s *service) findMain() {
	s.w.Containers(func(c *corev1.Container, path []string) {
		if path[0] != "containers" || strings.Contains(c.Image, "proxyv2") {
			return
		}
		if s.main == nil || c.Name == s.w.Name && s.main.Name != s.w.Name {
			s.main, s.path = c, path
		}
	})
}

// findPort tells from the container and the Services where the service listens,
// and what it speaks.
func (s *service) findPort() {
	var named string
	if s.main != nil {
		for _, p := range s.main.Ports {
			if s.port == 0 {
				s.port, named = int(p.ContainerPort), p.Name
			}
		}
	}
	s.protocol = protocolOf(named)
	for _, k := range s.kube {
		for _, p := range k.Spec.Ports {
			if s.port == 0 {
				s.port = cmp.Or(p.TargetPort.IntValue(), int(p.Port))
			}
			if p.TargetPort.IntValue() != s.port && p.TargetPort.StrVal != named && int(p.Port) != s.port {
				continue
			}
			if p.AppProtocol != nil {
				s.protocol = firstOf(protocolOf(*p.AppProtocol), s.protocol)
			}
			s.protocol = firstOf(s.protocol, protocolOf(p.Name))
		}
	}
	switch {
	case s.port == 0:
		s.portWhy = "no container and no Service names a port"
	case s.port < 1024:
		s.portWhy = "it listens at a port below 1024, which needs rights that its pods will not have"
	case s.port >= 15000 && s.port <= 15090 || s.port > 65535:
		s.portWhy = "its port is one of the mesh's proxy"
	}
}

// protocolOf tells from the name of a port what is spoken there, as Istio does.
func protocolOf(name string) string {
	word, _, _ := strings.Cut(strings.ToLower(name), "-")
	switch word {
	case "http", "http2", "https", "web", "kubernetes.io/h2c":
		return "http"
	case "grpc":
		return "grpc"
	case "tcp", "tls", "mysql", "redis", "mongo", "postgres":
		return "tcp"
	}
	return ""
}

func (d *drafter) servicesNode() *node {
	n := object()
	n.block = true
	if len(d.services) == 0 {
		s := object()
		s.block = true
		at := d.e.Cluster().Pos
		s.set("image", d.image("", d.name+"/"+changeMe, at, "there is no workload in the files"))
		s.set("owner", str(changeMe))
		return n.set(changeMe, s.guess(at, "there is no Deployment and no StatefulSet of the shop's own in the files", "write the services"))
	}
	for _, s := range d.services {
		n.set(s.name, d.service(s))
	}
	return n
}

func (d *drafter) service(s *service) *node {
	n := object()
	n.block = true
	image := ""
	at := s.at()
	if s.main != nil {
		image, at = s.main.Image, s.w.AtPod(append(slices.Clone(s.path), "image")...)
	}
	n.set("image", d.image(image, d.name+"/"+s.name, at, "the image's name is none of a registry"))
	if run := s.w.Annotations["fathom.dev/run"]; run != "" {
		n.set("run", str(run).maybe())
	}
	n.set("owner", d.owner(s.at(), s.w.Annotations, s.w.Labels, s.w.PodLabels, labelsOf(estate.NamespaceOf(d.e, s.w.Namespace))))
	n.set("namespace", d.namespaceOf(s))
	n.set("port", s.portNode())
	if s.protocol != "" && s.protocol != "http" {
		n.set("protocol", str(s.protocol))
	}
	n.set("health", s.health())
	n.set("replicas", d.replicas(s))
	s.amounts(n)
	n.set("calls", d.callsNode(s))
	n.set("stores", d.usesNode(s))
	n.set("handles", texts(s.handles))
	aws := row()
	for _, p := range s.aws {
		item := str(p.text()).maybe()
		item.at = p.at
		aws.items = append(aws.items, item)
	}
	n.set("aws", aws)
	out := row()
	for _, x := range s.egress {
		out.items = append(out.items, x.node())
	}
	n.set("egress", out)
	if s.apart && !slices.ContainsFunc(d.stores, func(st *store) bool { return st.isolate && s.uses[st] != nil }) {
		n.set("isolate", yes())
	}
	if s.tagged {
		n.set("sessionTags", yes())
	}
	return n
}

func labelsOf(ns *estate.Namespace) map[string]string {
	if ns == nil {
		return nil
	}
	return ns.Labels
}

// ownerKeys are the labels, annotations and tags that name a team.
var ownerKeys = []string{"fathom.dev/owner", "owner", "Owner", "team", "Team", "app.kubernetes.io/owner", "squad"}

// owner is the team that the first of some labels names.
func (d *drafter) owner(at diag.Pos, in ...map[string]string) *node {
	for _, m := range in {
		for _, k := range ownerKeys {
			if teamForm.MatchString(m[k]) {
				return str(m[k])
			}
		}
	}
	return str(changeMe).guess(at, "no label names the team", "write it")
}

// ownNamespace says whether a namespace is one of the platform's itself, where no
// service may be.
func ownNamespace(ns string) bool {
	switch ns {
	case "", "cert-manager", "default", "edge", "falco", "istio-system", "kyverno":
		return true
	}
	return strings.HasPrefix(ns, "kube-")
}

// namespaceOf is the service's namespace where it is not the one that it has
// anyway.
func (d *drafter) namespaceOf(s *service) *node {
	usual := d.name
	if s.apart {
		usual = s.name
	}
	ns := s.w.Namespace
	name := clean(ns, longestName)
	switch {
	case ownNamespace(name) && ownNamespace(usual):
		return str(clean(s.name+"-apart", longestName)).says(s.at(), "it is in "+ns+" today, which is not for services", "")
	case ownNamespace(name):
		d.note(s.at(), "", "%s is in namespace %s, which is not for services: it moves to %s", s.w.ID, ns, usual)
		return nil
	case name == usual:
		return nil
	}
	n := str(name)
	n.loose = !ownNamespace(usual)
	if name != ns {
		n.says(s.at(), "it is called "+ns+" today", "")
	}
	n.at = s.at()
	return n
}

func (s *service) portNode() *node {
	switch {
	case s.portWhy != "":
		return num(8080).guess(s.at(), s.portWhy, "write the port where it is to listen")
	case s.port != 8080:
		return num(s.port)
	}
	return nil
}

// health is the path of the probes where it is not the usual one.
func (s *service) health() *node {
	if s.main == nil {
		return nil
	}
	for _, p := range []*corev1.Probe{s.main.ReadinessProbe, s.main.LivenessProbe, s.main.StartupProbe} {
		if p != nil && p.HTTPGet != nil {
			path, _, _ := strings.Cut(p.HTTPGet.Path, "?")
			if path == "/healthz" {
				return nil
			}
			if path != "" {
				return str(path).maybe()
			}
		}
	}
	if s.protocol == "grpc" || s.protocol == "tcp" {
		return nil
	}
	return str("/healthz").guess(s.w.AtPod(s.path...), "it has no probe over http", "write the path that says it is well")
}

// replicas are the bounds of the autoscaler, or the number that is written.
func (d *drafter) replicas(s *service) *node {
	for _, o := range estate.All[*estate.Object](d.e) {
		low, high := "minReplicas", "maxReplicas"
		switch o.Kind {
		case "HorizontalPodAutoscaler":
		case "ScaledObject":
			low, high = "minReplicaCount", "maxReplicaCount"
		default:
			continue
		}
		of, _ := o.Manifest.At("spec", "scaleTargetRef", "name").Literal()
		if o.Namespace != s.w.Namespace || of != s.w.Name {
			continue
		}
		least, most := whole(o.Manifest.At("spec", low)), whole(o.Manifest.At("spec", high))
		least, most = min(max(least, 1), 1000), min(most, 1000)
		if most >= least {
			if least == 2 && most == 10 {
				return nil
			}
			return object().set("min", num(least)).set("max", num(most))
		}
	}
	least := 2
	if s.w.Replicas != nil {
		least = min(max(int(*s.w.Replicas), 1), 1000)
	}
	return object().set("min", num(least)).set("max", num(max(least, 10))).guess(s.at(), "nothing scales it", "write what the worst day needs as max")
}

// amounts are what one pod asks for.
func (s *service) amounts(n *node) {
	if s.main == nil {
		return
	}
	at := s.w.AtPod(append(slices.Clone(s.path), "resources")...)
	amount := func(what corev1.ResourceName) (resource.Quantity, bool) {
		if q, ok := s.main.Resources.Requests[what]; ok {
			return q, true
		}
		q, ok := s.main.Resources.Limits[what]
		return q, ok
	}
	if q, ok := amount(corev1.ResourceCPU); ok {
		if text := cpu(q.MilliValue()); text != "250m" {
			n.set("cpu", str(text).maybe())
		}
	} else {
		n.set("cpu", str("250m").guess(at, "it asks for no CPU", "write what one pod needs"))
	}
	if q, ok := amount(corev1.ResourceMemory); ok {
		if text := memory(q.Value()); text != "256Mi" {
			n.set("memory", str(text).maybe())
		}
	} else {
		n.set("memory", str("256Mi").guess(at, "it asks for no memory", "write what one pod needs at most"))
	}
}
