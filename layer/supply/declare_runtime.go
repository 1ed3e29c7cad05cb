package supply

import (
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
)

const (
	falcoNamespace  = "falco"
	falcoRepository = "falcosecurity/falco"
	// falcoVersion is the tag of the mirrored image. The registry's tags cannot be
	// moved, and only the pipeline pushes.
	falcoVersion = "0.43.0"
)

// sensorCapabilities and sensorPaths are what Falco's probe in the kernel needs
// (Falco documentation, "Kernel events", least privileged mode) and what tells it
// which pod a process is in. Its makers mount /etc besides, from which it learns
// the names of the node's users: no rule here asks for them.
var (
	sensorCapabilities = list{"BPF", "PERFMON", "SYS_PTRACE", "SYS_RESOURCE"}
	sensorPaths        = list{"/proc", "/run/containerd", "/sys/kernel/tracing"}
)

// sensor is Falco on every node: what runs there, seen from the kernel. It writes
// what it sees to its log, as JSON, for what collects the logs of containers.
//
// It is not privileged, and whoever runs code in it owns the node all the same:
// BPF reads all memory, SYS_PTRACE goes through /proc/1/root to the node's files,
// and the socket of containerd starts containers, however it is mounted. No sensor
// that sees a node from its kernel is without these. So nobody can reach its pod,
// and it can reach nobody.
func sensor(p *platform.Platform) []*kubernetes.Object {
	name := m(labelName, "falco")
	ns := kubernetes.New("v1", "Namespace", "", falcoNamespace).
		For("supply.runtime-detection").In("falco").
		Label(labelPart, p.Name, "istio-injection", "disabled").
		Note("not restricted, as Falco has to see the node: nothing else may run here")
	for _, mode := range []string{"enforce", "audit", "warn"} {
		ns.Label("pod-security.kubernetes.io/"+mode, "privileged")
	}
	closed := kubernetes.New("networking.k8s.io/v1", "NetworkPolicy", falcoNamespace, "default-deny", "spec", m(
		"podSelector", m(), "policyTypes", list{"Ingress", "Egress"},
	)).For("supply.runtime-detection", "network.pod-policy").In("falco").Note("it reads the kernel and asks nobody")
	account := kubernetes.New("v1", "ServiceAccount", falcoNamespace, "falco",
		"automountServiceAccountToken", false,
	).For("supply.runtime-detection").In("falco")
	rules := kubernetes.New("v1", "ConfigMap", falcoNamespace, "falco-rules",
		"data", m("platform.yaml", rulesText()),
	).For("supply.runtime-detection").In("falco").
		Note("besides Falco's own rules: what no pod of the platform ever does")
	host := func(path string) kubernetes.Map {
		return m("name", strings.ReplaceAll(strings.Trim(path, "/"), "/", "-"), "hostPath", m("path", path))
	}
	mount := func(path, at string) kubernetes.Map {
		// What is mounted below, as the files of other containers, is to be read only, too.
		return m("name", strings.ReplaceAll(strings.Trim(path, "/"), "/", "-"), "mountPath", at, "readOnly", true, "recursiveReadOnly", "IfPossible")
	}
	volumes := list{m("name", "rules", "configMap", m("name", "falco-rules"))}
	mounts := list{m("name", "rules", "mountPath", "/etc/falco/rules.d", "readOnly", true)}
	for _, x := range sensorPaths {
		path := x.(string)
		at := "/host" + path
		if strings.HasPrefix(path, "/sys") {
			at = path
		}
		volumes, mounts = append(volumes, host(path)), append(mounts, mount(path, at))
	}
	daemons := kubernetes.New("apps/v1", "DaemonSet", falcoNamespace, "falco", "spec", m(
		"selector", m("matchLabels", name),
		"template", m(
			"metadata", m("labels", name),
			"spec", m(
				"serviceAccountName", "falco",
				"automountServiceAccountToken", false,
				"enableServiceLinks", false,
				"priorityClassName", "system-node-critical",
				"tolerations", list{m("operator", "Exists")},
				"containers", list{m(
					"name", "falco",
					"image", render.Registry(p)+"/"+falcoRepository+":"+falcoVersion,
					"args", list{"/usr/bin/falco", "-o", "engine.kind=modern_ebpf", "-o", "json_output=true"},
					"env", list{m("name", "FALCO_HOSTNAME", "valueFrom", m("fieldRef", m("fieldPath", "spec.nodeName")))},
					"resources", m(
						"requests", m("cpu", "100m", "memory", "512Mi"),
						"limits", m("memory", "1Gi")),
					"securityContext", m(
						"allowPrivilegeEscalation", false,
						"readOnlyRootFilesystem", true,
						"runAsUser", 0,
						"capabilities", m("drop", list{"ALL"}, "add", sensorCapabilities),
						"seccompProfile", m("type", "RuntimeDefault")),
					"volumeMounts", mounts,
				)},
				"volumes", volumes,
			)),
	)).For("supply.runtime-detection").In("falco").
		Note("the image is a mirror whose tag cannot be moved; the pipeline puts it there")
	return []*kubernetes.Object{ns, closed, account, rules, daemons}
}

// watched is one rule of Falco's.
type watched struct {
	name, says, condition, priority string
}

// The rules speak of what a container with a read-only root file system and no
// token of the cluster's API never does, so that each is worth a look.
var watching = []watched{
	{
		"Shell in a container of the platform",
		"the services start no shell: somebody else does", "started and proc.name in (platform_shells)", "WARNING",
	},
	{
		"Write to the system of a container",
		"the root file system is read-only: something was mounted over it, or it is not",
		"opened_to_write and (fd.name startswith /bin or fd.name startswith /etc or fd.name startswith /lib or fd.name startswith /opt or fd.name startswith /sbin or fd.name startswith /usr)",
		"ERROR",
	},
	{
		"Program that is not of the image",
		"a program was brought into the container and started, from a folder that can be written to or from memory",
		"started and (proc.is_exe_upper_layer = true or proc.is_exe_from_memfd = true or proc.exepath startswith /tmp or proc.exepath startswith /dev/shm)",
		"CRITICAL",
	},
	{
		"Token of the cluster read",
		"no pod of the platform has a token of the cluster's API, or a use for one",
		"opened_to_read and fd.name startswith /var/run/secrets/kubernetes.io/serviceaccount and not proc.name in (platform_proxies)",
		"WARNING",
	},
	{
		"Token for AWS read by a tool",
		"the service itself reads the token; a shell or a tool does so for somebody",
		"opened_to_read and (fd.name startswith /var/run/secrets/eks.amazonaws.com or fd.name startswith /var/run/secrets/pods.eks.amazonaws.com) and (proc.name in (platform_shells) or proc.name in (platform_tools))",
		"CRITICAL",
	},
	{
		"Connection out of the platform",
		"a pod that has nothing to do outside connects to an address outside",
		"called_out and not fd.snet in (platform_networks) and not k8s.pod.label[" + labelEgress + "] = declared and not proc.name in (platform_proxies)",
		"ERROR",
	},
	{
		"Miner of coins",
		"a program, an argument or a port that miners use",
		"(started and (proc.name in (platform_miners) or proc.cmdline contains \"stratum+\" or proc.cmdline contains \"--donate-level\")) or (called_out and fd.sport in (platform_mining_ports))",
		"CRITICAL",
	},
}

// labelEgress marks the pods of services that declare hosts outside.
const labelEgress = "fathom.dev/egress"

// rulesText are lists, macros and rules in Falco's own YAML. Their names begin
// so that they are not taken for Falco's.
func rulesText() string {
	var system []string
	for _, ns := range systemNamespaces {
		system = append(system, ns.(string))
	}
	var b strings.Builder
	part := func(kind, name, key, value string) {
		b.WriteString("- " + kind + ": " + name + "\n  " + key + ": " + value + "\n")
	}
	words := func(name, items string) { part("list", name, "items", "["+items+"]") }
	words("platform_shells", "ash, bash, csh, dash, fish, ksh, sh, tcsh, zsh")
	words("platform_tools", "base64, cat, cp, curl, dd, head, less, nc, ncat, od, perl, python, python3, ruby, socat, strings, tail, tar, vi, wget, xxd")
	words("platform_proxies", "envoy, pilot-agent")
	words("platform_miners", "ccminer, cgminer, ethminer, lolMiner, minerd, minergate, nbminer, t-rex, xmr-stak, xmrig")
	words("platform_mining_ports", "3333, 4444, 5555, 7777, 14433, 14444, 45560, 45700")
	words("platform_networks", `"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"`)
	words("platform_system", strings.Join(system, ", "))
	part("macro", "in_platform", "condition", `(container.id != host and k8s.ns.name != "" and not k8s.ns.name in (platform_system))`)
	part("macro", "started", "condition", "(evt.type in (execve, execveat) and in_platform)")
	part("macro", "opened", "condition", "(evt.type in (open, openat, openat2, creat) and fd.typechar = 'f' and fd.num >= 0 and in_platform)")
	part("macro", "opened_to_write", "condition", "(opened and evt.is_open_write = true)")
	part("macro", "opened_to_read", "condition", "(opened and evt.is_open_read = true)")
	part("macro", "called_out", "condition", "(evt.type in (connect, sendto, sendmsg) and fd.typechar in ('4', '6') and fd.l4proto in (tcp, udp) and in_platform)")
	for _, w := range watching {
		b.WriteString("- rule: " + w.name + "\n  desc: \"" + w.says + "\"\n  condition: >\n    " + w.condition + "\n" +
			"  output: >\n    " + w.name + " | service=%container.name pod=%k8s.pod.name namespace=%k8s.ns.name image=%container.image.repository\n" +
			"    user=%user.uid command=%proc.cmdline parent=%proc.pname file=%fd.name\n" +
			"  priority: " + w.priority + "\n  tags: [platform]\n")
	}
	return b.String()
}
