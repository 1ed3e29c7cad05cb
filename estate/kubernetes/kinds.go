package kubernetes

import (
	"slices"
	"strings"
)

// A kind is written as group/Kind; the core group is "".

// clusterScoped are the kinds that belong to no namespace.
var clusterScoped = set(`
	/Namespace /Node /PersistentVolume /ComponentStatus
	rbac.authorization.k8s.io/ClusterRole rbac.authorization.k8s.io/ClusterRoleBinding
	admissionregistration.k8s.io/* apiextensions.k8s.io/* apiregistration.k8s.io/* certificates.k8s.io/CertificateSigningRequest
	certificates.k8s.io/ClusterTrustBundle storage.k8s.io/StorageClass storage.k8s.io/CSIDriver storage.k8s.io/CSINode
	storage.k8s.io/VolumeAttachment storage.k8s.io/VolumeAttributesClass scheduling.k8s.io/PriorityClass node.k8s.io/RuntimeClass
	networking.k8s.io/IngressClass networking.k8s.io/IPAddress networking.k8s.io/ServiceCIDR
	flowcontrol.apiserver.k8s.io/* policy/PodSecurityPolicy snapshot.storage.k8s.io/VolumeSnapshotClass
	snapshot.storage.k8s.io/VolumeSnapshotContent resource.k8s.io/DeviceClass resource.k8s.io/ResourceSlice
	gateway.networking.k8s.io/GatewayClass policy.networking.k8s.io/AdminNetworkPolicy
	policy.networking.k8s.io/BaselineAdminNetworkPolicy
	constraints.gatekeeper.sh/* templates.gatekeeper.sh/* config.gatekeeper.sh/* mutations.gatekeeper.sh/* expansion.gatekeeper.sh/*
	kyverno.io/ClusterPolicy policies.kyverno.io/ValidatingPolicy policies.kyverno.io/ImageValidatingPolicy
	policies.kyverno.io/MutatingPolicy policies.kyverno.io/GeneratingPolicy policies.kyverno.io/DeletingPolicy
	cert-manager.io/ClusterIssuer awspca.cert-manager.io/AWSPCAClusterIssuer trust.cert-manager.io/Bundle
	external-secrets.io/ClusterSecretStore external-secrets.io/ClusterExternalSecret external-secrets.io/ClusterPushSecret
	policy.sigstore.dev/ClusterImagePolicy policy.sigstore.dev/TrustRoot karpenter.sh/NodePool karpenter.sh/NodeClaim
	karpenter.k8s.aws/EC2NodeClass elbv2.k8s.aws/IngressClassParams cilium.io/CiliumClusterwideNetworkPolicy
	projectcalico.org/GlobalNetworkPolicy crd.projectcalico.org/GlobalNetworkPolicy crd.k8s.amazonaws.com/ENIConfig
	pkg.crossplane.io/* apiextensions.crossplane.io/*
`)

// known are the kinds that controls look at by name. The typed ones are in
// the table of types.
var known = set(`
	/Role /LimitRange /ResourceQuota /PersistentVolume /PersistentVolumeClaim /PodTemplate /Endpoints
	autoscaling/HorizontalPodAutoscaler policy/PodDisruptionBudget policy/PodSecurityPolicy storage.k8s.io/StorageClass
	scheduling.k8s.io/PriorityClass node.k8s.io/RuntimeClass networking.k8s.io/IngressClass
	apiextensions.k8s.io/CustomResourceDefinition admissionregistration.k8s.io/MutatingWebhookConfiguration
	admissionregistration.k8s.io/MutatingAdmissionPolicy admissionregistration.k8s.io/MutatingAdmissionPolicyBinding
	telemetry.istio.io/Telemetry security.istio.io/RequestAuthentication networking.istio.io/Sidecar
	networking.istio.io/VirtualService networking.istio.io/EnvoyFilter networking.istio.io/WorkloadEntry
	networking.istio.io/WorkloadGroup networking.istio.io/ProxyConfig install.istio.io/IstioOperator sailoperator.io/Istio
	gateway.networking.k8s.io/* policy.networking.k8s.io/* cilium.io/* projectcalico.org/* crd.projectcalico.org/*
	cert-manager.io/* awspca.cert-manager.io/* trust.cert-manager.io/* spire.spiffe.io/*
	external-secrets.io/* secrets-store.csi.x-k8s.io/* bitnami.com/SealedSecret
	templates.gatekeeper.sh/ConstraintTemplate config.gatekeeper.sh/Config mutations.gatekeeper.sh/*
	kyverno.io/* policies.kyverno.io/* policy.sigstore.dev/*
	argoproj.io/* helm.toolkit.fluxcd.io/HelmRelease kustomize.toolkit.fluxcd.io/Kustomization source.toolkit.fluxcd.io/*
	elbv2.k8s.aws/TargetGroupBinding elbv2.k8s.aws/IngressClassParams networking.gke.io/FrontendConfig cloud.google.com/BackendConfig
	networking.gke.io/ManagedCertificate vpcresources.k8s.aws/* crd.k8s.amazonaws.com/ENIConfig networking.k8s.aws/*
	keda.sh/* karpenter.sh/* karpenter.k8s.aws/* autoscaling.k8s.io/VerticalPodAutoscaler
	monitoring.coreos.com/* velero.io/* snapshot.storage.k8s.io/*
`)

func set(kinds string) map[string]bool {
	m := map[string]bool{}
	for _, k := range strings.Fields(kinds) {
		m[k] = true
	}
	return m
}

func has(m map[string]bool, group, kind string) bool { return m[group+"/"+kind] || m[group+"/*"] }

// modelled says whether Fathom has a type for a kind.
func modelled(apiVersion, kind string) bool { return typeOf(groupOf(apiVersion), kind) != nil }

// scopes knows which kinds have no namespace: those of Kubernetes and of
// well-known projects, and what the definitions among the objects say.
type scopes map[string]bool // group/Kind to whether it is cluster-scoped

func newScopes(objects []*object) scopes {
	s := scopes{}
	for _, o := range objects {
		if _, kind := head(o.doc.root); kind != "CustomResourceDefinition" {
			continue
		}
		spec := o.doc.root.Get("spec")
		group, kind, scope := text(spec.Get("group")), text(spec.At("names", "kind")), text(spec.Get("scope"))
		if group != "" && kind != "" && scope != "" {
			s[group+"/"+kind] = scope == "Cluster"
		}
	}
	return s
}

// cluster says whether a kind has no namespace. A kind that nobody defines is
// taken to have one, unless its name begins with Cluster as those of its sort do.
func (s scopes) cluster(group, kind string, namespaceWritten bool) bool {
	if has(clusterScoped, group, kind) {
		return true
	}
	if c, ok := s[group+"/"+kind]; ok {
		return c
	}
	return !namespaceWritten && len(kind) > len("Cluster") && strings.HasPrefix(kind, "Cluster") &&
		!slices.Contains([]string{"ClusterClass"}, kind) && group != ""
}
