package draft

import networkingv1 "k8s.io/api/networking/v1"

// netPort is a port of a NetworkPolicy.
type netPort = networkingv1.NetworkPolicyPort
