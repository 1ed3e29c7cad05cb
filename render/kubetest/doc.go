// Package kubetest runs a real kube-apiserver, with the etcd it needs, for the
// tests of the manifests that Fathom renders: what is rendered is then held to
// what Kubernetes itself accepts, refuses and does with it.
//
//	func TestMain(m *testing.M) { os.Exit(kubetest.Run(m)) }
//
//	cluster := kubetest.Shared(t)
//	for _, err := range cluster.Apply(manifests) {
//		t.Error(err)
//	}
//
// It is for tests only. Nothing but the API server runs: its admission plugins
// (Pod Security, ValidatingAdmissionPolicies, LimitRanger and the other defaults)
// do their work and the CRDs of Istio, Kyverno, cert-manager and its issuer for
// AWS Private CA are installed, but there are no controllers, no scheduler and
// no nodes. So a Deployment gets no pods (see [Pods]), a deleted namespace stays
// "Terminating" for good, a ResourceQuota is not enforced as nobody fills in its
// status, and the webhooks of Istio, Kyverno and cert-manager are not asked; for
// Istio's there is [IstioValidate]. The one thing done in a controller's stead is
// that a namespace gets its ServiceAccount "default", without which it could
// hold no pods.
//
// "make setup" builds the binaries and fetches the CRDs.
package kubetest
