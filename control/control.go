package control

import (
	"fmt"
	"strings"

	"fathom/estate"
)

// Threat is one of the six that Fathom defends against.
type Threat uint8

// The six threats.
const (
	AccountTakeover Threat = iota + 1
	LateralMovement
	Exfiltration
	SupplyChain
	Flood
	Ransom
)

// String names the threat.
func (t Threat) String() string {
	names := [...]string{"", "account takeover", "lateral movement from a pod", "data exfiltration", "supply chain", "DDoS and flash sale", "ransomware and deletion"}
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("threat %d", uint8(t))
}

// Phase is when a control is put in place.
type Phase uint8

// The phases of a rollout.
const (
	QuickWin Phase = iota // days to two weeks
	MidTerm               // two to eight weeks
	LongTerm              // two to six months
)

// String names the phase.
func (p Phase) String() string { return [...]string{"quick win", "mid-term", "long-term"}[p] }

// Severity is how bad a mistake is.
type Severity uint8

// The severities. The zero Severity stands for the control's own.
const (
	Low Severity = iota + 1
	Medium
	High
	Critical
)

var severityNames = [...]string{"", "low", "medium", "high", "critical"}

// String is low, medium, high or critical.
func (s Severity) String() string { return severityNames[s] }

// ParseSeverity reads the name of a severity.
func ParseSeverity(name string) (Severity, bool) {
	for i, n := range severityNames {
		if i > 0 && n == name {
			return Severity(i), true
		}
	}
	return 0, false
}

// World is where a control is seen.
type World uint8

// The worlds. A control of Anywhere can be seen in any of them.
const (
	AWS World = iota
	Kubernetes
	Pipeline
	Anywhere
)

// Control is one guard.
type Control struct {
	// ID is layer.name.
	ID string
	// Title says what the guard is, as a noun phrase or a short sentence
	// without a full stop.
	Title string
	// Why says what an attacker gains where it is missing.
	Why      string
	Threats  []Threat
	Phase    Phase
	Severity Severity
	World    World
	// Maps are the requirements it serves: "PCI DSS 4.0.1 6.4.2".
	Maps []string
	// Check gives a result for every resource the control has to do with; none
	// when there is nothing for it to guard. Nil when no file can show the
	// control, and then Unseen says why.
	Check  func(*estate.Estate) []Result
	Unseen string
	// Defeat gives the estate with the control gone wherever it is, as a mistake
	// would leave it: the same files, one rule opened, one policy widened. Nil for
	// a control that stands in no attacker's step, and then Aside says why.
	Defeat func(*estate.Estate) *estate.Estate
	Aside  string
	// Fells are the controls whose result changes too when this one is defeated,
	// by design: a web ACL's rules guard nothing once it is attached to nothing.
	Fells []string
	// Effort is how much work it is to put in place where it is missing, in
	// person-days; 0 is that of its Phase.
	Effort int
	// Rendered is how much of it fathom render writes; Unrendered says what it
	// does not write and why, where that is anything.
	Rendered   Extent
	Unrendered string
	// OnlyAWS says why nothing but AWS itself can enforce it, so that no lab
	// shows it at work; empty where one can.
	OnlyAWS string
}

// Days is the control's effort in person-days: its own, or that of its phase.
func (c *Control) Days() int {
	if c.Effort > 0 {
		return c.Effort
	}
	return [...]int{2, 10, 30}[c.Phase]
}

// Extent is how much of something there is. The zero Extent is Whole.
type Extent uint8

// The extents.
const (
	Whole Extent = iota
	InPart
	Nothing
)

// String is yes, in part or no: the answer to "is it rendered?".
func (e Extent) String() string { return [...]string{"yes", "in part", "no"}[e] }

// Layer is the layer part of the control's ID.
func (c *Control) Layer() string {
	layer, _, _ := strings.Cut(c.ID, ".")
	return layer
}

// Status is how far a control is there. The zero Status is Absent.
type Status uint8

// The statuses.
const (
	Absent Status = iota
	Partial
	Present
	Unknown
)

// String names the status.
func (s Status) String() string { return [...]string{"absent", "partial", "present", "unknown"}[s] }
