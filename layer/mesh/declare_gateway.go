package mesh

import (
	"strings"

	"fathom/render"
	"fathom/render/kubernetes"
)

// The gateway's own: the Secret of its certificate, the label that Istio's
// objects choose it by, and the port of its health.
const (
	gatewaySecret = "gateway-tls"
	gatewayLabel  = "istio"
	healthPort    = 15021
)

func gatewayPods() kubernetes.Map {
	return m(labelName, render.GatewayAccount, gatewayLabel, render.GatewayAccount)
}

// gateway renders the way into the mesh: where TLS from the load balancer ends,
// which path leads where, and the proxies that do it.
func (d *declaration) gateway() {
	add := func(apiVersion, kind, name string, body ...any) *kubernetes.Object {
		return d.object(kubernetes.New(apiVersion, kind, render.GatewayNamespace, name, body...)).In("gateway")
	}
	add("cert-manager.io/v1", "Certificate", gatewaySecret, "spec", m(
		"secretName", gatewaySecret,
		"dnsNames", d.p.Edge.Domains,
		"duration", "72h",
		"renewBefore", "24h",
		"usages", list{"server auth", "digital signature"},
		"privateKey", m("algorithm", "ECDSA", "size", 256, "rotationPolicy", "Always"),
		"issuerRef", m("group", "awspca.cert-manager.io", "kind", "AWSPCAClusterIssuer", "name", issuerName),
	)).For("mesh.short-certs", "mesh.private-ca").From("edge.domains")

	add(networking, "Gateway", render.GatewayAccount, "spec", m(
		"selector", m(gatewayLabel, render.GatewayAccount),
		"servers", list{m(
			"port", m("number", render.GatewayPort, "name", "https", "protocol", "HTTPS"),
			"hosts", list{"*"},
			"tls", m("mode", "SIMPLE", "credentialName", gatewaySecret, "minProtocolVersion", "TLSV1_2"),
		)},
	)).For("edge.tls").From("edge").
		Note("the load balancer asks without a server name, so that all hosts are taken; which hosts there are the distribution says")
	add(networking, "VirtualService", "routes", "spec", m(
		"hosts", list{"*"},
		"gateways", list{render.GatewayAccount},
		"http", d.routes(),
	)).From("edge.routes").
		Note("all routes in one object: their order counts, the longest path first, and Istio keeps none between objects")
	d.admissions()

	// what the gateway's account may read: istiod asks on its behalf, and sends it
	// the certificate
	add("rbac.authorization.k8s.io/v1", "Role", render.GatewayAccount, "rules", list{
		m("apiGroups", list{""}, "resources", list{"secrets"}, "verbs", list{"get", "watch", "list"}),
	}).Note("istiod hands a Secret to a gateway only if the gateway's account may read the Secrets of its namespace, which holds its certificate and nothing else")
	add("rbac.authorization.k8s.io/v1", "RoleBinding", render.GatewayAccount,
		"roleRef", m("apiGroup", "rbac.authorization.k8s.io", "kind", "Role", "name", render.GatewayAccount),
		"subjects", list{m("kind", "ServiceAccount", "name", render.GatewayAccount)})

	d.proxies(add)
}

// routes are the routes in the order in which they are asked. A request that
// none of them has is answered with 404.
func (d *declaration) routes() list {
	var out list
	for _, r := range d.p.Edge.Routes {
		s := d.p.Service(r.To)
		if s == nil {
			continue
		}
		how := once()
		if repeatable(r) {
			how = again()
		}
		out = append(out, m(
			"match", list{m("uri", matchOf(r.Path))},
			"route", list{m("destination", m("host", hostOf(s), "port", m("number", s.Port)))},
			"timeout", "15s",
			"retries", how,
		))
	}
	return out
}

func matchOf(path string) kubernetes.Map {
	if prefix, ok := strings.CutSuffix(path, "*"); ok {
		return m("prefix", prefix)
	}
	return m("exact", path)
}

// admissions renders what the gateway lets in for each service: its routes, and
// their methods. Who asks has no identity in the mesh: it comes from the
// internet.
func (d *declaration) admissions() {
	for i := range d.p.Services {
		s := &d.p.Services[i]
		routes := d.p.RoutesTo(s.Name)
		if len(routes) == 0 {
			continue
		}
		ops := list{}
		for _, o := range routeOperations(routes) {
			ops = append(ops, m("operation", o.fields("")))
		}
		d.object(kubernetes.New(security, "AuthorizationPolicy", render.GatewayNamespace, "routes-to-"+s.Name, "spec", m(
			"selector", m("matchLabels", m(gatewayLabel, render.GatewayAccount)),
			"action", "ALLOW",
			"rules", list{m("to", ops)},
		))).For("mesh.authorization").From("edge.routes").In("gateway")
	}
}

// proxies renders the gateway's pods. Istio's injection fills in what a proxy
// needs by the template "gateway", and leaves what is written here ("Installing
// Gateways").
func (d *declaration) proxies(add func(apiVersion, kind, name string, body ...any) *kubernetes.Object) {
	p := d.p
	name := render.GatewayAccount
	labels := append(gatewayPods(), m(labelPart, p.Name, "sidecar.istio.io/inject", "true")...)
	o := add("apps/v1", "Deployment", name, "spec", m(
		"selector", m("matchLabels", m(labelName, name)),
		"strategy", m("rollingUpdate", m("maxSurge", "25%", "maxUnavailable", 0)),
		"template", m(
			"metadata", m(
				"labels", labels,
				"annotations", m("inject.istio.io/templates", "gateway"),
			),
			"spec", m(
				"serviceAccountName", name,
				"automountServiceAccountToken", false,
				"terminationGracePeriodSeconds", 90,
				"securityContext", m("runAsNonRoot", true, "seccompProfile", m("type", "RuntimeDefault")),
				"topologySpreadConstraints", list{m(
					"maxSkew", 1,
					"topologyKey", "topology.kubernetes.io/zone",
					"whenUnsatisfiable", "ScheduleAnyway",
					"labelSelector", m("matchLabels", m(labelName, name)),
					"matchLabelKeys", list{"pod-template-hash"},
				)},
				"containers", list{m(
					"name", "istio-proxy",
					"image", render.ImageRef(p, p.Mesh.Proxy),
					"ports", list{
						m("name", "https", "containerPort", render.GatewayPort),
						m("name", "health", "containerPort", healthPort),
					},
					"resources", m(
						"requests", m("cpu", "500m", "memory", "512Mi"),
						"limits", m("memory", "1Gi")),
					"securityContext", m(
						"runAsNonRoot", true,
						"runAsUser", 1337,
						"runAsGroup", 1337,
						"allowPrivilegeEscalation", false,
						"readOnlyRootFilesystem", true,
						"capabilities", m("drop", list{"ALL"})),
					// the load balancer takes a moment to stop sending
					"lifecycle", m("preStop", m("sleep", m("seconds", 20))),
				)},
			),
		),
	)).For("mesh.mtls-strict", "supply.pod-hardening").From("edge", "mesh.proxy").
		Note("the proxy's command, probes and volumes are Istio's to fill in; no replicas: their number is the autoscaler's")
	o.Label(labelName, name, labelPart, p.Name)

	add("v1", "Service", name, "spec", m(
		"selector", m(labelName, name),
		"ports", list{
			m("name", "https", "port", render.GatewayPort, "targetPort", "https", "appProtocol", "https"),
			m("name", "health", "port", healthPort, "targetPort", "health", "appProtocol", "http"),
		},
	)).Note("for the TargetGroupBinding: the load balancer sends to the pods themselves").
		Label(labelName, name, labelPart, p.Name)
	zones := max(len(p.Network.Zones), 2)
	add("autoscaling/v2", "HorizontalPodAutoscaler", name, "spec", m(
		"scaleTargetRef", m("apiVersion", "apps/v1", "kind", "Deployment", "name", name),
		"minReplicas", zones,
		"maxReplicas", 10*zones,
		"metrics", list{m("type", "Resource", "resource", m(
			"name", "cpu", "target", m("type", "Utilization", "averageUtilization", 60)))},
	)).From("network.zones")
	add("policy/v1", "PodDisruptionBudget", name, "spec", m(
		"maxUnavailable", "25%",
		"selector", m("matchLabels", m(labelName, name)),
		"unhealthyPodEvictionPolicy", "AlwaysAllow",
	))
	d.gatewayReach()
}

// gatewayReach limits what the gateway knows of the mesh to the services that
// routes lead to.
func (d *declaration) gatewayReach() {
	hosts := list{agentHost()}
	for i := range d.p.Services {
		if s := &d.p.Services[i]; len(d.p.RoutesTo(s.Name)) > 0 {
			hosts = append(hosts, s.Namespace+"/"+hostOf(s))
		}
	}
	d.sidecar(render.GatewayNamespace, render.GatewayAccount, m(labelName, render.GatewayAccount), hosts).
		From("edge.routes").In("gateway")
}
