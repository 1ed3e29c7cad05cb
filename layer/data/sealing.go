package data

import (
	"slices"
	"strings"

	"fathom/engine/depth"
	"fathom/engine/iam"
	"fathom/estate"
	"fathom/layer/ground"
)

// seal is a key under which an application seals what it stores, and the context
// that it says.
type seal struct {
	key  *estate.KMSKey
	arn  string
	with iam.Context
}

// sealsOf finds them: the uses of keys that are held to a context of the
// application's own.
func sealsOf(m *moves) []seal {
	var out []seal
	keys := estate.All[*estate.KMSKey](m.e)
	for _, u := range keyUses(m.e) {
		if u.why != "" {
			continue
		}
		with := ownContext(u.statement)
		if with == nil {
			continue
		}
		for _, k := range keys {
			arn := m.arnOfKey(k)
			if u.on == estate.Resource(k) || slices.ContainsFunc(u.statement.Resources, func(r string) bool { return names(r, k, arn) }) {
				out = append(out, seal{k, arn, with})
			}
		}
	}
	return out
}

// names says whether a resource of a statement is a key, and no pattern for all.
func names(resource string, k *estate.KMSKey, arn string) bool {
	return resource == arn || resource == "${"+k.ID.Addr+".arn}"
}

// ownContext is the encryption context that a statement asks for, where it is
// the application's: AWS's services have contexts of their own, by which an
// application seals nothing.
func ownContext(s *estate.Statement) iam.Context {
	out := iam.Context{}
	for _, c := range s.Conditions {
		name, ok := strings.CutPrefix(c.Key, "kms:encryptioncontext:")
		if !ok || len(c.Values) == 0 || awsContext(name) {
			continue
		}
		out[c.Key] = iam.One(strings.NewReplacer("*", "x", "?", "x").Replace(c.Values[0]))
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// forService says whether a statement asks for the encryption context of an AWS
// service alone.
func forService(s *estate.Statement) bool { return contextOf(s) != "" && ownContext(s) == nil }

// awsContext says whether a key of an encryption context is one that an AWS
// service writes: aws:s3:arn, SecretARN, PARAMETER_ARN.
func awsContext(name string) bool {
	return strings.HasPrefix(name, "aws:") || slices.Contains([]string{"secretarn", "secretversionid", "parameter_arn"}, name)
}

// unseal adds how what is held becomes readable. Sealed is a store of a class
// that asks for it where the files show that somebody could; then its key has
// to be asked, under the context that the application seals with.
func (m *moves) unseal(k *target) {
	gives := ground.Unseal(k.Name)
	stop, judged := m.fields[k.on.Meta().ID]
	if !judged {
		m.add(depth.Step{Gives: gives, Says: "reads " + k.Name + " as it is: nothing in it is sealed", At: k.on.Meta().Pos})
		return
	}
	m.add(depth.Step{Gives: gives, Stops: []depth.Stop{stop}, Says: "reads " + k.Name + " as it is: its fields are not sealed", At: k.on.Meta().Pos})
	for _, s := range m.sealed(k) {
		m.asks(gives, "opens the fields of "+k.Name+" with "+s.key.ID.Addr, k.on, nil, request{"kms:Decrypt", s.arn, s.with})
	}
}

// sealed are the keys that open a store's fields: its own, where it is one of
// those that seal anything.
func (m *moves) sealed(k *target) []seal {
	own := slices.DeleteFunc(slices.Clone(m.seals), func(s seal) bool { return k.key == nil || s.key != k.key })
	if len(own) > 0 {
		return own
	}
	return m.seals
}
