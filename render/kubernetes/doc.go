// Package kubernetes prints Kubernetes manifests: objects as ordered maps, with
// the comments of the controls they are part of, and the Kustomizations that list
// them.
//
//	o := kubernetes.New("v1", "ServiceAccount", "shop", "orders",
//		"automountServiceAccountToken", false,
//	).For("identity.irsa").From("services.orders").In("orders")
//
// It decides nothing about what is rendered. Empty maps and lists are written
// only where they mean something (podSelector: {}): a nil value is left out.
package kubernetes
