package access

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"fathom/engine/iam"
)

// A policy with holes is read in two ways. In the lower reading its holes are
// filled so that it grants the least that it can mean: those of an Allow match
// nothing but themselves, those of a Deny anything. The upper reading is the
// reverse. A statement that is filled to match as much as it can is generous
// here, one that matches as little as it can is strict; what is written in a
// NotAction, NotResource, NotPrincipal or negated condition turns around.

// draft is a policy document on its way to IAM, its references filled.
type draft struct {
	kind       iam.Kind
	version    string
	id         any
	statements []any
	others     map[string]any // what is not of a policy, for IAM to refuse
	whole      bool           // nothing of it is known
	perhaps    bool           // it may not be there
	open       *open
}

// open is what of requests is not known when documents are read.
type open struct {
	// account is the stand-in of the account, where its number is not known: any
	// account that a policy names may be it.
	account string
	// region says that regions of resources are not known.
	region bool
	// organization is the stand-in of the organisation's id, or "".
	organization string
	// principals are the ARNs of the estate's users and roles.
	principals []string
}

// about is what of one request has holes. The zero about has none.
type about struct {
	// resource and principal are ARNs, or "".
	resource, principal string
	// keys are condition keys, in lower case and joined by spaces.
	keys string
	// outside says that the request comes from outside the account: which
	// organisation the account is of does not matter to it.
	outside bool
}

func newDraft(text string, kind iam.Kind, o *open) *draft {
	d := &draft{kind: kind, open: o}
	var m map[string]any
	if json.Unmarshal([]byte(text), &m) != nil {
		d.whole = true
		return d
	}
	d.version, _ = m["Version"].(string)
	d.id = m["Id"]
	switch s := m["Statement"].(type) {
	case []any:
		d.statements = s
	case map[string]any:
		d.statements = []any{s}
	default:
		d.whole = true
	}
	for _, k := range []string{"Version", "Id", "Statement"} {
		delete(m, k)
	}
	d.others = m
	return d
}

// nothing is a statement that matches no request: a document has to have one.
func (d *draft) nothing() map[string]any {
	s := map[string]any{"Effect": "Deny", "Action": "sts:None"}
	d.complete(s)
	return s
}

// all allows or denies everything.
func (d *draft) all(allow bool) map[string]any {
	s := map[string]any{"Effect": "Deny", "Action": "*"}
	if allow {
		s["Effect"] = "Allow"
	}
	if d.kind == iam.Trust {
		s["Action"] = "sts:*"
	}
	d.complete(s)
	return s
}

func (d *draft) complete(s map[string]any) {
	if d.kind != iam.Trust {
		s["Resource"] = "*"
	}
	if d.kind != iam.Identity && d.kind != iam.SCP {
		s["Principal"] = "*"
	}
}

// fill makes the statements of a reading. Its statement i is statement index[i]
// of the document, or none of it where that is -1.
func (d *draft) fill(upper bool, a about) (out []any, index []int) {
	add := func(s any, i int) { out, index = append(out, s), append(index, i) }
	if d.whole {
		add(d.all(upper), -1)
	}
	for i, raw := range d.statements {
		s, ok := raw.(map[string]any)
		effect, _ := s["Effect"].(string)
		switch {
		case d.perhaps && (effect == "Allow") != upper: // what is not there neither allows nor denies
		case !ok && hollowIn(raw), hollow(effect):
			add(d.all(upper), i)
		case !ok:
			add(raw, i)
		default:
			f := filling{draft: d, about: a, generous: (effect == "Allow") == upper}
			if s, ok := f.statement(s); ok {
				add(s, i)
			}
		}
	}
	if len(out) == 0 {
		add(d.nothing(), -1)
	}
	return out, index
}

// read writes a reading as JSON.
func (d *draft) read(upper bool, a about) (text []byte, index []int) {
	out, index := d.fill(upper, a)
	doc := map[string]any{"Statement": out}
	for k, v := range d.others {
		doc[k] = v
	}
	if d.version != "" {
		doc["Version"] = d.version
	}
	if id, ok := d.id.(string); ok && !hollow(id) {
		doc["Id"] = id
	}
	text, _ = json.Marshal(doc) // it came from JSON
	return text, index
}

// filling fills the holes of one statement.
type filling struct {
	*draft
	about
	generous bool
}

// statement returns a copy that is filled; false when it matches nothing.
func (f *filling) statement(s map[string]any) (map[string]any, bool) {
	out := make(map[string]any, len(s))
	for k, v := range s {
		out[k] = v
	}
	if sid, ok := s["Sid"].(string); ok && hollow(sid) {
		delete(out, "Sid")
	}
	keep := true
	for _, e := range []struct {
		name, not string
		fill      func(list []string, wide bool) ([]string, bool)
		all       any
	}{
		{"Action", "NotAction", f.actions, "*"},
		{"Resource", "NotResource", f.resources, "*"},
	} {
		if list, ok := stringsOf(s[e.name]); ok {
			var everything bool
			if list, everything = e.fill(list, f.generous); everything {
				list = []string{"*"}
			}
			out[e.name] = list
			keep = keep && len(list) > 0
		}
		if list, ok := stringsOf(s[e.not]); ok {
			list, everything := e.fill(list, !f.generous)
			out[e.not] = list
			switch {
			case everything:
				keep = false
			case len(list) == 0:
				delete(out, e.not)
				out[e.name] = e.all
			}
		}
	}
	f.trustActions(out)
	return out, f.principals(s, out) && f.conditions(s, out) && keep
}

// trustActions keeps to what a trust policy may say.
func (f *filling) trustActions(out map[string]any) {
	if list, ok := stringsOf(out["Action"]); ok && f.kind == iam.Trust && slices.Contains(list, "*") {
		out["Action"] = "sts:*"
	}
}

// actions fills holes in actions. Everything says that the list is about every
// action.
func (f *filling) actions(list []string, wide bool) (out []string, everything bool) {
	for _, a := range list {
		switch {
		case !hollow(a):
			out = append(out, a)
		case wide:
			service, name, ok := strings.Cut(a, ":")
			if !ok || hollow(service) || strings.ContainsAny(service, "*?") {
				return nil, true
			}
			out = append(out, service+":"+starred(name, false))
		}
	}
	return out, false
}

// resources fills holes in ARNs.
func (f *filling) resources(list []string, wide bool) (out []string, everything bool) {
	for _, r := range list {
		if wide && f.resource != "" && overlap(r, f.resource) {
			return nil, true
		}
		parts := strings.SplitN(r, ":", 6)
		switch {
		case !hollow(r) && !f.opens(parts):
			out = append(out, r)
		case wide:
			if len(parts) < 6 || parts[0] != "arn" || hollow(parts[2]) {
				return nil, true
			}
			out = append(out, f.wideARN(parts))
		case whole(parts):
			out = append(out, r)
		}
	}
	return out, false
}

// opens says whether an ARN names an account or region that may be one that is
// not known.
func (f *filling) opens(parts []string) bool {
	return len(parts) == 6 && (f.foreign(parts[4]) || f.open.region && parts[3] != "" && parts[3] != noRegion)
}

// foreign says whether an account may be the one that is not known.
func (f *filling) foreign(account string) bool {
	return f.open.account != "" && account != f.open.account && twelve.MatchString(account)
}

var twelve = regexp.MustCompile(`^[0-9]{12}$`)

func (f *filling) wideARN(parts []string) string {
	out := slices.Clone(parts)
	if f.foreign(out[4]) {
		out[4] = "*"
	}
	if f.open.region && out[3] != "" {
		out[3] = "*"
	}
	for i := range out {
		out[i] = starred(out[i], false)
	}
	return strings.Join(out, ":")
}

// whole says whether IAM takes an ARN whose name has holes: they stand after
// the fifth colon.
func whole(parts []string) bool {
	return len(parts) == 6 && parts[0] == "arn" && !hollow(strings.Join(parts[:5], ":"))
}

// principals fills holes in Principal and NotPrincipal.
func (f *filling) principals(s, out map[string]any) bool {
	switch p := s["Principal"].(type) {
	case string:
		if !hollow(p) {
			break
		}
		if !f.generous {
			return false
		}
		out["Principal"] = "*"
	case map[string]any:
		filled, everyone := f.principalMap(p, f.generous)
		if everyone {
			out["Principal"] = "*"
			break
		}
		out["Principal"] = filled
		if len(filled) == 0 {
			return false
		}
	}
	switch p := s["NotPrincipal"].(type) {
	case string:
		if hollow(p) && !f.generous {
			return false
		}
	case map[string]any:
		filled, everyone := f.principalMap(p, !f.generous)
		if everyone {
			return false
		}
		out["NotPrincipal"] = filled
		if len(filled) == 0 {
			delete(out, "NotPrincipal")
			out["Principal"] = "*"
		}
	}
	return true
}

// principalMap fills the holes of {"AWS": …, "Service": …}. Everyone says that
// a hole may be anybody.
func (f *filling) principalMap(m map[string]any, wide bool) (out map[string]any, everyone bool) {
	out = map[string]any{}
	for kind, v := range m {
		list, ok := stringsOf(v)
		if !ok {
			out[kind] = v
			continue
		}
		var names []string
		for _, p := range list {
			parts := strings.SplitN(p, ":", 6)
			account := p
			if len(parts) == 6 {
				account = parts[4]
			}
			switch {
			case wide && hollow(p) && kind != "Service" && !sure(parts):
				return nil, true
			case wide && f.foreign(account):
				names = append(names, p, strings.Replace(p, account, f.open.account, 1))
			case wide && hollow(p):
				names = append(names, p)
				for _, known := range f.open.principals {
					if known != p && overlap(p, known) {
						names = append(names, known)
					}
				}
			case !hollow(p) || sure(parts):
				names = append(names, p)
			}
			if wide && f.principal != "" && p != f.principal && overlap(p, f.principal) {
				names = append(names, f.principal)
			}
		}
		if len(names) > 0 {
			out[kind] = names
		}
	}
	return out, false
}

// sure says whether a principal with holes is one role, user or provider all
// the same, whose name is not known.
func sure(parts []string) bool { return whole(parts) && twelve.MatchString(parts[4]) }

// hollowIn says whether a value of JSON has a hole in it.
func hollowIn(v any) bool {
	switch v := v.(type) {
	case string:
		return hollow(v)
	case []any:
		return slices.ContainsFunc(v, hollowIn)
	case map[string]any:
		for k, x := range v {
			if hollow(k) || hollowIn(x) {
				return true
			}
		}
	}
	return false
}

// stringsOf reads a string or a list of strings.
func stringsOf(v any) ([]string, bool) {
	switch v := v.(type) {
	case string:
		return []string{v}, true
	case []string:
		return v, true
	case []any:
		out := make([]string, 0, len(v))
		for _, x := range v {
			s, ok := x.(string)
			if !ok {
				return nil, false
			}
			out = append(out, s)
		}
		return out, true
	}
	return nil, false
}
