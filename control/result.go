package control

import (
	"fathom/diag"
	"fathom/estate"
)

// Evidence is a value that was seen, and where.
type Evidence struct {
	At  diag.Pos
	Saw string
}

// Mistake is what somebody has to mend.
type Mistake struct {
	// At is the line to change.
	At diag.Pos
	// Severity defaults to the control's.
	Severity Severity
	// Summary is a sentence without a full stop that says what is wrong, with
	// the value: security group "db" takes port 3306 from 0.0.0.0/0.
	Summary string
	// Fix is what to write instead, as a sentence without a full stop.
	Fix string
	// Cause is set where other controls may see the same mistake: two results
	// with one resource, line and cause become one finding.
	Cause    string
	Evidence []Evidence
}

// Result is what a control found on one resource.
type Result struct {
	Status Status
	// On is the resource.
	On *estate.Base
	Mistake
	// Reason says why the result is unknown.
	Reason string
}

// Is gives a present result, with what was seen.
func Is(on estate.Resource, ev ...Evidence) Result {
	return Result{Status: Present, On: on.Meta(), Mistake: Mistake{At: on.Meta().Pos, Evidence: ev}}
}

// Not gives an absent result.
func Not(on estate.Resource, m Mistake) Result { return mistaken(Absent, on, m) }

// Partly gives a partial result: the guard is there and leaves something open.
func Partly(on estate.Resource, m Mistake) Result { return mistaken(Partial, on, m) }

func mistaken(s Status, on estate.Resource, m Mistake) Result {
	b := on.Meta()
	if m.At.Line == 0 {
		m.At = b.Pos
	}
	return Result{Status: s, On: b, Mistake: m}
}

// Unsure gives an unknown result: reason says what is not known and why.
func Unsure(on estate.Resource, at diag.Pos, reason string) Result {
	b := on.Meta()
	if at.Line == 0 {
		at = b.Pos
	}
	return Result{Status: Unknown, On: b, Mistake: Mistake{At: at}, Reason: reason}
}

// Judge turns a three-valued answer into a result: Yes is present, No is the
// mistake, Maybe is unknown because of reason.
func Judge(t estate.Truth, on estate.Resource, m Mistake, reason string) Result {
	switch t {
	case estate.Yes:
		return Is(on, m.Evidence...)
	case estate.Maybe:
		return Unsure(on, m.At, reason)
	}
	return Not(on, m)
}

// Nowhere is the result of a control of the whole account that was found
// nowhere: absent, or unknown when a part of the configuration that may hold
// it could not be read.
func Nowhere(e *estate.Estate, m Mistake) []Result {
	if why := e.MayHideAWS(); why != "" {
		return []Result{Unsure(e.Account(), m.At, why)}
	}
	return []Result{Not(e.Account(), m)}
}

// NowhereInCluster is Nowhere for controls of the whole Kubernetes cluster.
func NowhereInCluster(e *estate.Estate, m Mistake) []Result {
	if why := e.MayHideKubernetes(); why != "" {
		return []Result{Unsure(e.Cluster(), m.At, why)}
	}
	return []Result{Not(e.Cluster(), m)}
}

// Lacks is Nowhere for one resource: a bucket without versioning. What it
// lacks might be in a part that could not be read.
func Lacks(e *estate.Estate, on estate.Resource, m Mistake) Result {
	why := e.MayHideAWS()
	if _, kubernetes := on.(interface{ At(...string) diag.Pos }); kubernetes {
		why = e.MayHideKubernetes()
	}
	if why != "" {
		return Unsure(on, m.At, why)
	}
	return Not(on, m)
}
