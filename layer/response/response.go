package response

import (
	"fathom/control"
	"fathom/layer"
)

// Layer is the response layer.
func Layer() layer.Layer {
	return layer.Layer{
		Name: "response",
		Doc:  "see, act, prove: who notices an attack, what they do about it, and what shows that they did",
		Controls: []control.Control{
			trail,
			guardDuty,
			posture,
			detections,
			runbooks,
			drift,
			drills,
			kpis,
			retention,
			compliance,
			rollout,
			notify,
		},
		Render: declare,
		Steps:  steps,
	}
}

// The controls that no file can show.
var (
	kpis = control.Control{
		ID:         "response.kpis",
		Title:      "Times to detect, to remediate and to restore are measured against their goals, each traceable to evidence",
		Why:        "Without a clock nobody knows that an intruder had eleven days",
		Threats:    all,
		Phase:      control.MidTerm,
		Severity:   control.Low,
		World:      control.Anywhere,
		Maps:       []string{"PCI DSS 4.0.1 12.10.2", "GDPR 32(1)(d)"},
		Aside:      "it measures how well the others work",
		Unseen:     "times are measured from events and incidents, not declared in a file",
		Rendered:   control.InPart,
		Unrendered: "times are measured from incidents; the drills that are timed against the objectives are rendered",
	}
	compliance = control.Control{
		ID:         "response.compliance",
		Title:      "PCI DSS, GDPR and HIPAA requirements mapped to controls and evidence",
		Why:        "A requirement that no control answers is found by the auditor, or by the attacker",
		Threats:    all,
		Phase:      control.MidTerm,
		Severity:   control.Low,
		World:      control.Anywhere,
		Maps:       []string{"GDPR 5(2)", "PCI DSS 4.0.1 12.5.2"},
		Aside:      "it says which requirement a control answers, and stops nobody",
		Unseen:     "the mapping is a document about controls and no resource; a standard switched on in Security Hub maps AWS's own checks only",
		Rendered:   control.Nothing,
		Unrendered: "it is a document about controls",
	}
	rollout = control.Control{
		ID:         "response.rollout",
		Title:      "A prioritised plan: what to do next, why, in which phase, with what it gains",
		Why:        "The team mends what was reported last, and the cheap change that closes the worst path waits",
		Threats:    all,
		Phase:      control.QuickWin,
		Severity:   control.Low,
		World:      control.Anywhere,
		Aside:      "it says what to put in place next, and stops nobody",
		Unseen:     "a plan is not deployed: the findings and the depth of an estate give it",
		Rendered:   control.Nothing,
		Unrendered: "it is a plan, and nothing that is deployed",
	}
)

// all are the six threats.
var all = []control.Threat{
	control.AccountTakeover, control.LateralMovement, control.Exfiltration,
	control.SupplyChain, control.Flood, control.Ransom,
}
