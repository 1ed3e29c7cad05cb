package cli

import (
	"encoding/json"
	"io"

	"fathom/diag"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// AccessJSON is what the verbs of access that read an estate print with
// --format json: fathom.access/v1. The contract only grows. Which fields are
// there depends on Question.
type AccessJSON struct {
	Schema   string `json:"schema"`
	Question string `json:"question"` // can, who, what, outside, escalate, unneeded
	// Account is the account of the estate, or what stands for it where the
	// files do not tell.
	Account      string `json:"account"`
	AccountKnown bool   `json:"accountKnown"`
	// Answers are one for can, one for each principal for who.
	Answers []AccessAnswer `json:"answers,omitzero"`
	// Permissions are those of what.
	Permissions []AccessPermission `json:"permissions,omitzero"`
	// Outsiders are those of outside.
	Outsiders []AccessOutsider `json:"outsiders,omitzero"`
	// Chains are those of escalate.
	Chains []AccessChain `json:"chains,omitzero"`
	// Usages are those of unneeded.
	Usages []AccessUsage `json:"usages,omitzero"`
	// Unasked are resources or roles of which the question could not be asked,
	// and why.
	Unasked []string `json:"unasked,omitempty"`
	// Unread says why policies may be missing, so that a no and the end of a
	// list are only as good as what was read.
	Unread string `json:"unread,omitempty"`
}

// AccessAnswer is whether one principal may do one thing.
type AccessAnswer struct {
	Principal string          `json:"principal"`
	Action    string          `json:"action"`
	Resource  string          `json:"resource"`
	Answer    string          `json:"answer"` // yes, no, unknown
	As        *AccessIdentity `json:"as,omitempty"`
	Because   []AccessBecause `json:"because"`
	Missing   string          `json:"missing,omitempty"`
	Doubts    []AccessDoubt   `json:"doubts,omitempty"`
	Given     []string        `json:"given,omitempty"`
	Notes     []string        `json:"notes,omitempty"`
}

// AccessIdentity is the role that a workload acts as, and how.
type AccessIdentity struct {
	Role   string         `json:"role"`
	How    string         `json:"how"`
	Answer string         `json:"answer"`
	Why    string         `json:"why,omitempty"`
	Place  *AccessPlace   `json:"place,omitempty"`
	Steps  []AccessSource `json:"steps,omitempty"`
	Doubts []AccessDoubt  `json:"doubts,omitempty"`
	Limits []AccessDoubt  `json:"limits,omitempty"`
}

// AccessPlace is a place in a file.
type AccessPlace struct {
	File   string `json:"file"`
	Line   int32  `json:"line,omitempty"`
	Column int32  `json:"column,omitempty"`
}

// AccessSource is a line of a file and what it says.
type AccessSource struct {
	Saw   string       `json:"saw"`
	Place *AccessPlace `json:"place,omitempty"`
}

// AccessBecause is one statement that made an answer.
type AccessBecause struct {
	Effect    string       `json:"effect"`             // Allow, Deny
	Kind      string       `json:"kind"`               // identity, boundary, resource, trust, SCP, RCP, grant, root
	Resource  string       `json:"resource,omitempty"` // that holds the policy
	Policy    string       `json:"policy,omitempty"`   // the ARN of one of AWS's own
	Sid       string       `json:"sid,omitempty"`
	Statement int          `json:"statement"`
	Text      string       `json:"text"`
	Place     *AccessPlace `json:"place,omitempty"`
}

// AccessDoubt is something that is not known and bears on an answer.
type AccessDoubt struct {
	Why   string       `json:"why"`
	Place *AccessPlace `json:"place,omitempty"`
}

// AccessPermission is one statement that lets a principal do something.
type AccessPermission struct {
	AccessBecause
	Answer       string          `json:"answer"` // no where nothing of it is left
	Actions      []string        `json:"actions,omitempty"`
	NotActions   []string        `json:"notActions,omitempty"`
	Resources    []string        `json:"resources,omitempty"`
	NotResources []string        `json:"notResources,omitempty"`
	Conditions   []string        `json:"conditions,omitempty"`
	Limits       []AccessLimit   `json:"limits,omitempty"`
	Doubts       []AccessDoubt   `json:"doubts,omitempty"`
	As           *AccessIdentity `json:"as,omitempty"`
}

// AccessLimit is what takes away from a permission.
type AccessLimit struct {
	AccessBecause
	Whole bool `json:"whole"` // nothing is left
}

// AccessOutsider is somebody outside the account who may do something.
type AccessOutsider struct {
	Resource   string          `json:"resource"`
	Who        string          `json:"who"`
	Actions    []string        `json:"actions"`
	Answer     string          `json:"answer"`
	Within     string          `json:"withinOrganization"` // yes, no, unknown
	Conditions []string        `json:"conditions,omitempty"`
	Because    []AccessBecause `json:"because"`
	Doubts     []AccessDoubt   `json:"doubts,omitempty"`
	Witness    *AccessRequest  `json:"witness,omitempty"` // a request that is allowed
}

// write prints the document. Lists of the question are there when empty too.
func (a *AccessJSON) write(w io.Writer) error {
	a.Schema = "fathom.access/v1"
	enc := json.NewEncoder(escaping{w})
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(a)
}

// truth is an answer in a word.
func truth(t estate.Truth) string {
	switch t {
	case estate.Yes:
		return "yes"
	case estate.No:
		return "no"
	}
	return "unknown"
}

func jsonPlace(p diag.Pos) *AccessPlace {
	if p.IsZero() {
		return nil
	}
	return &AccessPlace{p.File, p.Line, p.Column}
}

func jsonDoubts(ds []access.Doubt) []AccessDoubt {
	var out []AccessDoubt
	for _, d := range ds {
		out = append(out, AccessDoubt{d.Why, jsonPlace(d.At)})
	}
	return out
}

func jsonBecause(b access.Because) AccessBecause {
	j := AccessBecause{
		Effect: b.Effect.String(), Kind: b.Place, Policy: b.Policy, Sid: b.Sid, Statement: b.Statement,
		Text: b.Text, Place: jsonPlace(b.At),
	}
	if b.Holder != nil {
		j.Resource = b.Holder.Meta().ID.Addr
	}
	return j
}

func jsonBecauses(bs []access.Because) []AccessBecause {
	out := []AccessBecause{}
	for _, b := range bs {
		out = append(out, jsonBecause(b))
	}
	return out
}

func jsonIdentity(i *access.Identity) *AccessIdentity {
	if i == nil {
		return nil
	}
	j := &AccessIdentity{
		Role: i.Role.Name, How: i.How.String(), Answer: truth(i.Truth), Why: i.Why, Place: jsonPlace(i.At),
		Doubts: jsonDoubts(i.Doubts), Limits: jsonDoubts(i.Limits),
	}
	for _, s := range i.Steps {
		j.Steps = append(j.Steps, AccessSource{s.Saw, jsonPlace(s.At)})
	}
	return j
}

func jsonAnswer(a *access.Answer) AccessAnswer {
	return AccessAnswer{
		Principal: a.Who.Name, Action: a.Action, Resource: a.Resource, Answer: truth(a.Truth), As: jsonIdentity(a.Via),
		Because: jsonBecauses(a.Because), Missing: a.Missing, Doubts: jsonDoubts(a.Doubts), Given: a.Given, Notes: a.Notes,
	}
}

func jsonPermission(p *access.Permission) AccessPermission {
	j := AccessPermission{
		AccessBecause: jsonBecause(p.Because), Answer: truth(p.Truth),
		Actions: p.Actions, NotActions: p.NotActions, Resources: p.Resources, NotResources: p.NotResources,
		Conditions: p.Conditions, Doubts: jsonDoubts(p.Doubts), As: jsonIdentity(p.Via),
	}
	for _, l := range p.Limits {
		j.Limits = append(j.Limits, AccessLimit{jsonBecause(l.Because), l.Whole})
	}
	return j
}
