package supply

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"fathom/control"
	"fathom/estate"
)

// violations compares a pod with the Pod Security Standards (the checks of
// k8s.io/pod-security-admission, version latest), and asks for memory limits.
func violations(w *estate.Workload) []violation {
	out := ofPod(w)
	linux := w.Pod.OS == nil || w.Pod.OS.Name != corev1.Windows
	userNamespace := w.Pod.HostUsers != nil && !*w.Pod.HostUsers
	w.Containers(func(c *corev1.Container, path []string) {
		o := container{w: w, c: c, path: path}
		o.host()
		if linux {
			o.restricted(userNamespace)
		}
		if path[0] != "ephemeralContainers" {
			o.limits()
		}
		out = append(out, o.found...)
	})
	return out
}

func ofPod(w *estate.Workload) []violation {
	var out []violation
	p := &w.Pod
	for _, h := range []struct {
		on   bool
		name string
	}{{p.HostNetwork, "hostNetwork"}, {p.HostPID, "hostPID"}, {p.HostIPC, "hostIPC"}} {
		if h.on {
			out = append(out, violation{severity: control.High, at: w.AtPod(h.name), text: "shares the node's namespaces (" + h.name + ")", fix: "remove " + h.name, baseline: true})
		}
	}
	for i, v := range p.Volumes {
		if v.HostPath != nil {
			out = append(out, violation{severity: control.High, at: w.AtPod("volumes", itoa(i), "hostPath", "path"), text: "mounts " + v.HostPath.Path + " of the node (hostPath)", fix: "use an emptyDir, a PersistentVolumeClaim or a CSI volume instead of hostPath", baseline: true})
		}
	}
	if s := p.SecurityContext; s != nil {
		if s.SeccompProfile != nil && s.SeccompProfile.Type == corev1.SeccompProfileTypeUnconfined {
			out = append(out, violation{severity: control.Medium, at: w.AtPod("securityContext", "seccompProfile", "type"), text: "runs without seccomp (Unconfined)", fix: "set seccompProfile.type: RuntimeDefault", baseline: true})
		}
		for i, c := range s.Sysctls {
			if !slices.Contains(safeSysctls, c.Name) {
				out = append(out, violation{severity: control.Medium, at: w.AtPod("securityContext", "sysctls", itoa(i)), text: "sets sysctl " + c.Name, fix: "remove the sysctl", baseline: true})
			}
		}
	}
	return out
}

var safeSysctls = []string{
	"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
	"net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat",
}

// baselineCaps are the capabilities that the baseline standard lets a
// container add.
var baselineCaps = []corev1.Capability{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
	"SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

// container is one container under judgement.
type container struct {
	w     *estate.Workload
	c     *corev1.Container
	path  []string
	found []violation
}

func (o *container) add(s control.Severity, baseline bool, text, fix string, path ...string) {
	o.found = append(o.found, violation{severity: s, at: o.w.AtPod(append(slices.Clone(o.path), path...)...), who: "container " + o.c.Name, text: text, fix: fix, baseline: baseline})
}

// host finds what the baseline standard refuses: ways onto the node.
func (o *container) host() {
	for i, p := range o.c.Ports {
		if p.HostPort != 0 {
			o.add(control.Medium, true, "takes port "+itoa(int(p.HostPort))+" of the node (hostPort)", "remove hostPort", "ports", itoa(i), "hostPort")
		}
	}
	s := o.c.SecurityContext
	if s == nil {
		return
	}
	if s.Privileged != nil && *s.Privileged {
		o.add(control.High, true, "is privileged", "remove privileged: true", "securityContext", "privileged")
	}
	if s.ProcMount != nil && *s.ProcMount != corev1.DefaultProcMount {
		o.add(control.Medium, true, "sees /proc unmasked", "remove procMount", "securityContext", "procMount")
	}
	if s.SeccompProfile != nil && s.SeccompProfile.Type == corev1.SeccompProfileTypeUnconfined {
		o.add(control.Medium, true, "runs without seccomp (Unconfined)", "set seccompProfile.type: RuntimeDefault", "securityContext", "seccompProfile", "type")
	}
	if s.Capabilities != nil {
		for _, c := range s.Capabilities.Add {
			if !slices.Contains(baselineCaps, c) {
				o.add(severityOf(c), true, "adds capability "+string(c), "remove "+string(c)+" from capabilities.add", "securityContext", "capabilities", "add")
			}
		}
	}
}

// severityOf a capability: these are as good as root on the node.
func severityOf(c corev1.Capability) control.Severity {
	switch c {
	case "ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "DAC_READ_SEARCH", "SYS_RAWIO", "BPF":
		return control.High
	}
	return control.Medium
}

// restricted finds what the restricted standard asks for beyond that. Windows
// pods have none of it; a user namespace of its own relaxes the two rules of
// users.
func (o *container) restricted(userNamespace bool) {
	s, pod := o.c.SecurityContext, o.w.Pod.SecurityContext
	if s == nil {
		s = &corev1.SecurityContext{}
	}
	if pod == nil {
		pod = &corev1.PodSecurityContext{}
	}
	if s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation {
		o.add(control.Medium, false, "may gain privileges", "set allowPrivilegeEscalation: false", "securityContext", "allowPrivilegeEscalation")
	}
	if !userNamespace {
		nonRoot, user := s.RunAsNonRoot, s.RunAsUser
		if nonRoot == nil {
			nonRoot = pod.RunAsNonRoot
		}
		if user == nil {
			user = pod.RunAsUser
		}
		switch {
		case user != nil && *user == 0:
			o.add(control.Medium, false, "runs as root", "set runAsNonRoot: true and a runAsUser other than 0", "securityContext", "runAsUser")
		case nonRoot == nil || !*nonRoot:
			o.add(control.Medium, false, "may run as root", "set runAsNonRoot: true", "securityContext", "runAsNonRoot")
		}
	}
	if s.SeccompProfile == nil && pod.SeccompProfile == nil {
		o.add(control.Medium, false, "has no seccomp profile", "set seccompProfile.type: RuntimeDefault", "securityContext")
	}
	if s.Capabilities == nil || !slices.Contains(s.Capabilities.Drop, "ALL") {
		o.add(control.Medium, false, "keeps capabilities", "set capabilities.drop: [ALL]", "securityContext", "capabilities")
	}
}

// limits asks for a memory limit: without one a pod takes the node's memory
// from all others. A CPU limit is a matter of taste, for CPU is shared out by
// requests.
func (o *container) limits() {
	if o.c.Resources.Limits.Memory().IsZero() {
		at := o.w.AtPod(append(slices.Clone(o.path), "resources", "limits")...)
		o.found = append(o.found, violation{severity: control.Low, at: at, who: "container " + o.c.Name, text: "has no memory limit", fix: "set resources.limits.memory", limits: true})
	}
}
