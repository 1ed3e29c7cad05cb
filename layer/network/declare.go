package network

import (
	"fmt"
	"slices"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

var (
	set   = terraform.Set
	nest  = terraform.Nest
	block = terraform.Resource
)

// declaration is what is rendered, as far as it has got.
type declaration struct {
	*platform.Platform
	plan *plan
	out  []render.Resource
}

// declare renders the VPC, its security groups with every rule of the chain, the
// ways out, the cluster's API, and the NetworkPolicies.
func declare(p *platform.Platform) ([]render.Resource, error) {
	pl, err := planOf(p)
	if err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	d := &declaration{Platform: p, plan: pl}
	if d.natless() {
		return nil, fmt.Errorf("network.nat is none, and services call hosts outside: they have no way there")
	}
	d.vpc()
	d.waysOut()
	d.lockedDefaults()
	d.vaultACL()
	d.edgeGroups()
	for i := range p.Services {
		d.serviceGroup(&p.Services[i])
	}
	for i := range p.Stores {
		d.storeGroup(&p.Stores[i])
	}
	d.clusterGroups()
	d.endpoints()
	d.flowLogs()
	d.firewall()
	d.cluster()
	d.standby()
	d.policies()
	return d.out, nil
}

// natless says that hosts outside are called although nothing leads there.
func (d *declaration) natless() bool {
	return d.Network.NAT == "none" && slices.ContainsFunc(d.Services, func(s platform.Service) bool { return len(s.Egress) > 0 })
}

// tf adds a block and returns it.
func (d *declaration) tf(b *terraform.Block) *terraform.Block {
	d.out = append(d.out, b)
	return b
}

// kube adds an object and returns it.
func (d *declaration) kube(o *kubernetes.Object) *kubernetes.Object {
	d.out = append(d.out, o)
	return o
}

// tags are those of something that only has a name.
func (d *declaration) tags(what string) terraform.Entry {
	return set("tags", terraform.Obj("Name", render.Name(d.Platform, what)))
}
