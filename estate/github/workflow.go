package github

import (
	"strings"

	yaml "go.yaml.in/yaml/v3"

	"fathom/diag"
	"fathom/estate"
)

// maxNodes bounds the values that are visited, so that aliases of aliases
// cannot multiply.
const maxNodes = 200_000

// parser turns YAML nodes into a workflow. The syntax is that of GitHub's
// "Workflow syntax for GitHub Actions".
type parser struct {
	file     string
	problems *diag.Problems
	visited  int
}

func (p *parser) workflow(doc *yaml.Node) *estate.Workflow {
	name := baseName(p.file)
	w := &estate.Workflow{Base: estate.Base{
		ID: estate.ID{Addr: "workflow/" + name}, Type: "github workflow",
		Pos: diag.At(p.file, 1, 1), Keys: []string{name},
	}}
	root := doc
	if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
		root = root.Content[0]
	}
	if root.Kind != yaml.MappingNode {
		p.problems.Addf(w.Pos, `write "on:" and "jobs:"`, "a workflow is a map with jobs, and there is none")
		return w
	}
	jobs := false
	var named diag.Pos
	p.fields(root, func(key string, at diag.Pos, v *yaml.Node) {
		switch key {
		case "name":
			named = at
		case "on", "true": // an unquoted on is a boolean to YAML 1.1 tools, which may have written it back
			if named.IsZero() {
				named = at
			}
			w.On = p.names(v)
		case "permissions":
			w.Permissions = p.permissions(v, at)
		case "env":
			w.Env = p.values(v)
		case "jobs":
			jobs = true
			p.fields(v, func(id string, at diag.Pos, j *yaml.Node) {
				w.Jobs = append(w.Jobs, p.job(id, at, j))
			})
		}
	})
	if !named.IsZero() {
		w.Pos = named
	}
	if !jobs {
		p.problems.Addf(w.Pos, `write "jobs:", or move the file out of .github/workflows`, "the workflow has no jobs")
	}
	return w
}

func (p *parser) job(id string, at diag.Pos, n *yaml.Node) estate.Job {
	j := estate.Job{ID: id, At: at}
	p.fields(n, func(key string, at diag.Pos, v *yaml.Node) {
		switch key {
		case "environment":
			j.Environment = p.environment(v)
		case "uses":
			j.Uses = p.text(v)
		case "with":
			j.With = p.values(v)
		case "secrets":
			j.Secrets = p.secrets(v, at)
		case "if":
			j.If = p.text(v)
		case "permissions":
			j.Permissions = p.permissions(v, at)
		case "env":
			j.Env = p.values(v)
		case "continue-on-error":
			j.ContinueOnError = mayBeTrue(p.text(v))
		case "steps":
			for _, s := range p.items(v) {
				j.Steps = append(j.Steps, p.step(s))
			}
		}
	})
	return j
}

func (p *parser) step(n *yaml.Node) estate.WorkflowStep {
	s := estate.WorkflowStep{At: p.at(n)}
	p.fields(n, func(key string, _ diag.Pos, v *yaml.Node) {
		switch key {
		case "name":
			s.Name = p.text(v)
		case "uses":
			s.Uses = p.text(v)
		case "run":
			s.Run = p.text(v)
		case "if":
			s.If = p.text(v)
		case "continue-on-error":
			s.ContinueOnError = mayBeTrue(p.text(v))
		case "with":
			s.With = p.values(v)
		case "env":
			s.Env = p.values(v)
		}
	})
	return s
}

// mayBeTrue takes an expression for true: a gate that may be switched off for
// some runs is one that need not hold.
func mayBeTrue(text string) bool {
	return text == "true" || strings.Contains(text, "${{") && !strings.Contains(text, "${{ false }}")
}

func (p *parser) environment(n *yaml.Node) string {
	if n = p.real(n); n.Kind == yaml.ScalarNode {
		return n.Value
	}
	name := ""
	p.fields(n, func(key string, _ diag.Pos, v *yaml.Node) {
		if key == "name" {
			name = p.text(v)
		}
	})
	return name
}

func (p *parser) permissions(n *yaml.Node, at diag.Pos) estate.Permissions {
	out := estate.Permissions{At: at}
	if n = p.real(n); n.Kind == yaml.ScalarNode {
		out.All = n.Value
		return out
	}
	out.Scopes = map[string]string{}
	p.fields(n, func(key string, _ diag.Pos, v *yaml.Node) { out.Scopes[key] = p.text(v) })
	return out
}

func (p *parser) secrets(n *yaml.Node, at diag.Pos) []estate.NamedValue {
	if r := p.real(n); r.Kind == yaml.ScalarNode {
		return []estate.NamedValue{{Name: r.Value, At: at}}
	}
	return p.values(n)
}

// names reads "push", [push, pull_request] or a map by event.
func (p *parser) names(n *yaml.Node) []string {
	var out []string
	switch n = p.real(n); n.Kind {
	case yaml.ScalarNode:
		out = append(out, n.Value)
	case yaml.SequenceNode:
		for _, it := range p.items(n) {
			out = append(out, p.text(it))
		}
	case yaml.MappingNode:
		p.fields(n, func(key string, _ diag.Pos, _ *yaml.Node) { out = append(out, key) })
	}
	return out
}

func (p *parser) values(n *yaml.Node) []estate.NamedValue {
	var out []estate.NamedValue
	p.fields(n, func(key string, at diag.Pos, v *yaml.Node) {
		out = append(out, estate.NamedValue{Name: key, Value: p.text(v), At: at})
	})
	return out
}

// fields calls f for each field of a map, in order. A whole map that is an
// expression, or left empty, has none.
func (p *parser) fields(n *yaml.Node, f func(key string, at diag.Pos, v *yaml.Node)) {
	n = p.real(n)
	if n.Kind != yaml.MappingNode {
		if n.Kind == yaml.SequenceNode || n.Kind == yaml.ScalarNode && n.Tag != "!!null" && !strings.Contains(n.Value, "${{") {
			p.problems.Addf(p.at(n), "write it as name: value lines", "a map is expected here")
		}
		return
	}
	for i := 0; i+1 < len(n.Content) && p.more(n); i += 2 {
		f(p.text(n.Content[i]), p.at(n.Content[i]), n.Content[i+1])
	}
}

func (p *parser) items(n *yaml.Node) []*yaml.Node {
	n = p.real(n)
	if n.Kind != yaml.SequenceNode {
		if n.Kind == yaml.MappingNode {
			p.problems.Addf(p.at(n), `begin each item with "- "`, "a list is expected here")
		}
		return nil
	}
	var out []*yaml.Node
	for _, it := range n.Content {
		if !p.more(n) {
			break
		}
		out = append(out, it)
	}
	return out
}

// more counts a visit, and reports once that there were too many.
func (p *parser) more(n *yaml.Node) bool {
	p.visited++
	if p.visited == maxNodes {
		p.problems.Addf(p.at(n), "write it without aliases", "the workflow grows beyond %d values once its aliases are expanded", maxNodes)
	}
	return p.visited < maxNodes
}

func (p *parser) text(n *yaml.Node) string {
	if n = p.real(n); n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return ""
}

var nothing = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}

// real follows aliases. The parser refuses an alias to an anchor that contains
// it only when it decodes, so the steps are counted.
func (p *parser) real(n *yaml.Node) *yaml.Node {
	for range 10 {
		if n == nil {
			return nothing
		}
		if n.Kind != yaml.AliasNode {
			return n
		}
		n = n.Alias
	}
	return nothing
}

func (p *parser) at(n *yaml.Node) diag.Pos { return diag.At(p.file, n.Line, n.Column) }
