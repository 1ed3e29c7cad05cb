package flow

import (
	"fathom/diag"
	"fathom/estate"
)

// Kind is what a hop is.
type Kind string

// The kinds of hops.
const (
	SecurityGroup Kind = "security group"
	NetworkACL    Kind = "network ACL"
	Route         Kind = "route"
	Gateway       Kind = "gateway"
	Address       Kind = "address"
	Endpoint      Kind = "endpoint"
	LoadBalancer  Kind = "load balancer"
	CDN           Kind = "CDN"
	Service       Kind = "service"
	NetworkPolicy Kind = "network policy"
	Mesh          Kind = "mesh"
)

// Hop is one thing on the way that decides. Its zero Pass stops packets.
type Hop struct {
	Kind Kind
	// Of is what decides: a security group, a route table, a NetworkPolicy;
	// nil for what no file declares, such as the default of something absent.
	Of estate.Resource
	// At is the line of the rule that lets pass or stops, or that a change
	// would begin at.
	At diag.Pos
	// Pass says whether the packets go on: Maybe where the files do not tell.
	Pass estate.Truth
	// Refuses says that the packet arrives and the request is refused: the mesh.
	Refuses bool
	// Says is a sentence without a full stop: `security group "db" lets in TCP
	// 3306 from 0.0.0.0/0`, `no rule of security group "db" lets in TCP 3306
	// from security group "app"`.
	Says string
	// Why is the reason of a Maybe.
	Why string
	// Open is, for a hop that stops, the smallest change that would let these
	// packets pass: `add an ingress rule for TCP 3306 from security group "app"
	// to security group "db"`.
	Open string
}

// Way is one way from a source to a destination, and whether packets get
// through: the least of its hops.
type Way struct {
	// Family is 4 or 6, or 0 where no addresses decide.
	Family int
	Hops   []Hop
	// Sources are the addresses of the source that get through, where the
	// source is a range such as the internet; empty otherwise.
	Sources Addrs
}

// Pass is the least of the hops: Yes when all let pass.
func (w *Way) Pass() estate.Truth {
	t := estate.Yes
	for i := range w.Hops {
		t = t.And(w.Hops[i].Pass)
	}
	return t
}

// Stop returns the first hop that does not surely let pass, or nil.
func (w *Way) Stop() *Hop {
	for i := range w.Hops {
		if w.Hops[i].Pass != estate.Yes {
			return &w.Hops[i]
		}
	}
	return nil
}
