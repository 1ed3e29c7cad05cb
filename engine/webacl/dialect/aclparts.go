package dialect

import (
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/estate/tree"
)

// bodies reads the custom response bodies: an object by key, or Terraform's
// blocks.
func (r *reader) bodies(o *object) map[string]webacl.Body {
	if r.blocks {
		return r.bodyBlocks(o.list("CustomResponseBodies", "CustomResponseBody"))
	}
	n := o.get("CustomResponseBodies")
	if n == nil || r.unknown(n) {
		return nil
	}
	if n.Kind != tree.Map {
		r.problem(n.Pos, "write an object", "CustomResponseBodies is %s, not an object", kindName(n))
		return nil
	}
	out := map[string]webacl.Body{}
	for _, f := range n.Fields {
		if b := r.object(f.Node, "custom response body "+f.Name); b != nil {
			out[f.Name] = r.body(b, f.Name)
		}
	}
	return out
}

func (r *reader) bodyBlocks(list []*tree.Node) map[string]webacl.Body {
	if len(list) == 0 {
		return nil
	}
	out := map[string]webacl.Body{}
	for _, n := range list {
		b := r.object(n, "a custom response body")
		if b == nil {
			continue
		}
		k := b.get("Key")
		if !b.must(k, "Key") {
			continue
		}
		key, ok := r.text(k, "the key of a custom response body")
		if _, twice := out[key]; ok && twice {
			r.problem(k.Pos, "use another key", "two custom response bodies have the key %q", key)
		}
		out[key] = r.body(b, key)
	}
	return out
}

func (r *reader) body(o *object, key string) webacl.Body {
	var body webacl.Body
	types := []string{"TEXT_PLAIN", "TEXT_HTML", "APPLICATION_JSON"}
	if n := o.get("ContentType"); o.must(n, "ContentType") {
		if i := r.choice(n, "ContentType", types...); i >= 0 {
			body.ContentType = types[i]
		}
	}
	if n := o.get("Content"); o.must(n, "Content") {
		body.Content, _ = r.text(n, "Content")
		if len(body.Content) > 4096 {
			r.problem(n.Pos, "keep it below 4 KB", "the content of custom response body %q has %d bytes", key, len(body.Content))
		}
	}
	if !entity.MatchString(key) && !strings.Contains(key, "${") {
		r.problem(o.n.Pos, "use letters, digits, - and _", "the key %q of a custom response body is none that AWS takes", key)
	}
	o.done()
	return body
}

// bodiesThere refuses custom responses whose body nobody wrote.
func (r *reader) bodiesThere(bodies map[string]webacl.Body, what string) {
	var keys []string
	for k := range bodies {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, u := range r.used {
		if _, ok := bodies[u.key]; ok {
			continue
		}
		fix := "add it to CustomResponseBodies"
		if near := nearest(u.key, keys, same); near != "" {
			fix = "the nearest is \"" + near + "\""
		}
		r.problem(u.at, fix, "%s has no custom response body %q", what, u.key)
	}
	r.used = nil
}

// immunity reads CaptchaConfig or ChallengeConfig; 0 is none.
func (r *reader) immunity(n *tree.Node, what string, low int64) int64 {
	if n == nil {
		return 0
	}
	o := r.object(n, what)
	if o == nil {
		return 0
	}
	var seconds int64
	if p := o.get("ImmunityTimeProperty"); p != nil {
		if in := r.object(p, "ImmunityTimeProperty"); in != nil {
			t := in.get("ImmunityTime")
			if in.must(t, "ImmunityTime") {
				seconds, _ = r.number(t, "ImmunityTime", low, 259_200)
			}
			in.done()
		}
	}
	o.done()
	return seconds
}

var domain = regexp.MustCompile(`^[\w.\-/]{1,253}$`)

func (r *reader) tokenDomains(n *tree.Node) []string {
	out := r.texts(n, "TokenDomains")
	for _, d := range out {
		if !domain.MatchString(d) {
			r.problem(n.Pos, "write a domain", "token domain %q is none", d)
		}
	}
	if len(out) > 10 {
		r.problem(n.Pos, "use 10 at most", "there are %d token domains", len(out))
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// inspected are the kinds of resource whose inspected body can be made larger.
var inspected = []struct {
	name string
	kind webacl.Resource
}{
	{"CLOUDFRONT", webacl.Distribution},
	{"API_GATEWAY", webacl.APIGateway},
	{"COGNITO_USER_POOL", webacl.Cognito},
	{"APP_RUNNER_SERVICE", webacl.AppRunner},
	{"VERIFIED_ACCESS_INSTANCE", webacl.VerifiedAccess},
}

func (r *reader) bodyLimits(n *tree.Node) map[webacl.Resource]int {
	if n == nil {
		return nil
	}
	o := r.object(n, "AssociationConfig")
	if o == nil {
		return nil
	}
	defer o.done()
	requests := o.get("RequestBody")
	if requests == nil {
		return nil
	}
	out := map[webacl.Resource]int{}
	list := []*tree.Node{requests}
	if requests.Kind == tree.List && r.blocks {
		list = requests.Items
	}
	for _, it := range list {
		in := r.object(it, "RequestBody")
		if in == nil {
			continue
		}
		for _, k := range inspected {
			if m := in.get(k.name); m != nil {
				r.bodyLimit(m, k.name, out, k.kind)
			}
		}
		in.done()
	}
	return out
}

func (r *reader) bodyLimit(n *tree.Node, what string, out map[webacl.Resource]int, kind webacl.Resource) {
	o := r.object(n, what)
	if o == nil {
		return
	}
	if l := o.get("DefaultSizeInspectionLimit"); o.must(l, "DefaultSizeInspectionLimit") {
		if i := r.choice(l, "DefaultSizeInspectionLimit", "KB_16", "KB_32", "KB_48", "KB_64"); i >= 0 {
			out[kind] = (i + 1) * 16_384
		}
	}
	o.done()
}

// distinct refuses rules that share a priority or a name.
func (r *reader) distinct(rules []webacl.Rule) {
	byPriority := map[int]diag.Pos{}
	byName := map[string]diag.Pos{}
	for _, rule := range rules {
		if at, twice := byPriority[rule.Priority]; twice {
			r.problem(rule.At, "give each its own", "rule %q has the priority %d of the rule at %s", rule.Name, rule.Priority, at)
		}
		byPriority[rule.Priority] = rule.At
		if at, twice := byName[rule.Name]; twice && rule.Name != "" {
			r.problem(rule.At, "give each its own", "rule %q has the name of the rule at %s", rule.Name, at)
		}
		byName[rule.Name] = rule.At
	}
}
