package network

import (
	"fmt"

	"fathom/diag"
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
	// asked are the services that answer people who ask what is kept about them.
	asked map[string]bool
	out   []render.Resource
}

// declare renders the VPC, its security groups with every rule of the chain, the
// ways out, the cluster's API, and the NetworkPolicies.
func declare(p *platform.Platform) ([]render.Resource, error) {
	pl, err := planOf(p)
	if err != nil {
		return nil, err
	}
	d := &declaration{Platform: p, plan: pl, asked: map[string]bool{}}
	for _, s := range p.Subjects() {
		d.asked[s.Name] = true
	}
	if who := d.shutIn(); who != "" {
		return nil, diag.Problem{
			Pos:     p.At("services", who, "egress"),
			Summary: fmt.Sprintf("service %q calls hosts outside, and network.nat is none: nothing leads there", who),
			Fix:     "set network.nat to one or zone, or take egress away",
		}
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

// shutIn is a service that calls hosts outside although nothing leads there, or
// "".
func (d *declaration) shutIn() string {
	for _, s := range d.Services {
		if d.Network.NAT == "none" && len(s.Egress) > 0 {
			return s.Name
		}
	}
	return ""
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
