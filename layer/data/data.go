package data

import (
	"fathom/control"
	"fathom/layer"
)

// Layer is the data layer.
func Layer() layer.Layer {
	return layer.Layer{
		Name: "data",
		Doc:  "keys, cards, people, backups: what is stored, and what a thief or a vandal gets of it",
		Controls: []control.Control{
			atRest,
			keyPolicy,
			envelope,
			fieldEncryption,
			s3Private,
			objectLock,
			discovery,
			cardTokens,
			classes,
			retention,
			subjectRights,
			backups,
			residency,
			secrets,
		},
		Render: declare,
		Steps:  steps,
	}
}

// subjectRights cannot be seen: what finds, exports and erases one person's
// data is code and procedure, and no resource stands for it.
var subjectRights = control.Control{
	ID:         "data.subject-rights",
	Title:      "A subject's data can be exported and erased everywhere, and stays erased after a restore",
	Why:        "Data that nobody can find or erase is kept for ever, and every later breach leaks the people who had left",
	Threats:    []control.Threat{control.Exfiltration},
	Phase:      control.LongTerm,
	Severity:   control.Medium,
	World:      control.Anywhere,
	Maps:       []string{"GDPR 15", "GDPR 17", "GDPR 20"},
	Unseen:     "the code that exports and erases one person's data, and the tombstones that a restore has to replay, are in the application",
	Rendered:   control.InPart,
	Unrendered: "the code that exports and erases one person's data is the services' own; what asks them and waits for each is rendered",
	Aside:      "it is owed to those whom the data is about, and stops no attacker",
}
