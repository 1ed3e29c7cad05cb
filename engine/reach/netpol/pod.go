package netpol

import (
	corev1 "k8s.io/api/core/v1"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Pod is the pods of one workload.
type Pod struct {
	// Of is the workload, never nil.
	Of *estate.Workload

	labels labelSet
	class  *class
}

func newPod(w *estate.Workload) *Pod { return &Pod{Of: w, labels: podLabels(w)} }

// HostNetwork says that the pods use the network of their node, so that no
// policy's podSelector protects them.
func (p *Pod) HostNetwork() bool { return p.Of.Pod.HostNetwork }

// Port is the number of a named port of the pods, as rules resolve it: the
// first container that gives the name to a port of that protocol decides.
func (p *Pod) Port(protocol flow.Protocol, name string) (int, bool) {
	for i := range p.Of.Pod.Containers {
		if n, ok := portIn(&p.Of.Pod.Containers[i], protocol, name); ok {
			return n, true
		}
	}
	for i := range p.Of.Pod.InitContainers { // a sidecar is an init container that restarts
		c := &p.Of.Pod.InitContainers[i]
		if c.RestartPolicy == nil || *c.RestartPolicy != corev1.ContainerRestartPolicyAlways {
			continue
		}
		if n, ok := portIn(c, protocol, name); ok {
			return n, true
		}
	}
	return 0, false
}

func portIn(c *corev1.Container, protocol flow.Protocol, name string) (int, bool) {
	for _, p := range c.Ports {
		if got, ok := protocolOf(p.Protocol); ok && got == protocol && p.Name == name {
			return int(p.ContainerPort), true
		}
	}
	return 0, false
}

// protocolOf is a protocol by its name; an absent one is TCP.
func protocolOf(p corev1.Protocol) (flow.Protocol, bool) {
	switch p {
	case "", corev1.ProtocolTCP:
		return flow.TCP, true
	case corev1.ProtocolUDP:
		return flow.UDP, true
	case corev1.ProtocolSCTP:
		return flow.SCTP, true
	}
	return 0, false
}

// podLabels are the labels of a workload's pods: those of its template, and
// those that its controller adds, whose values no file tells.
func podLabels(w *estate.Workload) labelSet {
	s := labelSet{have: w.PodLabels}
	switch w.Kind {
	case "Deployment", "ReplicaSet", "Rollout":
		s.open = []string{"pod-template-hash", "rollouts-pod-template-hash"}
	case "DaemonSet":
		s.open = []string{"controller-revision-hash", "pod-template-generation"}
	case "StatefulSet":
		s.open = []string{"controller-revision-hash", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"}
	case "Job", "CronJob":
		s.open = []string{
			"batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name",
			"batch.kubernetes.io/job-completion-index",
		}
	}
	return s
}
