package supply

import (
	"fathom/control"
	"fathom/estate"
)

var immutableTags = control.Control{
	ID:       "supply.immutable-tags",
	Title:    "registry tags are immutable",
	Why:      "whoever can push puts another image under the tag that production runs",
	Threats:  []control.Threat{control.SupplyChain},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 6.5.1"},
	Check:    checkImmutableTags,
	Defeat:   movable,
}

// checkImmutableTags follows the ECR user guide: MUTABLE is the default, and
// the two settings with EXCLUSION turn the tags of a filter the other way.
func checkImmutableTags(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, r := range estate.All[*estate.Repository](e) {
		label := repositoryLabel(r)
		m := control.Mistake{
			At:  r.TagMutability.Pos(),
			Fix: `set image_tag_mutability = "IMMUTABLE", and deploy by digest or by a tag of the commit`,
		}
		switch v, ok := r.TagMutability.Default("MUTABLE").Known(); {
		case !ok:
			out = append(out, control.Unsure(r, r.TagMutability.Pos(), "whether the tags of "+label+" are immutable is not known: "+r.TagMutability.Why()))
		case v == "IMMUTABLE":
			out = append(out, control.Is(r, control.Evidence{At: m.At, Saw: "image_tag_mutability = IMMUTABLE"}))
		case v == "IMMUTABLE_WITH_EXCLUSION":
			m.Severity, m.Summary = control.Low, "some tags of "+label+" can be moved: image_tag_mutability is "+v
			out = append(out, control.Partly(r, m))
		case v == "MUTABLE_WITH_EXCLUSION":
			m.Summary = "most tags of " + label + " can be moved: image_tag_mutability is " + v
			out = append(out, control.Partly(r, m))
		default:
			m.Summary = "the tags of " + label + " can be moved: image_tag_mutability is " + r.TagMutability.String()
			if r.TagMutability.Absent() {
				m.Summary += ", and the default is MUTABLE"
			}
			out = append(out, control.Not(r, m))
		}
	}
	return out
}
