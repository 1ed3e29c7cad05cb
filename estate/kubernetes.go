package estate

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	istionet "istio.io/api/networking/v1"
	istiosec "istio.io/api/security/v1"

	"fathom/diag"
	"fathom/estate/tree"
)

// Object is what every Kubernetes object has. A kind that Fathom has no type
// for is kept as a plain Object. Its address is kind/namespace/name, or
// kind/name where there is no namespace.
type Object struct {
	Base
	APIVersion  string
	Kind        string
	Namespace   string // "default" where a namespaced object names none
	Name        string
	Labels      map[string]string
	Annotations map[string]string
	// Manifest is the object as it was written, with positions; use At.
	Manifest *tree.Node
}

func (*Object) object() {}

// At is the line of the value at a path of the manifest ("spec", "containers",
// "0", "image"), or of the nearest thing above it that was written.
func (o *Object) At(path ...string) diag.Pos {
	if p := o.Manifest.Nearest(path...); p.Line != 0 {
		return p
	}
	return o.Pos
}

// Workload is anything that makes pods: Deployment, StatefulSet, DaemonSet,
// ReplicaSet, Job, CronJob, Pod.
type Workload struct {
	Object
	Replicas       *int32
	PodLabels      map[string]string
	PodAnnotations map[string]string
	Pod            corev1.PodSpec
	// PodPath is where the pod's spec stands in the manifest: "spec",
	// "template", "spec" for a Deployment.
	PodPath []string
}

// AtPod is At below the pod's spec.
func (w *Workload) AtPod(path ...string) diag.Pos {
	return w.At(append(append([]string{}, w.PodPath...), path...)...)
}

// Containers calls f for every container of the pod, init and ephemeral ones
// included, with its path below the pod's spec.
func (w *Workload) Containers(f func(c *corev1.Container, path []string)) {
	for i := range w.Pod.InitContainers {
		f(&w.Pod.InitContainers[i], []string{"initContainers", itoa(i)})
	}
	for i := range w.Pod.Containers {
		f(&w.Pod.Containers[i], []string{"containers", itoa(i)})
	}
	for i := range w.Pod.EphemeralContainers {
		c := corev1.Container(w.Pod.EphemeralContainers[i].EphemeralContainerCommon)
		f(&c, []string{"ephemeralContainers", itoa(i)})
	}
}

// ServiceAccountName is the account the pod runs as.
func (w *Workload) ServiceAccountName() string {
	if w.Pod.ServiceAccountName != "" {
		return w.Pod.ServiceAccountName
	}
	if w.Pod.DeprecatedServiceAccount != "" {
		return w.Pod.DeprecatedServiceAccount
	}
	return "default"
}

// Service is a Kubernetes Service.
type Service struct {
	Object
	Spec corev1.ServiceSpec
}

// Ingress is a Kubernetes Ingress; with the AWS controller it makes an ALB.
type Ingress struct {
	Object
	Spec networkingv1.IngressSpec
	// WebACL is the web ACL that the ALB annotation names.
	WebACL Ref[*WebACL] `link:"alb.ingress.kubernetes.io/wafv2-acl-arn"`
	// SecurityGroups are those that the ALB annotation names.
	SecurityGroups Refs[*SecurityGroup] `link:"alb.ingress.kubernetes.io/security-groups"`
	// Certificate is the one that the ALB annotation names.
	Certificate Ref[*Certificate] `link:"alb.ingress.kubernetes.io/certificate-arn"`
}

// ServiceAccount is a pod's identity; its annotation may name an IAM role.
type ServiceAccount struct {
	Object
	Automount *bool
	Role      Ref[*Role] `link:"eks.amazonaws.com/role-arn"`
}

// NetworkPolicy is a networking.k8s.io/v1 NetworkPolicy.
type NetworkPolicy struct {
	Object
	Spec networkingv1.NetworkPolicySpec
}

// Namespace is a Kubernetes namespace.
type Namespace struct {
	Object
}

// SecretObject is a Kubernetes Secret. Values are kept as "set" only.
type SecretObject struct {
	Object
	DataKeys   []string
	SecretType string
}

// ConfigMap is a Kubernetes ConfigMap.
type ConfigMap struct {
	Object
	Data map[string]string
}

// RBACRole is a Role or ClusterRole.
type RBACRole struct {
	Object
	Rules []rbacv1.PolicyRule
}

// RBACBinding is a RoleBinding or ClusterRoleBinding.
type RBACBinding struct {
	Object
	RoleRef  rbacv1.RoleRef
	Subjects []rbacv1.Subject
}

// SecurityGroupPolicy gives pods security groups of their own
// (vpcresources.k8s.aws/v1beta1).
type SecurityGroupPolicy struct {
	Object
	PodSelector            *metav1.LabelSelector
	ServiceAccountSelector *metav1.LabelSelector
	Groups                 Refs[*SecurityGroup] `link:"spec.securityGroups.groupIds"`
}

// PeerAuthentication says whether plaintext is accepted (security.istio.io).
type PeerAuthentication struct {
	Object
	Spec *istiosec.PeerAuthentication
}

// AuthorizationPolicy says who may call a workload (security.istio.io).
type AuthorizationPolicy struct {
	Object
	Spec *istiosec.AuthorizationPolicy
}

// DestinationRule is how clients call a host (networking.istio.io).
type DestinationRule struct {
	Object
	Spec *istionet.DestinationRule
}

// Gateway is an Istio gateway (networking.istio.io).
type Gateway struct {
	Object
	Spec *istionet.Gateway
}

// ServiceEntry adds a host outside the mesh (networking.istio.io).
type ServiceEntry struct {
	Object
	Spec *istionet.ServiceEntry
}

// AdmissionPolicy is a ValidatingAdmissionPolicy.
type AdmissionPolicy struct {
	Object
	Spec admissionv1.ValidatingAdmissionPolicySpec
}

// AdmissionBinding puts a ValidatingAdmissionPolicy into force.
type AdmissionBinding struct {
	Object
	Spec admissionv1.ValidatingAdmissionPolicyBindingSpec
}

// AdmissionWebhooks is a ValidatingWebhookConfiguration.
type AdmissionWebhooks struct {
	Object
	Webhooks []admissionv1.ValidatingWebhook
}

// KyvernoPolicy is a policy of Kyverno, old (kyverno.io ClusterPolicy, Policy)
// or new (policies.kyverno.io ValidatingPolicy, ImageValidatingPolicy). Its
// spec is in the Manifest.
type KyvernoPolicy struct {
	Object
	// Enforces says whether a violation is refused rather than reported.
	Enforces Truth
	// VerifiesImages says that image signatures are checked.
	VerifiesImages bool
	// FailsClosed says that requests are refused while Kyverno is down.
	FailsClosed Truth
}

// Constraint is a Gatekeeper constraint (constraints.gatekeeper.sh).
type Constraint struct {
	Object
	// Action is deny (the default), dryrun, warn or scoped.
	Action string
}

// Selects says whether a selector chooses those labels. A nil selector chooses
// nothing, an empty one everything (Kubernetes API conventions).
func Selects(s *metav1.LabelSelector, have map[string]string) bool {
	if s != nil && len(s.MatchExpressions) == 0 { // most are: quicker without compiling them
		for label, value := range s.MatchLabels {
			if got, ok := have[label]; !ok || got != value {
				return false
			}
		}
		return true
	}
	sel, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && sel.Matches(labels.Set(have))
}

// ServiceAccountOf returns the account a workload runs as, if it was read.
func ServiceAccountOf(e *Estate, w *Workload) *ServiceAccount {
	return e.ix.accounts[objectKey{w.Namespace, w.ServiceAccountName()}]
}

// PoliciesOf returns the NetworkPolicies that select the pods of a workload.
func PoliciesOf(e *Estate, w *Workload) []*NetworkPolicy {
	var out []*NetworkPolicy
	for _, p := range e.ix.policies[w.Namespace] {
		if Selects(&p.Spec.PodSelector, w.PodLabels) {
			out = append(out, p)
		}
	}
	return out
}

// NamespaceOf returns the Namespace object of that name, if it was read.
func NamespaceOf(e *Estate, name string) *Namespace { return e.ix.namespaces[name] }

type objectKey struct{ namespace, name string }
