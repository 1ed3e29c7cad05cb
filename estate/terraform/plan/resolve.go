package plan

import (
	"maps"
	"slices"
	"strings"

	"fathom/estate/tree"
)

const (
	onlyAfterApply = "known only after apply"
	// maxRefs is how many resources a value may be made from before it is
	// said to be made from too many.
	maxRefs = 2000
	// maxHops is how many variables and outputs a reference may pass through.
	maxHops = 200
	// maxSteps bounds the work for one expression.
	maxSteps = 20000
	// maxTotal bounds the work for all of them: some hundreds for each
	// resource of the largest plan. It ends what a file made for the purpose
	// would make of outputs that name each other.
	maxTotal = 50_000_000
)

// resolver follows the references of the configuration section to instances.
type resolver struct {
	instances *catalogue
	root      *module
	scopes    map[string]*scope
	steps     int
}

// scope is a module instance: where a reference is written.
type scope struct {
	path   string // module.db["eu"], "" for the root
	key    string // ["eu"]
	module *module
	call   *call  // what called it, nil for the root
	parent *scope // nil for the root
}

func newResolver(instances *catalogue, root *module) *resolver {
	r := &resolver{instances: instances, root: root, scopes: map[string]*scope{}}
	r.scopes[""] = &scope{module: root}
	return r
}

// scope returns the scope of a module path. Its module is nil when the
// configuration does not have it.
func (r *resolver) scope(path string) *scope {
	if s := r.scopes[path]; s != nil {
		return s
	}
	parent, name, key := parentModule(path)
	s := &scope{path: path, key: key, parent: r.scope(parent)}
	if m := s.parent.module; m != nil {
		if s.call = m.calls[name]; s.call != nil {
			s.module = s.call.module
		}
	}
	r.scopes[path] = s
	return s
}

// writer is who wrote an expression: an instance, a module call or an output.
type writer struct {
	scope *scope
	key   string // the key of the instance, or of the module instance for a call
	each  *expr  // the for_each it is under
}

// made says what a value is made from.
type made struct {
	refs []tree.Ref
	// hidden is what it also depends on that a plan does not show: local.name.
	hidden string

	seen    map[tree.Ref]bool
	steps   int
	endless bool // there is more than was followed
}

// why is the reason why such a value is unknown.
func (m *made) why() string {
	switch {
	case m.endless:
		return "depends on more resources than can be followed"
	case m.hidden != "":
		return "depends on " + m.hidden + ", which a plan does not show"
	}
	return onlyAfterApply
}

func (m *made) hide(what string) {
	if m.hidden == "" {
		m.hidden = clip(what)
	}
}

// fewRefs is how many references are told apart without a map.
const fewRefs = 8

func (m *made) add(ref tree.Ref) {
	if m.seen == nil && len(m.refs) < fewRefs {
		if !slices.Contains(m.refs, ref) {
			m.refs = append(m.refs, ref)
		}
		return
	}
	if m.seen == nil {
		m.seen = map[tree.Ref]bool{}
		for _, r := range m.refs {
			m.seen[r] = true
		}
	}
	if !m.seen[ref] {
		m.seen[ref] = true
		m.refs = append(m.refs, ref)
	}
}

// made follows everything an expression refers to.
func (r *resolver) made(e *expr, by writer) made {
	var m made
	r.follow(e, by, &m, 0)
	r.steps += m.steps + len(m.refs)
	if m.endless || r.steps > maxTotal {
		return made{endless: true}
	}
	return m
}

func (r *resolver) follow(e *expr, by writer, m *made, hops int) {
	m.steps++
	switch {
	case e == nil:
		return
	case hops > maxHops, m.steps > maxSteps, r.steps > maxTotal:
		m.endless = true
		return
	}
	for _, ref := range e.refs {
		r.reference(ref, by, m, hops)
	}
	for _, item := range e.items {
		r.follow(item, by, m, hops+1)
	}
	for _, name := range sortedNames(e.fields) {
		r.follow(e.fields[name], by, m, hops+1)
	}
}

func (r *resolver) reference(ref string, by writer, m *made, hops int) {
	head := ref[:identifier(ref)]
	rest := strings.TrimPrefix(ref[len(head):], ".")
	name := rest[:identifier(rest)]
	switch head {
	case "count", "self", "path", "terraform":
	case "each":
		if name == "value" { // each.key is always known
			r.follow(by.each, writer{scope: by.scope, key: by.key}, m, hops+1)
		}
	case "local":
		m.hide("local." + name)
	case "var":
		// A variable of the root is always known.
		if s := by.scope; s.parent != nil && s.call != nil {
			r.follow(s.call.args.get(name), writer{scope: s.parent, key: s.key, each: s.call.forEach}, m, hops+1)
		}
	case "module":
		r.output(rest, by, m, hops)
	default:
		r.target(ref, by, m, hops)
	}
}

// output follows module.NAME[key].OUTPUT; rest begins with the name.
func (r *resolver) output(rest string, by writer, m *made, hops int) {
	name := rest[:identifier(rest)]
	rest = rest[len(name):]
	key := rest[:index(rest)]
	rest = strings.TrimPrefix(rest[len(key):], ".")
	output := rest[:identifier(rest)]
	if output == "" {
		m.hide("an output of module." + name)
		return
	}
	base := joinModule(by.scope.path, "module."+name)
	r.instances.modules[base].pick(key, by.key, func(k string) {
		if s := r.scope(base + k); s.module != nil {
			r.follow(s.module.outputs[output], writer{scope: s}, m, hops+1)
		}
	})
}

// target takes TYPE.NAME[key].ATTRIBUTE, or the same of a data source. An
// attribute that was written there is followed to what it was written as:
// aws_acm_certificate_validation.c.certificate_arn is the certificate's.
func (r *resolver) target(ref string, by writer, m *made, hops int) {
	i := 0
	if strings.HasPrefix(ref, "data.") {
		i = len("data.")
	}
	i += identifier(ref[i:])
	if i >= len(ref) || ref[i] != '.' {
		return
	}
	i++
	i += identifier(ref[i:])
	key := ref[i : i+index(ref[i:])]
	attr := strings.TrimPrefix(ref[i+len(key):], ".")
	base := joinModule(by.scope.path, ref[:i])
	written := by.scope.written(ref[:i])
	as := written.args.get(attr)
	r.instances.resources[base].pick(key, by.key, func(k string) {
		if as != nil && len(as.refs) > 0 {
			r.follow(as, writer{scope: by.scope, key: k, each: written.forEach}, m, hops+1)
		} else if len(m.refs) < maxRefs {
			m.add(tree.Ref{Addr: base + k, Attr: attr})
		} else {
			m.endless = true
		}
	})
}

// written is what the configuration has of a resource of the scope's module.
func (s *scope) written(name string) resource {
	if s.module != nil {
		if r := s.module.resources[name]; r != nil {
			return *r
		}
	}
	return resource{}
}

// sortedNames are the names of a block's arguments, in an order that does not
// change from run to run.
func sortedNames(fields map[string]*expr) []string {
	return slices.Sorted(maps.Keys(fields))
}
