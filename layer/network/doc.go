// Package network holds the controls of the private network: security groups,
// subnets and routes, VPC endpoints, flow logs, NetworkPolicies and the
// cluster's API.
//
// The semantics are those of the Amazon VPC user guide (a security group is a
// union of allow rules, stateful, and refuses what no rule names) and of the
// Kubernetes NetworkPolicy v1 API (a pod is isolated per direction as soon as a
// policy selects it).
//
// Of a declared platform it renders all of these: an address plan, a security
// group for each service and store with one rule for each call and use, the
// endpoints of AWS with their policies, a firewall where hosts are known by name
// only, and NetworkPolicies that say the same a second time.
//
// Its steps are the connections that an attacker can open, with the guards of each
// hop as package ground tells them, and the ways by which much data leaves. Each
// Defeat opens exactly the hops that belong to its control.
//
// It does not say who can reach whom, which is the engine reach's answer, and
// does not judge what the edge takes from the internet on 80 and 443, which is
// the layer edge's business.
package network
