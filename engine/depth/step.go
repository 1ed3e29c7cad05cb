package depth

import (
	"strings"

	"fathom/diag"
)

// Capability is something an attacker can do: run code in a workload, act as a
// role, hold what a store holds. The engine compares capabilities and knows
// none of them but Off; the steps of the layers give them their meaning.
type Capability struct {
	// Kind says what sort of thing it is: "run", "act", "hold".
	Kind string
	// Of is what it is about: "shop/orders", "role/payments"; By is the other
	// end, where there is one: the place from which, or at which.
	Of, By string
}

// String is the capability as a key: hold card-vault at shop/payments.
func (c Capability) String() string {
	parts := []string{c.Kind}
	if c.Of != "" {
		parts = append(parts, c.Of)
	}
	if c.By != "" {
		parts = append(parts, "at", c.By)
	}
	return strings.Join(parts, " ")
}

// Guard is one control at one place: network.sg-chain on aws_security_group.db.
type Guard struct {
	// Control is the control's id.
	Control string
	// On is where it stands: the address of a resource, or what stands for one.
	On string
}

// String is the guard as reports name it.
func (g Guard) String() string {
	if g.On == "" {
		return g.Control
	}
	return g.Control + " on " + g.On
}

// Layer is the layer part of the control's id.
func (g Guard) Layer() string {
	layer, _, _ := strings.Cut(g.Control, ".")
	return layer
}

// Off is the capability that the guard guards no longer. It holds of a guard
// that has been defeated and of one that is missing; and a step may give it,
// where something else takes the guard away: a web ACL's rules once the web ACL
// is attached to nothing, a trail for who may stop it.
func Off(g Guard) Capability { return Capability{Kind: offKind, Of: g.Control, By: g.On} }

const offKind = "off"

// State is whether a guard stands. The zero State is Missing: what nobody has
// seen standing stops nobody.
type State uint8

// The states.
const (
	Missing State = iota
	Doubtful
	Standing
)

// String is missing, doubtful or standing.
func (s State) String() string { return [...]string{"missing", "doubtful", "standing"}[s] }

// Stop is a guard in the way of a step.
type Stop struct {
	Guard
	State State
	// At is the line that shows the guard, or that would hold it.
	At diag.Pos
	// Says is what was seen there, as a clause without a full stop: `no rule of
	// security group "db" lets in TCP 5432 from security group "search"`.
	Says string
	// Why is the reason of a Doubtful.
	Why string
}

// Step is something an attacker could do: with all of Needs, and all of Stops
// out of the way, Gives holds. It is a Horn clause; a guard that is missing is
// listed too, since a fix may put it there.
type Step struct {
	Gives Capability
	Needs []Capability
	Stops []Stop
	// Layer is the layer whose step it is.
	Layer string
	// Says tells the step in a sentence without a full stop, with the attacker
	// left out: `connects from shop/search to store card-vault on TCP 5432`.
	Says string
	// At is the line that makes it possible: the route, the permission, the port.
	At diag.Pos
	// Doubt says why it is not known whether the step is possible; "" when it is.
	Doubt string
}
