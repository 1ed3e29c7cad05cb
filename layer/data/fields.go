package data

import (
	"slices"

	"fathom/control"
	"fathom/estate"
)

var fieldEncryption = control.Control{
	ID:       "data.field-encryption",
	Title:    "Attribute-level encryption where the class asks for it",
	Why:      "Whoever gets a query through to the database, or a copy of it, reads the most sensitive fields in clear, for disk encryption opens with the disk",
	Threats:  []control.Threat{control.Exfiltration},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 3.5.1.2", "GDPR 32(1)(a)"},
	Check:    checkFieldEncryption,
	Defeat:   defeatFields,
	Fells:    []string{envelope.ID},
}

// checkFieldEncryption judges the stores whose class asks for more than disk
// encryption, which PCI DSS 3.5.1.2 says of card numbers. That fields are
// encrypted is code; what files show is whether anybody could do it: a role
// that may seal data under a context of its own, or CloudFront's field-level
// encryption on the way in. Where a role may use a key without a context, only
// the code knows.
func checkFieldEncryption(e *estate.Estate) []control.Result {
	sealed, maybe := sealers(e)
	var out []control.Result
	for _, s := range stores(e) {
		class, known := classOf(s.Meta().Tags).Known()
		if !known || !isCardholder(class) {
			continue
		}
		why := e.MayHideAWS()
		switch {
		case len(sealed) > 0:
			out = append(out, control.Is(s, sealed...))
		case maybe != "":
			out = append(out, control.Unsure(s, s.Meta().Pos, maybe))
		case why != "":
			out = append(out, control.Unsure(s, s.Meta().Pos, why))
		default:
			out = append(out, control.Not(s, control.Mistake{
				Summary: s.String() + ` holds data of class "` + class + `", and nothing here can encrypt its fields: no role may use a KMS key by itself, and no distribution encrypts fields`,
				Fix:     "let the service that owns the store call kms:GenerateDataKey and kms:Decrypt under a condition on kms:EncryptionContext, and seal the fields with it (AWS Database Encryption SDK, Tink)",
			}))
		}
	}
	return out
}

// sealers returns what is seen of field encryption, and otherwise why it
// cannot be known.
func sealers(e *estate.Estate) (sealed []control.Evidence, maybe string) {
	for _, d := range estate.All[*estate.Distribution](e) {
		for _, b := range slices.Concat(d.Default.Items, d.Ordered.Items) {
			if b.FieldEncryption.Set() == estate.Yes {
				sealed = append(sealed, control.Saw(b.FieldEncryption.Pos(), "CloudFront encrypts fields of %s", b.Path.Default("every path")))
			}
		}
	}
	for _, u := range keyUses(e) {
		switch {
		case u.why != "":
			maybe = u.why
		case forService(u.statement):
			// Under a context that an AWS service writes no field is sealed.
		case contextOf(u.statement) != "":
			sealed = append(sealed, control.Saw(u.at, "%s allows sealing under %s", u.what, contextOf(u.statement)))
		case maybe == "":
			maybe = u.what + " allows the use of a KMS key without a context: only the application's code shows whether it encrypts fields with it"
		}
	}
	return sealed, maybe
}
