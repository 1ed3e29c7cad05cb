package data

import (
	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var atRest = control.Control{
	ID:       "data.at-rest",
	Title:    "Stores, disks, secrets and logs encrypted under customer-managed keys that rotate",
	Why:      "A stolen snapshot, disk or backup is readable by whoever holds it, and under AWS's default keys no key policy stands between an IAM permission and the data",
	Threats:  []control.Threat{control.Exfiltration},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 3.5.1", "PCI DSS 4.0.1 3.7.4", "GDPR 32(1)(a)", "HIPAA 164.312(a)(2)(iv)"},
	Check:    checkAtRest,
	Defeat:   defeatAtRest,
}

func checkAtRest(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, s := range sealedDatabases(e) {
		out = append(out, s.judge(e))
	}
	for _, s := range sealedStores(e) {
		out = append(out, s.judge(e))
	}
	out = append(out, disks(e)...)
	out = append(out, sealedBuckets(e)...)
	for _, s := range sealedPlumbing(e) {
		out = append(out, s.judge(e))
	}
	for _, k := range estate.All[*estate.KMSKey](e) {
		out = append(out, rotates(k)...)
	}
	return out
}

// sealed is one thing with encryption at rest.
type sealed struct {
	on   estate.Resource
	what string
	// encrypted says whether it is; at and saw where and how that is written,
	// why what is not known of it.
	encrypted estate.Truth
	at        diag.Pos
	saw, why  string
	fix       string

	key estate.Ref[*estate.KMSKey]
	// keyArg is the argument that names the key, keyless what AWS uses where
	// none is named.
	keyArg, keyless string
	// severity is that of being under a default key.
	severity control.Severity
}

// flag is a switch, and what its absence means.
func (s sealed) flag(arg string, v estate.Bool, absent bool) sealed {
	s.encrypted, s.at, s.why = v.Default(absent).Is(true), v.Pos(), v.Why()
	s.saw = arg + " = " + v.String()
	if v.Absent() {
		s.saw = arg + " is not set"
	}
	if s.fix == "" {
		s.fix = "set " + arg + " = true, and " + s.keyArg + " to a key of your own"
	}
	return s
}

// always is a service that has no unencrypted form.
func (s sealed) always() sealed {
	s.encrypted = estate.Yes
	return s
}

func (s sealed) judge(e *estate.Estate) control.Result {
	at := or(s.at, s.on.Meta().Pos)
	switch s.encrypted {
	case estate.No:
		return control.Not(s.on, control.Mistake{
			At:       at,
			Summary:  s.what + " is not encrypted at rest: " + s.saw,
			Fix:      s.fix,
			Evidence: []control.Evidence{control.Saw(at, "%s", s.saw)},
		})
	case estate.Maybe:
		return control.Unsure(s.on, at, "it is not known whether "+s.what+" is encrypted: "+s.why)
	}
	at = or(s.key.Pos(), at)
	switch own, why := ownKey(e, s.key); own {
	case estate.Yes:
		return control.Is(s.on, control.Saw(at, "%s = %s", s.keyArg, s.key))
	case estate.Maybe:
		return control.Unsure(s.on, at, "it is not known whose key encrypts "+s.what+": "+why)
	}
	return control.Partly(s.on, control.Mistake{
		At:       at,
		Severity: s.severity,
		Summary:  s.what + " is encrypted under " + s.keyless + ": no key policy of yours says who may read it",
		Fix:      "set " + s.keyArg + " to an aws_kms_key of your own with enable_key_rotation = true",
		Cause:    control.CauseDefaultKey,
		Evidence: []control.Evidence{control.Saw(at, "%s is %s", s.keyArg, s.key)},
	})
}

// rotates judges the rotation of a key. AWS KMS rotates symmetric encryption
// keys whose material it made itself; imported material, custom key stores,
// asymmetric and HMAC keys cannot rotate, and a replica follows its primary
// (AWS KMS Developer Guide, "Rotate AWS KMS keys").
func rotates(k *estate.KMSKey) []control.Result {
	symmetric := k.Spec.Default("SYMMETRIC_DEFAULT").Is("SYMMETRIC_DEFAULT").And(k.Usage.Default("ENCRYPT_DECRYPT").Is("ENCRYPT_DECRYPT"))
	if k.Type != "aws_kms_key" || symmetric == estate.No || k.OwnStore.Set() == estate.Yes {
		return nil
	}
	what := control.Named("key", k.Description, k.Meta())
	if symmetric == estate.Maybe {
		return []control.Result{control.Unsure(k, k.Spec.Pos(), "it is not known what kind of key "+what+" is")}
	}
	at := or(k.Rotation.Pos(), k.Pos)
	evidence := control.Saw(at, "enable_key_rotation is %s", k.Rotation)
	return []control.Result{control.Judge(k.Rotation.Default(false).Is(true), k, control.Mistake{
		At:       at,
		Severity: control.Medium,
		Summary:  what + " never rotates: enable_key_rotation is " + k.Rotation.String(),
		Fix:      "set enable_key_rotation = true",
		Evidence: []control.Evidence{evidence},
	}, "it is not known whether "+what+" rotates: "+k.Rotation.Why())}
}
