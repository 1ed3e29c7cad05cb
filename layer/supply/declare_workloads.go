package supply

import (
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
)

// workload is all that runs a service: its Deployment, the Service in front of
// it, and what keeps enough of its pods. Its pods have that priority.
func workload(p *platform.Platform, s *platform.Service, priority string) []*kubernetes.Object {
	return []*kubernetes.Object{deployment(p, s, priority), service(p, s), autoscaler(p, s), disruptions(p, s)}
}

// selector is what tells the pods of a service from all others.
func selector(s *platform.Service) kubernetes.Map { return m(labelName, s.Name) }

func deployment(p *platform.Platform, s *platform.Service, priority string) *kubernetes.Object {
	o := kubernetes.New("apps/v1", "Deployment", s.Namespace, s.Name, "spec", m(
		"selector", m("matchLabels", selector(s)),
		"strategy", m("rollingUpdate", m("maxSurge", "25%", "maxUnavailable", 0)),
		"template", m(
			"metadata", m("labels", podLabels(p, s)),
			"spec", pod(p, s, priority)),
	)).For("supply.pod-hardening", "supply.admission").From(of(s)).In(s.Name).
		Note("no replicas: their number is the autoscaler's")
	o.Label(labelName, s.Name, labelPart, p.Name)
	o.Annotate(render.NoteOwner, orNil(s.Owner), render.NoteClass, string(p.ClassOf(s.Handles)),
		render.NoteData, orNil(strings.Join(s.Handles, " ")),
		render.NotePrio, orNil(rank(p, s)), render.NoteRun, orNil(s.Run))
	return o
}

// podLabels are those of a service's pods. The last tells Falco who has business
// outside.
func podLabels(p *platform.Platform, s *platform.Service) kubernetes.Map {
	labels := m(labelName, s.Name, labelPart, p.Name)
	if len(s.Egress) > 0 {
		labels = append(labels, m(labelEgress, "declared")...)
	}
	return labels
}

// orNil is the text, or nil where it is empty, so that it is left out.
func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// pod is the pod of a service, as the Pod Security Standard "restricted" wants it
// and a little more: a root file system that nothing writes to, and no token of
// the cluster's API (those for AWS come in a volume of their own).
func pod(p *platform.Platform, s *platform.Service, priority string) kubernetes.Map {
	out := m(
		"serviceAccountName", s.Name,
		"automountServiceAccountToken", false,
		"enableServiceLinks", false,
		"priorityClassName", priorityClass(p, priority),
		"terminationGracePeriodSeconds", 45,
		"securityContext", m("runAsNonRoot", true, "seccompProfile", m("type", "RuntimeDefault")),
	)
	if p.Apart(s) {
		out = append(out, m(
			"nodeSelector", m("apart", "true"),
			"tolerations", list{m("key", "apart", "operator", "Equal", "value", "true", "effect", "NoSchedule")},
		)...)
	}
	return append(out, m(
		"topologySpreadConstraints", list{m(
			"maxSkew", 1,
			"topologyKey", "topology.kubernetes.io/zone",
			"whenUnsatisfiable", "ScheduleAnyway",
			"labelSelector", m("matchLabels", selector(s)),
			"matchLabelKeys", list{"pod-template-hash"},
		)},
		"affinity", m("podAntiAffinity", m("preferredDuringSchedulingIgnoredDuringExecution", list{m(
			"weight", 100,
			"podAffinityTerm", m(
				"topologyKey", "kubernetes.io/hostname",
				"labelSelector", m("matchLabels", selector(s))),
		)})),
		"containers", list{mainContainer(p, s)},
		"volumes", list{m("name", "tmp", "emptyDir", m("sizeLimit", "128Mi"))},
	)...)
}

func mainContainer(p *platform.Platform, s *platform.Service) kubernetes.Map {
	return append(m(
		"name", s.Name,
		"image", render.ImageRef(p, s.Image),
		"ports", list{m("name", portName(s), "containerPort", s.Port)},
		"resources", m(
			"requests", m("cpu", s.CPU, "memory", s.Memory),
			"limits", m("memory", s.Memory)),
		"securityContext", m(
			"allowPrivilegeEscalation", false,
			"readOnlyRootFilesystem", true,
			"capabilities", m("drop", list{"ALL"})),
		"volumeMounts", list{m("name", "tmp", "mountPath", "/tmp")},
	), probes(s)...)
}

// probes ask what the protocol lets them ask. The container has two minutes to
// start. Before it is told to stop it goes on for a moment, until nobody sends
// it requests any more.
func probes(s *platform.Service) kubernetes.Map {
	var ask kubernetes.Map
	switch s.Protocol {
	case "grpc":
		ask = m("grpc", m("port", s.Port))
	case "tcp":
		ask = m("tcpSocket", m("port", portName(s)))
	default:
		ask = m("httpGet", m("path", s.Health, "port", portName(s)))
	}
	with := func(pairs ...any) kubernetes.Map {
		return append(append(kubernetes.Map{}, ask...), m(pairs...)...)
	}
	return m(
		"startupProbe", with("periodSeconds", 2, "failureThreshold", 60),
		"readinessProbe", with("periodSeconds", 5),
		"livenessProbe", with("periodSeconds", 10, "timeoutSeconds", 3),
		"lifecycle", m("preStop", m("sleep", m("seconds", 10))),
	)
}

// portName tells Istio the protocol.
func portName(s *platform.Service) string {
	if s.Protocol == "" {
		return "http"
	}
	return s.Protocol
}

func service(p *platform.Platform, s *platform.Service) *kubernetes.Object {
	return kubernetes.New("v1", "Service", s.Namespace, s.Name, "spec", m(
		"selector", selector(s),
		"ports", list{m(
			"name", portName(s), "port", s.Port, "targetPort", portName(s), "appProtocol", portName(s),
		)},
	)).From(of(s)).In(s.Name).Label(labelName, s.Name, labelPart, p.Name)
}

// autoscaler looks at the service's own container: the proxy beside it would
// hide how busy it is.
func autoscaler(p *platform.Platform, s *platform.Service) *kubernetes.Object {
	return kubernetes.New("autoscaling/v2", "HorizontalPodAutoscaler", s.Namespace, s.Name, "spec", m(
		"scaleTargetRef", m("apiVersion", "apps/v1", "kind", "Deployment", "name", s.Name),
		"minReplicas", s.Replicas.Min,
		"maxReplicas", s.Replicas.Max,
		"metrics", list{m(
			"type", "ContainerResource",
			"containerResource", m(
				"name", "cpu", "container", s.Name,
				"target", m("type", "Utilization", "averageUtilization", 65)),
		)},
	)).From(of(s, "replicas")).In(s.Name).Label(labelName, s.Name, labelPart, p.Name)
}

// disruptions keeps three quarters of the pods while nodes are replaced. Pods
// that are not ready may go: they would hold up the node for nothing.
func disruptions(p *platform.Platform, s *platform.Service) *kubernetes.Object {
	return kubernetes.New("policy/v1", "PodDisruptionBudget", s.Namespace, s.Name, "spec", m(
		"maxUnavailable", "25%",
		"selector", m("matchLabels", selector(s)),
		"unhealthyPodEvictionPolicy", "AlwaysAllow",
	)).For("supply.immutable-nodes").From(of(s, "replicas")).In(s.Name).Label(labelName, s.Name, labelPart, p.Name)
}
