package supply

import (
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
)

// systemNamespaces hold what runs the cluster itself: agents that have to see the
// node, and operators whose makers ship them from registries of their own. No
// admission policy looks at them, but for a policy of its own at the sensor's;
// everything else is looked at, wherever it is, so that a new namespace needs no
// label to be guarded.
var systemNamespaces = list{
	"amazon-cloudwatch", "amazon-guardduty", "argocd", "cert-manager", falcoNamespace, render.MeshNamespace,
	"kube-node-lease", "kube-public", "kube-system", kyvernoNamespace,
}

// rule is one validation: who of the pod breaks it, told by name.
type rule struct {
	// name is of the variable that lists the offenders.
	name string
	// offenders is CEL: a list of names, empty where all is well.
	offenders string
	// says comes before the names, and mend after.
	says, mend string
}

// admissions are the ValidatingAdmissionPolicies: what CEL can say about a pod.
// That images are signed, Kyverno says.
func admissions(p *platform.Platform) []*kubernetes.Object {
	registry := render.Registry(p) + "/"
	shared := rule{
		"hostNamespaces", `['hostNetwork', 'hostPID', 'hostIPC'].filter(f, f in variables.pod && variables.pod[f])`,
		"the pod would share the node's namespaces", "remove these fields",
	}
	privileged := rule{
		"privileged", `variables.containers.filter(c, c.?securityContext.?privileged.orValue(false)).map(c, c.name)`,
		"containers would be privileged", "remove securityContext.privileged",
	}
	escalating := rule{
		"escalating", `variables.containers.filter(c, c.?securityContext.?allowPrivilegeEscalation.orValue(true)).map(c, c.name)`,
		"containers may gain privileges", "set securityContext.allowPrivilegeEscalation: false",
	}
	foreign := rule{
		"foreign", `variables.containers.filter(c, !c.?image.orValue('').startsWith('` + registry + `')).map(c, c.name + ' (' + c.?image.orValue('none') + ')')`,
		"images are not from " + strings.TrimSuffix(registry, "/"), "push the image there with the pipeline",
	}
	out := policy(p, "sensor", "the sensor sees the node, and the other policies leave its namespace out: nothing runs there that asks for more than it does",
		[]string{"supply.pod-hardening", "supply.admission"}, []string{"platform.account", "platform.region"}, only(falcoNamespace),
		shared, privileged, escalating, foreign,
		rule{
			"hostPaths", `variables.pod.?volumes.orValue([]).filter(v, has(v.hostPath) && !(v.hostPath.path in ` + celList(sensorPaths) + `)).map(v, v.name)`,
			"volumes would mount files of the node that the sensor does not read", "leave them out",
		},
		rule{
			"writable", `variables.containers.filter(c, c.?volumeMounts.orValue([]).exists(m, !m.?readOnly.orValue(false) && ` +
				`variables.pod.?volumes.orValue([]).exists(v, v.name == m.name && has(v.hostPath)))).map(c, c.name)`,
			"containers could write to files of the node", "set readOnly: true on the mounts",
		},
		rule{
			"capable", `variables.containers.filter(c, c.?securityContext.?capabilities.?add.orValue([]).exists(x, !(x in ` + celList(sensorCapabilities) + `))).map(c, c.name)`,
			"containers would have capabilities that the sensor does not need", "leave them out",
		},
	)
	return append(out, append(append(
		policy(p, "pods", "Pod Security refuses these in the namespaces that ask for it; this refuses them in every other, too",
			[]string{"supply.pod-hardening"}, nil, guarded(),
			shared,
			rule{
				"hostPaths", `variables.pod.?volumes.orValue([]).filter(v, has(v.hostPath)).map(v, v.name)`,
				"volumes would mount files of the node (hostPath)", "use an emptyDir or a PersistentVolumeClaim",
			},
			privileged,
			escalating,
			rule{
				"root", `variables.containers.filter(c, ` +
					`!c.?securityContext.?runAsNonRoot.orValue(variables.pod.?securityContext.?runAsNonRoot.orValue(false)) || ` +
					`c.?securityContext.?runAsUser.orValue(variables.pod.?securityContext.?runAsUser.orValue(1)) == 0).map(c, c.name)`,
				"containers may run as root", "set securityContext.runAsNonRoot: true, and no runAsUser: 0",
			},
		),
		policy(p, "limits", "without a memory limit a container takes the node's memory from all others. Ephemeral containers can have none: "+
			"they live within the sum of the others",
			[]string{"supply.pod-hardening"}, nil, guarded(),
			rule{
				"unlimited", `(variables.pod.containers + variables.pod.?initContainers.orValue([]))` +
					`.filter(c, !('memory' in c.?resources.?limits.orValue({}))).map(c, c.name)`,
				"containers have no memory limit", "set resources.limits.memory",
			},
		)...),
		policy(p, "images", "an image from elsewhere was built by somebody else; a tag can be moved to another image",
			[]string{"supply.admission"}, []string{"platform.account", "platform.region"}, guarded(),
			foreign,
			rule{
				"tagged", `variables.containers.filter(c, !c.?image.orValue('').matches('^[^@]+@sha256:[0-9a-f]{64}$')).map(c, c.name + ' (' + c.?image.orValue('none') + ')')`,
				"images are not named by digest", "name them as repository@sha256:…, without relying on a tag",
			},
		)...)...)
}

// policy is a ValidatingAdmissionPolicy with its binding. It looks at pods, at
// what adds ephemeral containers to them, and at the templates of whatever makes
// pods, so that a developer sees the refusal where the mistake is.
func policy(p *platform.Platform, name, why string, controls, from []string, where kubernetes.Map, rules ...rule) []*kubernetes.Object {
	full := render.Name(p, name)
	variables := list{
		// dyn, since the kinds have their pods in different places: a typed object
		// would be warned about for each field that one of them lacks.
		m("name", "pod", "expression", strings.Join([]string{
			"dyn(object).kind == 'Pod' ? dyn(object).spec",
			": dyn(object).kind == 'CronJob' ? dyn(object).spec.jobTemplate.spec.template.spec",
			": dyn(object).spec.template.spec",
		}, "\n")),
		m("name", "containers", "expression", "variables.pod.containers\n"+
			"+ variables.pod.?initContainers.orValue([])\n+ variables.pod.?ephemeralContainers.orValue([])"),
	}
	validations := list{}
	for _, r := range rules {
		variables = append(variables, m("name", r.name, "expression", r.offenders))
		validations = append(validations, m(
			"expression", "variables."+r.name+".size() == 0",
			"message", r.says+": "+r.mend,
			"messageExpression", quoteCEL(r.says+": ")+" + variables."+r.name+".join(', ') + "+quoteCEL("; "+r.mend),
		))
	}
	resource := func(group string, names ...any) kubernetes.Map {
		return m("apiGroups", list{group}, "apiVersions", list{"v1"}, "operations", list{"CREATE", "UPDATE"}, "resources", names)
	}
	policy := kubernetes.New("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "", full, "spec", m(
		"failurePolicy", "Fail",
		"matchConstraints", m("resourceRules", list{
			resource("", "pods", "pods/ephemeralcontainers", "replicationcontrollers"),
			resource("apps", "deployments", "replicasets", "statefulsets", "daemonsets"),
			resource("batch", "jobs", "cronjobs"),
		}),
		// What is there already may still be labelled, scaled and deleted.
		"matchConditions", list{m("name", "changed", "expression", "oldObject == null || dyn(object).spec != dyn(oldObject).spec")},
		"variables", variables,
		"validations", validations,
	)).For(controls...).From(from...).Note(why).In("admission")
	binding := kubernetes.New("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "", full, "spec", m(
		"policyName", full,
		"validationActions", list{"Deny"},
		"matchResources", m("namespaceSelector", where),
	)).For(controls...).From(from...).In("admission")
	return []*kubernetes.Object{policy, binding}
}

// guarded selects every namespace but those of the system. The label is set by
// the API server itself, so that nobody can give it to another namespace.
func guarded() kubernetes.Map {
	return m("matchExpressions", list{
		m("key", "kubernetes.io/metadata.name", "operator", "NotIn", "values", systemNamespaces),
	})
}

// only selects one namespace.
func only(namespace string) kubernetes.Map {
	return m("matchExpressions", list{
		m("key", "kubernetes.io/metadata.name", "operator", "In", "values", list{namespace}),
	})
}

// celList writes texts as a list of CEL.
func celList(texts list) string {
	var out []string
	for _, t := range texts {
		out = append(out, quoteCEL(t.(string)))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// quoteCEL writes a text as a string of CEL.
func quoteCEL(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
