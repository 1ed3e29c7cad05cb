package cli

import (
	"encoding/json"
	"strings"

	"fathom/engine/iam"
)

// kinds are the words for the kinds of policies.
var kinds = []struct {
	word string
	kind iam.Kind
}{
	{"identity", iam.Identity},
	{"resource", iam.Resource},
	{"trust", iam.Trust},
	{"boundary", iam.Identity},
	{"session", iam.Identity},
	{"endpoint", iam.Endpoint},
	{"scp", iam.SCP},
	{"rcp", iam.RCP},
}

func kindWords() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.word)
	}
	return out
}

// kindOf turns a word into the kind of a policy.
func kindOf(word string) (iam.Kind, bool) {
	for _, k := range kinds {
		if word == k.word {
			return k.kind, true
		}
	}
	return 0, false
}

// guessKind says what kind of policies documents look like: who names
// principals stands at a resource, and one about assuming roles that names no
// resource at a role.
func guessKind(docs ...[]byte) string {
	for _, doc := range docs {
		for _, s := range looseStatements(doc) {
			if s.Principal == nil && s.NotPrincipal == nil {
				continue
			}
			if s.Resource != nil || s.NotResource != nil || !s.assumes() {
				return "resource"
			}
			return "trust"
		}
	}
	return "identity"
}

// looseStatement is as much of a statement as its kind can be told from.
type looseStatement struct {
	Principal, NotPrincipal, Resource, NotResource, Action json.RawMessage
}

func looseStatements(doc []byte) []looseStatement {
	var d struct{ Statement json.RawMessage }
	if json.Unmarshal(doc, &d) != nil {
		return nil
	}
	var many []looseStatement
	if json.Unmarshal(d.Statement, &many) == nil {
		return many
	}
	var one looseStatement
	if json.Unmarshal(d.Statement, &one) == nil {
		return []looseStatement{one}
	}
	return nil
}

// assumes says whether all actions are those of a trust policy.
func (s *looseStatement) assumes() bool {
	var actions []string
	if json.Unmarshal(s.Action, &actions) != nil {
		actions = []string{""}
		if json.Unmarshal(s.Action, &actions[0]) != nil {
			return false
		}
	}
	for _, a := range actions {
		if !strings.HasPrefix(strings.ToLower(a), "sts:") {
			return false
		}
	}
	return len(actions) > 0
}
