package kubernetes

import (
	istionet "istio.io/api/networking/v1"
	istiosec "istio.io/api/security/v1"

	"fathom/estate"
	"fathom/estate/tree"
)

// builder makes the typed resource of an object.
type builder func(r *reader, o estate.Object) (estate.Resource, *typeError)

// typeOf is the builder of a kind, or nil. The version does not matter: what
// is read of a kind has kept its form since it was first published.
func typeOf(group, kind string) builder {
	if group == "constraints.gatekeeper.sh" {
		return constraint
	}
	return builders[group+"/"+kind]
}

// builders are the kinds that have a type of their own.
var builders = map[string]builder{
	"/Pod":                            pod,
	"/ReplicationController":          replicationController,
	"apps/Deployment":                 deployment,
	"extensions/Deployment":           deployment,
	"apps/StatefulSet":                statefulSet,
	"apps/DaemonSet":                  daemonSet,
	"extensions/DaemonSet":            daemonSet,
	"apps/ReplicaSet":                 replicaSet,
	"extensions/ReplicaSet":           replicaSet,
	"batch/Job":                       job,
	"batch/CronJob":                   cronJob,
	"argoproj.io/Rollout":             rollout,
	"/Service":                        service,
	"networking.k8s.io/Ingress":       ingress,
	"extensions/Ingress":              ingress,
	"/ServiceAccount":                 serviceAccount,
	"networking.k8s.io/NetworkPolicy": networkPolicy,
	"extensions/NetworkPolicy":        networkPolicy,
	"/Namespace":                      namespace,
	"/Secret":                         secret,
	"/ConfigMap":                      configMap,

	"rbac.authorization.k8s.io/Role":               rbacRole,
	"rbac.authorization.k8s.io/ClusterRole":        rbacRole,
	"rbac.authorization.k8s.io/RoleBinding":        rbacBinding,
	"rbac.authorization.k8s.io/ClusterRoleBinding": rbacBinding,

	"vpcresources.k8s.aws/SecurityGroupPolicy": securityGroupPolicy,

	"security.istio.io/PeerAuthentication":  peerAuthentication,
	"security.istio.io/AuthorizationPolicy": authorizationPolicy,
	"networking.istio.io/DestinationRule":   destinationRule,
	"networking.istio.io/Gateway":           gateway,
	"networking.istio.io/ServiceEntry":      serviceEntry,

	"admissionregistration.k8s.io/ValidatingAdmissionPolicy":        admissionPolicy,
	"admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": admissionBinding,
	"admissionregistration.k8s.io/ValidatingWebhookConfiguration":   admissionWebhooks,

	"kyverno.io/ClusterPolicy":                            kyvernoPolicy,
	"kyverno.io/Policy":                                   kyvernoPolicy,
	"policies.kyverno.io/ValidatingPolicy":                validatingPolicy,
	"policies.kyverno.io/NamespacedValidatingPolicy":      validatingPolicy,
	"policies.kyverno.io/ImageValidatingPolicy":           validatingPolicy,
	"policies.kyverno.io/NamespacedImageValidatingPolicy": validatingPolicy,
}

// spec decodes the object's spec.
func (r *reader) spec(o *estate.Object, into any) *typeError {
	return r.part(o, into, "spec")
}

// part decodes one member of the manifest, if it is there.
func (r *reader) part(o *estate.Object, into any, name string) *typeError {
	n := o.Manifest.Get(name)
	if n.Missing() {
		return nil
	}
	return r.decodeInto(n, into)
}

func service(r *reader, o estate.Object) (estate.Resource, *typeError) {
	s := &estate.Service{Object: o}
	return s, r.spec(&o, &s.Spec)
}

func networkPolicy(r *reader, o estate.Object) (estate.Resource, *typeError) {
	p := &estate.NetworkPolicy{Object: o}
	return p, r.spec(&o, &p.Spec)
}

func namespace(_ *reader, o estate.Object) (estate.Resource, *typeError) {
	return &estate.Namespace{Object: o}, nil
}

func configMap(r *reader, o estate.Object) (estate.Resource, *typeError) {
	m := &estate.ConfigMap{Object: o}
	return m, r.part(&o, &m.Data, "data")
}

// secret keeps the names of a Secret's values and blots out the values, in
// the manifest too.
func secret(_ *reader, o estate.Object) (estate.Resource, *typeError) {
	s := &estate.SecretObject{Object: o, SecretType: text(o.Manifest.Get("type"))}
	for _, member := range []string{"data", "stringData"} {
		n := o.Manifest.Get(member)
		if !n.Missing() && n.Kind != tree.Map {
			return s, &typeError{n.Pos, `"` + member + `" is not a map`}
		}
		if n == nil {
			continue
		}
		for i, f := range n.Fields {
			s.DataKeys = append(s.DataKeys, f.Name)
			n.Fields[i].Node = blot(f.Node)
		}
	}
	const applied = "kubectl.kubernetes.io/last-applied-configuration"
	if _, ok := o.Annotations[applied]; ok {
		o.Annotations[applied] = "set"
		annotations := o.Manifest.At("metadata", "annotations")
		annotations.Set(applied, blot(annotations.Get(applied)))
	}
	s.DataKeys = sorted(s.DataKeys)
	return s, nil
}

func blot(n *tree.Node) *tree.Node {
	if n.Missing() {
		return n
	}
	return &tree.Node{Kind: tree.String, Text: "set", Pos: n.Pos}
}

func rbacRole(r *reader, o estate.Object) (estate.Resource, *typeError) {
	role := &estate.RBACRole{Object: o}
	return role, r.part(&o, &role.Rules, "rules")
}

func rbacBinding(r *reader, o estate.Object) (estate.Resource, *typeError) {
	b := &estate.RBACBinding{Object: o}
	for _, part := range []struct {
		name string
		into any
	}{{"roleRef", &b.RoleRef}, {"subjects", &b.Subjects}} {
		if wrong := r.part(&o, part.into, part.name); wrong != nil {
			return b, wrong
		}
	}
	return b, nil
}

func peerAuthentication(r *reader, o estate.Object) (estate.Resource, *typeError) {
	p := &estate.PeerAuthentication{Object: o, Spec: &istiosec.PeerAuthentication{}}
	return p, r.decodeProto(o.Manifest.Get("spec"), p.Spec)
}

func authorizationPolicy(r *reader, o estate.Object) (estate.Resource, *typeError) {
	p := &estate.AuthorizationPolicy{Object: o, Spec: &istiosec.AuthorizationPolicy{}}
	return p, r.decodeProto(o.Manifest.Get("spec"), p.Spec)
}

func destinationRule(r *reader, o estate.Object) (estate.Resource, *typeError) {
	d := &estate.DestinationRule{Object: o, Spec: &istionet.DestinationRule{}}
	return d, r.decodeProto(o.Manifest.Get("spec"), d.Spec)
}

func gateway(r *reader, o estate.Object) (estate.Resource, *typeError) {
	g := &estate.Gateway{Object: o, Spec: &istionet.Gateway{}}
	return g, r.decodeProto(o.Manifest.Get("spec"), g.Spec)
}

func serviceEntry(r *reader, o estate.Object) (estate.Resource, *typeError) {
	s := &estate.ServiceEntry{Object: o, Spec: &istionet.ServiceEntry{}}
	return s, r.decodeProto(o.Manifest.Get("spec"), s.Spec)
}

func admissionPolicy(r *reader, o estate.Object) (estate.Resource, *typeError) {
	p := &estate.AdmissionPolicy{Object: o}
	return p, r.spec(&o, &p.Spec)
}

func admissionBinding(r *reader, o estate.Object) (estate.Resource, *typeError) {
	b := &estate.AdmissionBinding{Object: o}
	return b, r.spec(&o, &b.Spec)
}

func admissionWebhooks(r *reader, o estate.Object) (estate.Resource, *typeError) {
	w := &estate.AdmissionWebhooks{Object: o}
	return w, r.part(&o, &w.Webhooks, "webhooks")
}
