package overload

import (
	"fmt"
	"strings"
)

// Class is how dear a route is to the shop. The zero class is refused first.
type Class uint8

// The classes, in the order in which they are refused.
const (
	// Sheddable is what nobody misses for a minute: search, recommendations.
	Sheddable Class = iota
	// Degraded is what may get worse but should not go: product pages.
	Degraded
	// Critical is what earns the money: login, cart, checkout, payment.
	Critical

	classes = 3
)

var classNames = [classes]string{"sheddable", "degraded", "critical"}

// String is the class's name in configuration and metrics.
func (c Class) String() string {
	if int(c) >= classes {
		return fmt.Sprintf("class(%d)", uint8(c))
	}
	return classNames[c]
}

// MarshalText writes the name.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a name as String writes it.
func (c *Class) UnmarshalText(text []byte) error {
	for i, name := range classNames {
		if string(text) == name {
			*c = Class(i)
			return nil
		}
	}
	return fmt.Errorf("unknown priority %q; use one of %s", text, strings.Join(classNames[:], ", "))
}

// Outcome is how a request to the origin ended. The zero outcome counts
// against the origin.
type Outcome uint8

// The outcomes.
const (
	// Failed is an answer that says nothing about load: 500, 501, a broken
	// protocol. Its latency is not learnt from.
	Failed Outcome = iota
	// Overloaded is what an origin does that has too much to do: no connection,
	// a time-out, 429, 502, 503, 504. The limit falls.
	Overloaded
	// Success is any other answer. Its latency is learnt from.
	Success
	// Abandoned is a request whose client went away. It says nothing.
	Abandoned
)
