package data

import (
	"slices"
	"strconv"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var keyPolicy = control.Control{
	ID:       "data.key-policy",
	Title:    "Key policies name their users; deletion and policy change are restricted; grants are bounded",
	Why:      "Whoever may rewrite a key's policy reads everything under the key, and whoever may delete the key holds all of it to ransom",
	Threats:  []control.Threat{control.Exfiltration, control.Ransom},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 3.6.1", "PCI DSS 4.0.1 3.7", "GDPR 32(1)(a)"},
	Check:    checkKeyPolicy,
	Defeat:   defeatKeyPolicy,
}

func checkKeyPolicy(e *estate.Estate) []control.Result {
	guarded := deletionDenied(e)
	var out []control.Result
	for _, k := range estate.All[*estate.KMSKey](e) {
		found := judgeKey(e, k, guarded)
		if len(found) == 0 {
			found = []control.Result{control.Is(k, control.Saw(k.Pos, "the key policy names who uses the key, and keeps deletion and policy change from the rest"))}
		}
		out = append(out, found...)
	}
	for _, g := range estate.All[*estate.KMSGrant](e) {
		out = append(out, judgeGrant(g)...)
	}
	return out
}

// judgeKey returns what is wrong with a key's policy and deletion window.
func judgeKey(e *estate.Estate, k *estate.KMSKey, guarded bool) []control.Result {
	what := control.Named("key", k.Description, k.Meta())
	var out []control.Result
	if short := k.Window.Default(30).Test(func(days int) bool { return days < 14 }); short == estate.Yes {
		out = append(out, control.Partly(k, control.Mistake{
			At:       k.Window.Pos(),
			Severity: control.Low,
			Summary:  what + " is gone for good " + k.Window.String() + " days after somebody asks for its deletion",
			Fix:      "set deletion_window_in_days = 30, AWS's default, so that an attack is noticed before the data is lost",
			Evidence: []control.Evidence{control.Saw(k.Window.Pos(), "deletion_window_in_days = %s", k.Window)},
		}))
	}
	policy, at := policyOfKey(e, k)
	switch {
	case policy == nil && e.MayHideAWS() != "":
		return append(out, control.Unsure(k, at, e.MayHideAWS()))
	case policy == nil:
		// Without a policy a key has AWS's default one, which hands every
		// decision to IAM (AWS KMS Developer Guide, "Default key policy").
		return append(out, control.Partly(k, control.Mistake{
			At:       at,
			Summary:  what + " has the default key policy: every principal that IAM lets may use it, rewrite its policy and delete it",
			Fix:      "write a policy that names the key's users (kms:Decrypt, kms:GenerateDataKey*) and its administrators, and denies kms:ScheduleKeyDeletion and kms:PutKeyPolicy to the rest",
			Evidence: []control.Evidence{control.Saw(at, "policy is not set")},
		}))
	case policy.Unknown():
		return append(out, control.Unsure(k, at, "the key policy is not known: "+policy.Why()))
	}
	return append(out, judgeKeyPolicy(e, k, what, policy, at, guarded)...)
}

// policyOfKey is the policy in force: the one on its own, or the key's.
func policyOfKey(e *estate.Estate, k *estate.KMSKey) (*estate.Policy, diag.Pos) {
	for _, p := range estate.Of[*estate.KMSKeyPolicy](e, k.ID) {
		if !p.Policy.Absent() {
			return &p.Policy, or(p.Policy.Pos(), p.Pos)
		}
	}
	if k.Policy.Absent() {
		return nil, k.Pos
	}
	return &k.Policy, or(k.Policy.Pos(), k.Pos)
}

func judgeKeyPolicy(e *estate.Estate, k *estate.KMSKey, what string, p *estate.Policy, at diag.Pos, guarded bool) []control.Result {
	var out []control.Result
	add := func(status func(estate.Resource, control.Mistake) control.Result, severity control.Severity, summary, fix string, s *estate.Statement) {
		out = append(out, status(k, control.Mistake{
			At: at, Severity: severity, Summary: summary, Fix: fix,
			Evidence: []control.Evidence{control.Saw(at, "%s: %s for %s", sid(s), list(s.Actions), principalsOf(s))},
		}))
	}
	var names, root *estate.Statement // one that names users, one that hands the key to IAM
	roots := map[string]bool{}
	guarded = guarded || slices.ContainsFunc(p.Statements, func(s estate.Statement) bool { return deniesDeletion(&s) })
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != "Allow" {
			continue
		}
		full := grants(s, "kms:PutKeyPolicy") && grants(s, "kms:Decrypt")
		whole := wholeAccount(s, roots)
		switch {
		case anyone(s) && !limited(s) && keepsStrangersOut(e, k):
			add(control.Partly, control.Medium, what+" is kept from everyone by a denial alone: "+sid(s)+" of its policy names the principal *, and other statements take it back from all outside the account",
				"name the principals, or add a condition on kms:CallerAccount or aws:PrincipalOrgID", s)
			names = s
		case anyone(s) && !limited(s):
			add(control.Not, control.Critical, what+" is open to everyone: "+sid(s)+" of its policy names the principal *",
				"name the principals, or add a condition on kms:CallerAccount or aws:PrincipalOrgID", s)
			names = s
		case whole && full:
			root = s
		case full:
			add(control.Partly, 0, what+" gives "+principalsOf(s)+" all of kms:*: who uses the key may also rewrite its policy and delete it",
				"give the key's users kms:Decrypt, kms:GenerateDataKey* and kms:DescribeKey only, and administration to a role that cannot decrypt", s)
			names = s
		case grants(s, "kms:CreateGrant") && !whole && !forAWS(s):
			add(control.Partly, control.Low, what+" lets "+principalsOf(s)+" hand it on: kms:CreateGrant without a condition",
				"add the condition Bool kms:GrantIsForAWSResource = true to the statement with kms:CreateGrant", s)
			names = s
		case !whole:
			names = s
		}
	}
	switch {
	case root == nil:
	case len(roots) > 1:
		add(control.Partly, control.High, what+" gives kms:* to "+strconv.Itoa(len(roots))+" accounts: administrators of another account may use and delete it",
			"keep kms:* to the key's own account, and give the other one kms:Decrypt on named roles", root)
	case names == nil:
		add(control.Partly, 0, what+" names no users: its policy only hands it to IAM (kms:* for the account)",
			"add statements that name the key's users and administrators, and deny kms:ScheduleKeyDeletion and kms:PutKeyPolicy to the rest", root)
	case !guarded:
		add(control.Partly, control.Low, what+" may be deleted, and its policy rewritten, by whoever IAM lets: nothing denies kms:ScheduleKeyDeletion and kms:PutKeyPolicy to the rest of the account",
			"deny kms:ScheduleKeyDeletion, kms:DisableKey and kms:PutKeyPolicy to everyone but the key's administrators (ArnNotEquals aws:PrincipalArn), in the key policy or an SCP", root)
	}
	return out
}

// wholeAccount says whether a statement is for whole accounts only, and notes
// those that get kms:*.
func wholeAccount(s *estate.Statement, roots map[string]bool) bool {
	if len(s.Principals) == 0 || anyone(s) {
		return false
	}
	for _, p := range s.Principals {
		account, ok := accountRoot(p)
		if !ok {
			return false
		}
		if grants(s, "kms:PutKeyPolicy") {
			roots[account] = true
		}
	}
	return true
}

// forAWS says whether a statement's grants are limited: to AWS services acting
// for the principal, or in what they may hold.
func forAWS(s *estate.Statement) bool {
	if !slices.ContainsFunc(s.Principals, func(p estate.Principal) bool { return p.Type != "Service" }) {
		return true
	}
	return slices.ContainsFunc(s.Conditions, func(c estate.Condition) bool {
		return strings.HasPrefix(c.Key, "kms:grant") || c.Key == "kms:viaservice"
	})
}

// deniesDeletion says whether a statement keeps the deletion of keys from
// most: a Deny that somebody escapes by a condition, or nobody.
func deniesDeletion(s *estate.Statement) bool {
	return s.Effect == "Deny" && covers(s, "kms:ScheduleKeyDeletion")
}

// deletionDenied says whether an organisation policy denies it.
func deletionDenied(e *estate.Estate) bool {
	return slices.ContainsFunc(estate.All[*estate.OrgPolicy](e), func(p *estate.OrgPolicy) bool {
		return slices.ContainsFunc(p.Content.Statements, func(s estate.Statement) bool { return deniesDeletion(&s) })
	})
}

// judgeGrant judges a grant that files make. One for a service-linked role,
// which EC2 Auto Scaling needs for encrypted disks, is AWS's to use.
func judgeGrant(g *estate.KMSGrant) []control.Result {
	if strings.Contains(g.Grantee.String(), "aws-service-role") {
		return nil
	}
	uses := g.Operations.Any(func(op string) bool { return op == "Decrypt" || strings.HasPrefix(op, "GenerateDataKey") })
	passes := g.Operations.Has("CreateGrant")
	at := or(g.Operations.Pos(), g.Pos)
	what := "grant " + g.ID.Addr
	switch bound := g.Constraints.Any(); {
	case passes == estate.Yes:
		return []control.Result{control.Partly(g, control.Mistake{
			At: at, Summary: what + " lets " + g.Grantee.String() + " hand the key on: it holds CreateGrant",
			Fix: `take "CreateGrant" out of operations`,
		})}
	case uses == estate.No:
		return nil
	case bound == estate.Maybe, passes == estate.Maybe, uses == estate.Maybe:
		return []control.Result{control.Unsure(g, at, "it is not known what "+what+" gives, or within which bounds")}
	case bound == estate.No:
		return []control.Result{control.Partly(g, control.Mistake{
			At: at, Severity: control.Low, Summary: what + " lets " + g.Grantee.String() + " decrypt anything under the key: it has no constraints",
			Fix: "add constraints { encryption_context_equals = { … } }",
		})}
	}
	return []control.Result{control.Is(g, control.Saw(g.Constraints.At, "constraints on the encryption context"))}
}
