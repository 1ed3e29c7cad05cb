package data

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"fathom/engine/iam/access"
	"fathom/estate"
)

// rewritten is a policy with other statements: the same document otherwise. What
// cannot be read stays as it is.
func rewritten(p estate.Policy, f func([]statement) []statement) estate.Policy {
	var doc map[string]any
	if p.Absent() || p.Unknown() || json.Unmarshal([]byte(p.Text()), &doc) != nil {
		return p
	}
	var list []statement
	switch s := doc["Statement"].(type) {
	case []any:
		for i := range s {
			if m, ok := s[i].(map[string]any); ok && i < len(p.Statements) {
				list = append(list, statement{m, p.Statements[i]})
			}
		}
	case map[string]any:
		list = append(list, statement{s, p.Statements[0]})
	}
	out := []any{}
	for _, s := range f(list) {
		out = append(out, s.json)
	}
	doc["Statement"] = out
	text, err := json.Marshal(doc)
	if err != nil {
		return p
	}
	q := estate.KnownPolicy(string(text), p.Pos())
	q.Refs = p.Refs
	return q
}

// statement is one of a document's, and what it means.
type statement struct {
	json map[string]any
	estate.Statement
}

// allowing is a statement that allows something.
func allowing(sid string, principal, action, resource any) statement {
	return statement{json: map[string]any{"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}}
}

// identityPolicies changes every policy of a role, user, group or permission
// set.
func identityPolicies(d *estate.Draft, f func([]statement) []statement) {
	estate.Change(d, func(p *estate.IAMPolicy) { p.Policy = rewritten(p.Policy, f) })
	estate.Change(d, func(p *estate.RolePolicy) { p.Policy = rewritten(p.Policy, f) })
	estate.Change(d, func(p *estate.UserPolicy) { p.Policy = rewritten(p.Policy, f) })
	estate.Change(d, func(p *estate.GroupPolicy) { p.Policy = rewritten(p.Policy, f) })
	estate.Change(d, func(r *estate.Role) {
		for i := range r.Inline.Items {
			r.Inline.Items[i].Policy = rewritten(r.Inline.Items[i].Policy, f)
		}
	})
}

// keyPolicies changes every key's policy.
func keyPolicies(d *estate.Draft, f func([]statement) []statement) {
	estate.Change(d, func(k *estate.KMSKey) { k.Policy = rewritten(k.Policy, f) })
	estate.Change(d, func(k *estate.KMSKeyPolicy) { k.Policy = rewritten(k.Policy, f) })
}

// defeatSecrets writes the passwords of all stores into the files.
func defeatSecrets(e *estate.Estate) *estate.Estate {
	const password = "Sh0p-2019-keeper"
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(r *estate.DBCluster) {
			r.ManagedPassword, r.MasterPassword = estate.Bool{}, estate.Known(password, r.Pos)
		})
		estate.Change(d, func(r *estate.DBInstance) {
			r.ManagedPassword, r.Password = estate.Bool{}, estate.Known(password, r.Pos)
		})
		estate.Change(d, func(r *estate.Redshift) { r.MasterPassword = estate.Known(password, r.Pos) })
		estate.Change(d, func(r *estate.CacheGroup) {
			if !r.AuthToken.Absent() {
				r.AuthToken = estate.Known(password, r.Pos)
			}
		})
	})
}

// defeatAtRest puts databases under AWS's own default key.
func defeatAtRest(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(r *estate.DBCluster) { r.Key = estate.Ref[*estate.KMSKey]{} })
		estate.Change(d, func(r *estate.DBInstance) { r.Key = estate.Ref[*estate.KMSKey]{} })
	})
}

// defeatKeyPolicy hands every key to IAM, and lets it be deleted in a week.
func defeatKeyPolicy(e *estate.Estate) *estate.Estate {
	account, _ := estate.Once(e, access.New).Account()
	return estate.Edit(e, func(d *estate.Draft) {
		keyPolicies(d, func(list []statement) []statement {
			list = slices.DeleteFunc(list, func(s statement) bool { return s.Effect == "Deny" })
			root := map[string]any{"AWS": "arn:aws:iam::" + account + ":root"}
			return append(list, allowing("EverythingByIAM", root, "kms:*", "*"))
		})
		estate.Change(d, func(k *estate.KMSKey) { k.Window = estate.Known(7, k.Pos) })
	})
}

// defeatEnvelope allows, beside every use of a key under a context of the
// application's, its use without.
func defeatEnvelope(e *estate.Estate) *estate.Estate {
	besides := func(list []statement) []statement {
		for _, s := range list {
			if !opensDataKeys(&s.Statement) || ownContext(&s.Statement) == nil {
				continue
			}
			more := maps.Clone(s.json)
			delete(more, "Sid")
			delete(more, "Condition")
			if held := withoutContext(s.json["Condition"]); len(held) > 0 {
				more["Condition"] = held
			}
			list = append(list, statement{json: more})
		}
		return list
	}
	return estate.Edit(e, func(d *estate.Draft) {
		identityPolicies(d, besides)
		keyPolicies(d, besides)
	})
}

// withoutContext are the conditions of a statement but for those on the
// encryption context.
func withoutContext(conditions any) map[string]any {
	out := map[string]any{}
	by, _ := conditions.(map[string]any)
	for op, keys := range by {
		of, _ := keys.(map[string]any)
		of = maps.Clone(of)
		maps.DeleteFunc(of, func(k string, _ any) bool { return strings.HasPrefix(strings.ToLower(k), "kms:encryptioncontext") })
		if len(of) > 0 {
			out[op] = of
		}
	}
	return out
}

// defeatFields takes from everybody the permission by which fields are sealed:
// the application keeps them as they are.
func defeatFields(e *estate.Estate) *estate.Estate {
	without := func(list []statement) []statement {
		return slices.DeleteFunc(list, func(s statement) bool { return opensDataKeys(&s.Statement) && !forService(&s.Statement) })
	}
	return estate.Edit(e, func(d *estate.Draft) {
		identityPolicies(d, without)
		estate.Change(d, func(x *estate.Distribution) {
			for i := range x.Default.Items {
				x.Default.Items[i].FieldEncryption = estate.Str{}
			}
			for i := range x.Ordered.Items {
				x.Ordered.Items[i].FieldEncryption = estate.Str{}
			}
		})
		keyPolicies(d, func(list []statement) []statement {
			return slices.DeleteFunc(list, func(s statement) bool {
				return opensDataKeys(&s.Statement) && people(&s.Statement) && !forService(&s.Statement)
			})
		})
	})
}

// defeatPrivate opens every bucket to everybody who wants to read it.
func defeatPrivate(e *estate.Estate) *estate.Estate {
	w := estate.Once(e, access.New)
	return estate.Edit(e, func(d *estate.Draft) {
		off := func(p *estate.PublicAccess) {
			no := func(b estate.Bool) estate.Bool { return estate.Known(false, b.Pos()) }
			p.BlockACLs, p.IgnoreACLs, p.BlockPolicy, p.RestrictBuckets = no(p.BlockACLs), no(p.IgnoreACLs), no(p.BlockPolicy), no(p.RestrictBuckets)
		}
		estate.Change(d, func(b *estate.AccountPublicAccessBlock) { off(&b.PublicAccess) })
		estate.Change(d, func(b *estate.PublicAccessBlock) { off(&b.PublicAccess) })
		opened := func(p estate.Policy, b *estate.Bucket) estate.Policy {
			arn, _, err := w.Resource(b.ID.Addr)
			if err != nil {
				return p
			}
			return rewritten(p, func(list []statement) []statement {
				list = slices.DeleteFunc(list, func(s statement) bool { return s.Effect == "Deny" && !othersGuard(&s.Statement) })
				return append(list, allowing("PublicRead", "*", "s3:GetObject", arn+"/*"))
			})
		}
		estate.Change(d, func(p *estate.BucketPolicy) {
			for _, b := range estate.To(e, p.Bucket) {
				p.Policy = opened(p.Policy, b)
			}
		})
		estate.Change(d, func(b *estate.Bucket) {
			p := b.Policy
			if p.Absent() && len(policiesOf(e, b)) == 0 {
				p = estate.KnownPolicy(`{"Version": "2012-10-17", "Statement": []}`, b.Pos)
			}
			b.Policy = opened(p, b)
		})
	})
}

// othersGuard says whether a statement that denies belongs to another control:
// it keeps requests to the network, to sessions with a second factor, to TLS.
func othersGuard(s *estate.Statement) bool {
	return slices.ContainsFunc(s.Conditions, func(c estate.Condition) bool {
		switch c.Key {
		case "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:securetransport", "s3:tlsversion":
			return true
		}
		return strings.HasPrefix(c.Key, "aws:principaltag/")
	})
}

// defeatLock takes the default retention from every bucket, and MFA delete.
func defeatLock(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Remove(d, func(*estate.BucketLock) bool { return true })
		estate.Change(d, func(b *estate.Bucket) {
			b.Lock = estate.Blocks[estate.LockConfig]{}
			for i := range b.Versioning.Items {
				b.Versioning.Items[i].MFADelete = estate.Bool{}
			}
		})
		estate.Change(d, func(v *estate.BucketVersioning) {
			for i := range v.Configuration.Items {
				v.Configuration.Items[i].MFADelete = estate.Str{}
			}
		})
	})
}

// defeatBackups unlocks every vault.
func defeatBackups(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Remove(d, func(*estate.BackupVaultLock) bool { return true })
		estate.Change(d, func(v *estate.BackupVault) { v.Type = "aws_backup_vault" })
		estate.Change(d, func(p *estate.BackupVaultPolicy) {
			p.Policy = rewritten(p.Policy, func(list []statement) []statement {
				return slices.DeleteFunc(list, func(s statement) bool {
					return s.Effect == "Deny" && covers(&s.Statement, "backup:DeleteRecoveryPoint")
				})
			})
		})
	})
}

// defeatTokens has every service that handles cards write what it receives to
// its log.
func defeatTokens(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(w *estate.Workload) {
			if !handlesCards(words(w.Name), objectClass(&w.Object)) || len(w.Pod.Containers) == 0 {
				return
			}
			w.Pod = *w.Pod.DeepCopy()
			c := &w.Pod.Containers[0]
			c.Env = append(c.Env, corev1.EnvVar{Name: "LOG_REQUEST_BODY", Value: "true"})
		})
	})
}
