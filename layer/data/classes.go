package data

import (
	"fathom/control"
	"fathom/estate"
)

var classes = control.Control{
	ID:       "data.classes",
	Title:    "Every store has a data class, and flows follow it",
	Why:      "What nobody has called personal or cardholder data gets the guards of product images",
	Threats:  []control.Threat{control.Exfiltration},
	Phase:    control.MidTerm,
	Severity: control.Low,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 12.5.2", "GDPR 30", "CIS AWS 7.0 3.1"},
	Check:    checkClasses,
	Aside:    "a tag stops nobody: it says what a store holds, and so which guards it needs",
}

// checkClasses asks every store for a tag with its class. That flows follow the
// classes is not seen here: which data a service passes on is in its code.
func checkClasses(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, s := range stores(e) {
		b := s.Meta()
		class := classOf(b.Tags)
		at := or(class.Pos(), b.Pos)
		switch value, known := class.Known(); {
		case known && value != "":
			out = append(out, control.Is(s, control.Saw(at, "class %s", value)))
		case class.Unknown():
			out = append(out, control.Unsure(s, at, "the tags of "+s.String()+" are not known: "+class.Why()))
		default:
			out = append(out, control.Not(s, control.Mistake{
				Summary: s.String() + " has no data class: none of its tags says what it holds",
				Fix:     `add the tag data-class = "cardholder", "personal", "internal" or "public"`,
			}))
		}
	}
	return out
}
