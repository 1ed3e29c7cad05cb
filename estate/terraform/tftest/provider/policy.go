package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A policy is an IAM policy as the provider prints it. One string stands for a
// list of one; longer lists of actions, resources and principals are in
// reverse order.
type policy struct {
	Version   string      `json:",omitempty"`
	ID        string      `json:"Id,omitempty"`
	Statement []statement `json:",omitempty"`
}

type statement struct {
	Sid          string                    `json:",omitempty"`
	Effect       string                    `json:",omitempty"`
	Action       any                       `json:",omitempty"`
	NotAction    any                       `json:",omitempty"`
	Resource     any                       `json:",omitempty"`
	NotResource  any                       `json:",omitempty"`
	Principal    any                       `json:",omitempty"`
	NotPrincipal any                       `json:",omitempty"`
	Condition    map[string]map[string]any `json:",omitempty"`
}

// renderPolicy sets json and minified_json of a data source
// aws_iam_policy_document from its arguments.
func renderPolicy(root map[string]tftypes.Value) error {
	var merged policy

	sids := map[string]bool{}
	for i, v := range elements(root["source_policy_documents"]) {
		source, err := parsePolicy(v)
		if err != nil {
			return fmt.Errorf("merging source document %d: %w", i, err)
		}
		for _, s := range source.Statement {
			if s.Sid != "" && sids[s.Sid] {
				return fmt.Errorf("merging source document %d: duplicate Sid (%s)", i, s.Sid)
			}
			sids[s.Sid] = true
		}
		merged.merge(source)
	}

	own, err := writtenPolicy(root)
	if err != nil {
		return err
	}
	merged.merge(own)

	for i, v := range elements(root["override_policy_documents"]) {
		override, err := parsePolicy(v)
		if err != nil {
			return fmt.Errorf("merging override document %d: %w", i, err)
		}
		merged.merge(override)
	}

	indented, err := json.MarshalIndent(merged, "", "  ")
	if err != nil {
		return err
	}
	minified, err := json.Marshal(merged)
	if err != nil {
		return err
	}
	root["json"] = str(string(indented))
	root["minified_json"] = str(string(minified))
	return nil
}

func parsePolicy(v tftypes.Value) (policy, error) {
	var p policy
	s, ok := text(v)
	if !ok || s == "" { // a null in the list counts for nothing
		return p, nil
	}
	return p, json.Unmarshal([]byte(s), &p)
}

// merge adds another policy. Its statements replace those of the same Sid.
func (p *policy) merge(other policy) {
	if other.ID != "" {
		p.ID = other.ID
	}
	p.Version = max(p.Version, other.Version)

	for _, s := range other.Statement {
		i := slices.IndexFunc(p.Statement, func(mine statement) bool { return mine.Sid == s.Sid })
		if s.Sid != "" && i >= 0 {
			p.Statement[i] = s
		} else {
			p.Statement = append(p.Statement, s)
		}
	}
}

// writtenPolicy is the policy of the statement blocks.
func writtenPolicy(root map[string]tftypes.Value) (policy, error) {
	p := policy{Version: "2012-10-17"}
	if version, ok := text(root["version"]); ok {
		p.Version = version
	}
	p.ID, _ = text(root["policy_id"])

	sids := map[string]bool{}
	for _, v := range elements(root["statement"]) {
		s := writtenStatement(fields(v))
		if s.Sid != "" && sids[s.Sid] {
			return p, fmt.Errorf("duplicate Sid (%s)", s.Sid)
		}
		sids[s.Sid] = true
		p.Statement = append(p.Statement, s)
	}
	return p, nil
}

func writtenStatement(m map[string]tftypes.Value) statement {
	s := statement{
		Effect:       "Allow",
		Action:       one(reversed(texts(m["actions"]))),
		NotAction:    one(reversed(texts(m["not_actions"]))),
		Resource:     one(reversed(texts(m["resources"]))),
		NotResource:  one(reversed(texts(m["not_resources"]))),
		Principal:    principals(m["principals"]),
		NotPrincipal: principals(m["not_principals"]),
		Condition:    conditions(m["condition"]),
	}
	if effect, ok := text(m["effect"]); ok {
		s.Effect = effect
	}
	s.Sid, _ = text(m["sid"])
	return s
}

// principals joins blocks of one type, and prints everybody as "*".
func principals(v tftypes.Value) any {
	byType := map[string][]string{}
	for _, block := range elements(v) {
		m := fields(block)
		kind, _ := text(m["type"])
		byType[kind] = append(byType[kind], reversed(texts(m["identifiers"]))...)
	}
	if len(byType) == 0 {
		return nil
	}
	if len(byType) == 1 && slices.Equal(byType["*"], []string{"*"}) {
		return "*"
	}
	out := map[string]any{}
	for kind, identifiers := range byType {
		out[kind] = one(identifiers)
	}
	return out
}

// conditions joins the values of blocks with the same test and variable. Their
// order is kept.
func conditions(v tftypes.Value) map[string]map[string]any {
	joined := map[string]map[string][]string{}
	for _, block := range elements(v) {
		m := fields(block)
		test, _ := text(m["test"])
		variable, _ := text(m["variable"])
		if joined[test] == nil {
			joined[test] = map[string][]string{}
		}
		joined[test][variable] = append(joined[test][variable], texts(m["values"])...)
	}

	out := map[string]map[string]any{}
	for test, variables := range joined {
		out[test] = map[string]any{}
		for variable, values := range variables {
			out[test][variable] = one(values)
		}
	}
	return out
}

// texts are the strings of a list, with the policy variables that Terraform
// would otherwise read as its own.
func texts(v tftypes.Value) []string {
	var out []string
	for _, e := range elements(v) {
		s, _ := text(e)
		out = append(out, strings.ReplaceAll(s, "&{", "${"))
	}
	return out
}

func reversed(list []string) []string {
	slices.Sort(list)
	slices.Reverse(list)
	return list
}

func one(list []string) any {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return list
}
