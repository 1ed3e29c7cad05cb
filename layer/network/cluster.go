package network

import (
	"fathom/control"
	"fathom/estate"
)

var clusterPrivate = control.Control{
	ID:       "network.cluster-private",
	Title:    "The cluster API is private or open to named networks only",
	Why:      "A stolen token or a flaw in the API server can be used from anywhere, and everybody can try",
	Threats:  []control.Threat{control.AccountTakeover, control.LateralMovement},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 1.3.1", "PCI DSS 4.0.1 1.4.1", "HIPAA 164.312(a)(1)"},
	Check:    checkCluster,
	OnlyAWS:  "who reaches the endpoint of the API is decided by EKS",
	Defeat:   publicAPI,
}

// checkCluster judges every EKS cluster. AWS's defaults are a public endpoint,
// no private one, and public_access_cidrs of 0.0.0.0/0 (EKS API,
// VpcConfigRequest).
func checkCluster(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, c := range estate.All[*estate.EKSCluster](e) {
		out = append(out, endpoint(c))
	}
	return out
}

func endpoint(c *estate.EKSCluster) control.Result {
	name := named("EKS cluster", c.ClusterName, c.Meta())
	n := c.Network.One()
	if n == nil {
		return control.Unsure(c, c.Network.At, "how the API of "+name+" is reached is not known: "+c.Network.Why)
	}
	public := n.PublicAccess.Default(true)
	open := n.PublicCIDRs.Any(estate.IsWorld)
	cidrs := "public_access_cidrs " + control.Few(n.PublicCIDRs.Known(), 3)
	if n.PublicCIDRs.Absent() {
		open, cidrs = estate.Yes, "public_access_cidrs not set, which means 0.0.0.0/0"
	}
	at := or(n.PublicCIDRs.Pos(), or(n.PublicAccess.Pos(), n.At))
	why := n.PublicAccess.Why()
	if why == "" {
		why = n.PublicCIDRs.Why()
	}
	for _, it := range n.PublicCIDRs.Items {
		if why == "" {
			why = it.Why()
		}
	}
	return control.Judge(public.Is(true).And(open).Not(), c, control.Mistake{
		At: at, Cause: control.CausePublicEndpoint,
		Summary:  "the API of " + name + " answers the whole internet: public access, " + cidrs,
		Fix:      "set endpoint_private_access = true and endpoint_public_access = false, or public_access_cidrs to the networks that need it",
		Evidence: []control.Evidence{{At: at, Saw: "endpoint_public_access = " + public.String() + ", " + cidrs}},
	}, "from where the API of "+name+" can be reached is not known: "+why)
}
