package draft

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"fathom/estate"
)

var hostForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$`)

// findEgress finds the hosts outside that a service calls: those that the mesh
// is told of, and those that variables name.
func (d *drafter) findEgress(s *service) {
	for _, x := range estate.All[*estate.ServiceEntry](d.e) {
		if x.Spec.GetLocation().String() != "MESH_EXTERNAL" {
			continue
		}
		for _, host := range x.Spec.GetHosts() {
			shown, why := d.shows(s, x, host)
			if !shown || !outsideHost(host) {
				continue
			}
			for _, p := range x.Spec.GetPorts() {
				s.egress = append(s.egress, egress{host: host, port: int(p.GetNumber()), why: why, at: x.Pos})
			}
		}
	}
	for _, h := range s.hints {
		for _, a := range h.addresses() {
			if a.scheme == "" || !strings.Contains(a.host, ".") || !outsideHost(a.host) || d.serviceAt(a.host, s.w.Namespace) != nil || d.internal(a.host) ||
				slices.ContainsFunc(d.stores, func(st *store) bool { return st.is(h.value, h.addresses()) }) {
				continue
			}
			port, _ := strconv.Atoi(a.port)
			port = cmp.Or(port, map[string]int{"https": 443, "http": 80, "smtp": 25, "smtps": 465, "ftp": 21, "sftp": 22}[a.scheme])
			if port < 1 || port > 65535 || slices.ContainsFunc(s.egress, func(x egress) bool { return x.host == a.host && x.port == port }) {
				continue
			}
			s.egress = append(s.egress, egress{host: a.host, port: port, why: d.weak(h), at: h.at})
		}
	}
	s.egress = sortEgress(s.egress)
	for i := range s.egress {
		s.egress[i].addresses = d.addressesOf(s, s.egress[i].port)
	}
}

// outsideHost says whether a host is one that a declaration names as outside: no
// wildcard, no address, none of AWS or of the cluster.
func outsideHost(host string) bool {
	_, err := netip.ParseAddr(host)
	return err != nil && hostForm.MatchString(host) && !strings.HasSuffix(host, ".amazonaws.com") &&
		!strings.HasSuffix(host, ".internal") && !strings.HasSuffix(host, ".local") && !strings.HasSuffix(host, ".svc")
}

// internal says whether a host is in a zone of the VPC, or one of the platform's own.
func (d *drafter) internal(host string) bool {
	for _, z := range estate.All[*estate.HostedZone](d.e) {
		name, ok := z.Zone.Known()
		if ok && strings.HasSuffix("."+host, "."+strings.TrimSuffix(name, ".")) {
			return true
		}
	}
	return false
}

// shows says whether the mesh shows a host outside to a service, and why that
// could not be told for sure.
func (d *drafter) shows(s *service, x *estate.ServiceEntry, host string) (bool, string) {
	if hosts := d.sidecarHosts(s); len(hosts) > 0 {
		for _, h := range hosts {
			ns, name, _ := strings.Cut(h.name, "/")
			if (ns == "." && x.Namespace == s.w.Namespace || ns == x.Namespace || ns == "*") && name == host {
				return true, ""
			}
		}
		return false, ""
	}
	if x.Namespace != s.w.Namespace {
		return false, "" // those that every namespace sees say nothing about one
	}
	if n := len(d.selected(x.Namespace, nil)); n > 1 {
		return true, "the mesh shows this host to all services of the namespace"
	}
	return true, ""
}

// addressesOf are the networks outside that NetworkPolicies let a service reach
// on a port, unless that is the whole internet.
func (d *drafter) addressesOf(s *service, port int) []string {
	if len(slices.DeleteFunc(slices.Clone(s.egress), func(x egress) bool { return x.port != port })) != 1 {
		return nil // nobody knows which address is whose
	}
	var out []string
	for _, p := range estate.PoliciesOf(d.e, s.w) {
		for _, rule := range p.Spec.Egress {
			if !slices.ContainsFunc(rule.Ports, func(r networkingv1.NetworkPolicyPort) bool { return r.Port != nil && r.Port.IntValue() == port }) {
				continue
			}
			for _, to := range rule.To {
				if to.IPBlock == nil {
					continue
				}
				cidr, err := netip.ParsePrefix(to.IPBlock.CIDR)
				if err != nil || !cidr.Addr().Is4() || cidr.Masked() != cidr || cidr.Addr().IsPrivate() || cidr.Addr().IsLinkLocalUnicast() || cidr.Addr().IsLoopback() {
					continue
				}
				if cidr.Bits() < 12 {
					return nil
				}
				out = append(out, cidr.String())
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
