// Package audit judges an estate by the controls of every layer and prints
// what it found: for a person, as JSON (fathom.audit/v1) or as SARIF 2.1.0.
//
// It decides nothing about a control; the layers do. Suppressions are applied
// here, because they are about reporting and not about what is there.
package audit
