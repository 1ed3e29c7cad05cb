// Package response holds the controls of seeing, acting and proving: the audit
// trail, threat detection, posture, rules, runbooks, drift, drills, retention
// of logs and who is told.
//
// Most of them are of the whole account, so that a mistake is mostly that
// something is nowhere. It does not judge what a rule catches, which is the
// rules' own business, nor the encryption of log groups, which is the layer
// data's.
package response
