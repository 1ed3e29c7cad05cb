package ground

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/render"
)

// Family is one of the six kinds of attackers: a row of the table.
type Family uint8

// The families, in the order of the table.
const (
	Internet Family = iota
	Credential
	Pod
	Pipeline
	Floods
	Insider
)

// Families are all of them.
func Families() []Family { return []Family{Internet, Credential, Pod, Pipeline, Floods, Insider} }

// String is the word by which --from and the tag fathom:depth name the family.
func (f Family) String() string {
	return [...]string{"internet", "credential", "pod", "pipeline", "flood", "insider"}[f]
}

// Title says in a few words who the attacker is.
func (f Family) Title() string {
	return [...]string{
		"an attacker on the internet with an exploit for what the shop shows the public",
		"a stolen staff credential",
		"a compromised pod",
		"a poisoned pipeline or image",
		"a flood of requests",
		"an insider, or ransomware, with deletion rights",
	}[f]
}

// Start is where one attacker begins.
type Start struct {
	// Name is as --from takes it: internet, credential/oncall, pod/orders,
	// pipeline/registry.
	Name   string
	Family Family
	// Says is who it is, as a noun phrase.
	Says string
	// At is where the files show him his place; zero for the internet.
	At diag.Pos
	// Of is the name of the workload or principal that he begins with; "".
	Of string
	// MFA says of a credential that its second factor was stolen with it: a
	// session that is signed in.
	MFA bool
}

// Begin is the capability that he begins with.
func (s *Start) Begin() depth.Capability { return Begin(s.Name) }

// The pipeline's starts: somebody who can run the pipeline on another branch or
// in another repository, who can push to the registry, who can have a library
// of his taken into the build.
const (
	ForeignBranch = "pipeline/branch"
	Registry      = "pipeline/registry"
	Dependency    = "pipeline/dependency"
)

// starts are the attackers that the estate has a place for. The internet,
// floods and insiders always are there.
func starts(g *Ground) []Start {
	out := []Start{{Name: "internet", Family: Internet, Says: Internet.Title()}}
	for _, p := range g.People {
		at := p.Principal.Pos()
		out = append(out,
			Start{Name: "credential/" + p.Name, Family: Credential, Says: "the stolen password of " + p.Says, At: at, Of: p.Principal.Name},
			Start{Name: "credential/" + p.Name + "+mfa", Family: Credential, Says: "a stolen session of " + p.Says + ", signed in with the second factor", At: at, Of: p.Principal.Name, MFA: true},
		)
	}
	for _, w := range g.Workloads {
		out = append(out, Start{Name: "pod/" + strings.TrimPrefix(w.Name, "svc/"), Family: Pod, Says: "code of the attacker's in " + w.String(), At: w.Place.Of.Meta().Pos, Of: w.Name})
	}
	if g.Estate.HasPipeline() || len(g.Workloads) > 0 {
		out = append(out,
			Start{Name: ForeignBranch, Family: Pipeline, Says: "somebody who runs a workflow on another branch, or in another repository"},
			Start{Name: Registry, Family: Pipeline, Says: "somebody with a key that pushes to the registry"},
			Start{Name: Dependency, Family: Pipeline, Says: "the author of a library that the build takes in"},
		)
	}
	return append(out,
		Start{Name: "flood", Family: Floods, Says: Floods.Title()},
		Start{Name: "insider", Family: Insider, Says: "somebody who administers the account, or who holds his credentials"},
	)
}

// Start finds the starts that a name means: a name of one, or of a family, which
// means all of it.
func (g *Ground) Start(name string) []Start {
	var out []Start
	for _, s := range g.Starts {
		if s.Name == name || s.Family.String() == name {
			out = append(out, s)
		}
	}
	return out
}

// parseTargets reads the tag fathom:depth: "internet=4 pod/search=3". What is
// no target is left out.
func parseTargets(text string) []Target {
	var out []Target
	for _, f := range strings.Fields(text) {
		from, number, _ := strings.Cut(f, "=")
		if n, err := strconv.Atoi(number); err == nil && n > 0 && from != "" {
			out = append(out, Target{from, n})
		}
	}
	return out
}

// Person is a principal that people use: a user, a permission set, or a role
// that people of the account or of an identity provider take on.
type Person struct {
	Principal access.Principal
	// Name is what starts call it: sre.
	Name string
	// Says is it as a noun phrase: permission set shopnow-sre.
	Says string
}

// people are those who sign in. A user with access keys and no password is a
// machine's, and so no start of its own; a role that only those take on whom
// others let is reached from them.
func people(e *estate.Estate, w *access.World) []Person {
	var out []Person
	for _, p := range w.Principals() {
		_, short, _ := strings.Cut(p.Name, "/")
		switch r := p.Resource.(type) {
		case *estate.PermissionSet:
			out = append(out, Person{p, short, "permission set " + short})
		case *estate.User:
			if keys := len(estate.Of[*estate.AccessKey](e, r.ID)) > 0; keys && len(estate.Of[*estate.LoginProfile](e, r.ID)) == 0 {
				continue
			}
			out = append(out, Person{p, short, "user " + short})
		case *estate.Role:
			if federated(r) {
				out = append(out, Person{p, short, "role " + short})
			}
		}
	}
	return out
}

// federated says whether people of an identity provider take on a role.
func federated(r *estate.Role) bool {
	return slices.ContainsFunc(r.Trust.Statements, func(s estate.Statement) bool {
		return s.Effect == "Allow" && slices.ContainsFunc(s.Principals, func(p estate.Principal) bool {
			return p.Type == "Federated" && (strings.Contains(p.ID, "saml-provider") || strings.Contains(p.ID, "aws_iam_saml_provider"))
		})
	})
}

// ByRight says whether a compromised workload is one that the files let handle
// all that a store holds: its annotation fathom.dev/data names the data. It has
// the store by right; what else keeps its data from leaving is not what keeps
// others from it.
func (g *Ground) ByRight(start *Start, store *Store) bool {
	w := g.Workload(start.Of)
	if start.Family != Pod || w == nil || store == nil || len(store.Holds) == 0 {
		return false
	}
	p := w.Pods()
	if p == nil {
		return false
	}
	handles := strings.Fields(cmp.Or(p.PodAnnotations[render.NoteData], p.Annotations[render.NoteData]))
	return !slices.ContainsFunc(store.Holds, func(data string) bool { return !slices.Contains(handles, data) })
}
