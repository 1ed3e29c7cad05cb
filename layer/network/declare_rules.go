package network

import (
	"slices"
	"strings"

	"fathom/render"
	"fathom/render/terraform"
)

// peer is the other end of a rule: a security group by its label, or something
// with addresses.
type peer struct {
	label string            // what it is called in the labels of rules
	group string            // the label of its security group, or "" for addresses
	entry []terraform.Entry // how a rule names it where it is no group
}

// groupPeer is a security group of this file.
func groupPeer(label string) peer { return peer{label: label, group: label} }

// rule is what is let through between two.
type rule struct {
	says     string
	protocol string // tcp where empty
	from, to int    // to is from where 0
	// also is what tells the rule from others between the same two: dns_udp.
	also     string
	controls []string
	paths    []string
}

// connect lets one group open connections to another: a rule out of the one and
// a rule into the other.
func (d *declaration) connect(from, to string, r rule) {
	d.egress(from, groupPeer(to), r)
	d.ingress(to, groupPeer(from), r)
}

func (d *declaration) egress(of string, to peer, r rule) {
	d.rule("aws_vpc_security_group_egress_rule", of+"_to_"+to.label, of, to, r)
}

func (d *declaration) ingress(of string, from peer, r rule) {
	d.rule("aws_vpc_security_group_ingress_rule", of+"_from_"+from.label, of, from, r)
}

func (d *declaration) rule(kind, label, of string, other peer, r rule) {
	if r.also != "" {
		label += "_" + r.also
	}
	if r.protocol == "" {
		r.protocol = "tcp"
	}
	if r.to == 0 {
		r.to = r.from
	}
	if len(r.says) > 255 { // what EC2 takes
		r.says = r.says[:255]
	}
	who := other.entry
	if other.group != "" {
		who = []terraform.Entry{set("referenced_security_group_id", render.GroupOf(other.group))}
	}
	only := slices.IndexFunc(who, func(e terraform.Entry) bool { return e.Name == "for_each" }) + 1 // it stands first, as people write it
	body := terraform.Join(
		who[:only],
		[]terraform.Entry{set("security_group_id", render.GroupOf(of)), set("description", r.says)},
		who[only:],
		[]terraform.Entry{set("ip_protocol", r.protocol), set("from_port", r.from), set("to_port", r.to)},
	)
	controls := r.controls
	if len(controls) == 0 {
		controls = []string{"network.sg-chain", "network.egress-deny"}
	}
	d.tf(block(kind, label, body...)).For(controls...).From(r.paths...)
}

// group renders a security group without rules; each rule is a resource of its
// own.
func (d *declaration) group(label, name, says string) *terraform.Block {
	return d.tf(block("aws_security_group", label,
		set("name", render.Name(d.Platform, name)),
		set("description", says),
		set("vpc_id", render.VPC),
		d.tags(name),
	)).For("network.sg-chain", "network.egress-deny")
}

// hostLabel makes a part of a label of a host's name.
func hostLabel(host string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(host))
}
