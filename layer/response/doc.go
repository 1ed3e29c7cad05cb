// Package response holds the controls of seeing, acting and proving: the audit
// trail, threat detection, posture, rules, runbooks, drift, drills, retention
// of logs and who is told.
//
// Most of them are of the whole account, so that a mistake is mostly that
// something is nowhere. It does not judge what a rule catches, which is the
// rules' own business, nor the encryption of log groups, which is the layer
// data's.
//
// # Steps
//
// Two see what happens in an account, GuardDuty and the detections; two act on
// it, the runbooks and the people who are told. Whoever wants to be quiet breaks
// every link from one who sees to one who acts, or switches some of them off.
package response
