package main

import (
	"crypto/sha256"
	"encoding/binary"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A filler replaces the unknowns of one resource.
type filler struct {
	kind  *kind
	cloud *cloud
	setup configuration
	seed  string
	root  map[string]tftypes.Value
	busy  map[string]bool // attributes being made, against templates in a circle
}

func (s *server) filler(k *kind, v tftypes.Value) *filler {
	return &filler{
		kind: k, cloud: s.cloud, setup: s.setup,
		seed: s.cloud.seed(k, v), root: fields(v), busy: map[string]bool{},
	}
}

func (f *filler) fill() tftypes.Value {
	special(f)
	for _, a := range f.kind.root.attrs {
		f.root[a.name] = f.attr(a, f.root[a.name])
	}
	for _, n := range f.kind.root.blocks {
		f.root[n.name] = f.nested(n, f.root[n.name])
	}
	f.cloud.note(f)
	return tftypes.NewValue(f.kind.typ, f.root)
}

func (f *filler) attr(a *attr, v tftypes.Value) tftypes.Value {
	switch {
	case v.IsKnown():
		return v // the plan knows all of it, or special has made it
	case a.value != nil:
		return must(parse(a.typ, f.expand(a.path, a.value.text)))
	default:
		return f.generic(a.path, a.name, a.typ, a.optional)
	}
}

func (f *filler) nested(n *nested, v tftypes.Value) tftypes.Value {
	if !v.IsKnown() {
		return must(parse(n.typ, f.expand(n.path, n.value.text)))
	}
	if n.written() || v.IsNull() {
		return v
	}
	list := elements(v)
	for i, e := range list {
		m := fields(e)
		for _, a := range n.of.attrs {
			m[a.name] = f.attr(a, m[a.name])
		}
		for _, inner := range n.of.blocks {
			m[inner.name] = f.nested(inner, m[inner.name])
		}
		list[i] = tftypes.NewValue(n.of.typ, m)
	}
	return tftypes.NewValue(n.typ, list)
}

// generic makes up an attribute that values.txt does not have. Collections are
// empty, except objects that only AWS writes: expressions look into those.
func (f *filler) generic(path, name string, t tftypes.Type, optional bool) tftypes.Value {
	switch t := t.(type) {
	case tftypes.List:
		if o, ok := t.ElementType.(tftypes.Object); ok && !optional {
			return tftypes.NewValue(t, []tftypes.Value{f.object(path, o)})
		}
	case tftypes.Object:
		return f.object(path, t)
	}
	switch {
	case t.Is(tftypes.String):
		return str(f.genericText(path, name))
	case t.Is(tftypes.Number):
		return tftypes.NewValue(t, 1)
	}
	return zero(t)
}

func (f *filler) object(path string, t tftypes.Object) tftypes.Value {
	m := map[string]tftypes.Value{}
	for name, of := range t.AttributeTypes {
		m[name] = f.generic(path+"."+name, name, of, false)
	}
	return tftypes.NewValue(t, m)
}

func (f *filler) genericText(path, name string) string {
	service, rest, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(f.kind.name, "data."), "aws_"), "_")

	switch name {
	case "id":
		return f.expand(path, "{hex:20}")
	case "arn":
		return f.expand(path, "arn:aws:"+service+":{region}:{account}:"+strings.ReplaceAll(rest, "_", "-")+"/{id}")
	case "owner_id", "account_id", "registry_id":
		return f.setup.account
	case "region":
		return f.setup.region
	case "status", "state":
		return "ACTIVE"
	}
	switch _, prefixed := f.root[name+"_prefix"]; {
	case prefixed:
		if prefix, _ := text(f.root[name+"_prefix"]); prefix != "" {
			return prefix + f.expand(path, "{digits:26}")
		}
		return f.expand(path, "terraform-{digits:26}")
	case strings.HasSuffix(name, "_prefix"):
		return ""
	case strings.HasSuffix(name, "_date"), strings.HasSuffix(name, "_at"), strings.HasSuffix(name, "_till"), strings.HasSuffix(name, "_time"):
		return "2025-01-01T00:00:00Z"
	case strings.Contains(name, "endpoint"), strings.HasSuffix(name, "dns_name"):
		return f.expand(path, "{hex:12}.{region}.amazonaws.com")
	}
	return f.expand(path, "{hex:12}")
}

// A placeholder is {WORD}, {WORD:ARGUMENT} or {ATTRIBUTE|OLD:NEW}, but not
// ${WORD}, which flow logs use themselves.
var placeholder = regexp.MustCompile(`\$?\{([a-z_]+)(?:([:|])([a-z0-9:-]+))?\}`)

func (f *filler) expand(path, template string) string {
	return placeholder.ReplaceAllStringFunc(template, func(p string) string {
		m := placeholder.FindStringSubmatch(p)
		word, sep, arg := m[1], m[2], m[3]

		switch {
		case strings.HasPrefix(p, "$"):
			return p
		case word == "account":
			return f.setup.account
		case word == "az":
			return f.region() + "a"
		case word == "region":
			return f.region()
		case word == "vpc":
			return f.vpc(path)
		case word == "uuid":
			h := f.digits(path, "0123456789abcdef", 32)
			return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
		case sep == ":" && alphabets[word] != "":
			n, _ := strconv.Atoi(arg)
			return f.digits(path, alphabets[word], n)
		}

		s := f.named(word)
		switch {
		case sep == "|":
			before, after, _ := strings.Cut(arg, ":")
			return strings.Replace(s, before, after, 1)
		case arg == "host":
			return strings.TrimPrefix(s, "https://")
		case arg == "waf" && s == "CLOUDFRONT":
			return "global"
		case arg == "waf":
			return "regional"
		case arg == "lb":
			return map[string]string{"application": "app", "network": "net", "gateway": "gwy"}[s]
		}
		return s
	})
}

// alphabets: the first character is never drawn for the first place, so that a
// number does not begin with 0.
var alphabets = map[string]string{
	"hex":    "0123456789abcdef",
	"alnum":  "0123456789abcdefghijklmnopqrstuvwxyz",
	"upper":  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"digits": "0123456789",
}

func (f *filler) digits(path, alphabet string, n int) string {
	var b strings.Builder
	for i := range n {
		sum := sha256.Sum256([]byte(f.seed + path + alphabet + strconv.Itoa(i)))
		x := binary.BigEndian.Uint64(sum[:])
		if i == 0 {
			b.WriteByte(alphabet[1+x%uint64(len(alphabet)-1)])
		} else {
			b.WriteByte(alphabet[x%uint64(len(alphabet))])
		}
	}
	return b.String()
}

// named returns another attribute of the resource as text, making it first if
// need be.
func (f *filler) named(name string) string {
	if !f.root[name].IsKnown() && !f.busy[name] {
		f.busy[name] = true
		for _, a := range f.kind.root.attrs {
			if a.name == name {
				f.root[name] = f.attr(a, f.root[name])
			}
		}
		f.busy[name] = false
	}
	s, _ := text(f.root[name])
	return s
}

// region is the one the resource names itself, else the provider's.
func (f *filler) region() string {
	if s, ok := text(f.root["region"]); ok {
		return s
	}
	return f.setup.region
}
