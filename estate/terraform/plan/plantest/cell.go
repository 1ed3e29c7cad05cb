package plantest

import (
	_ "embed"
	"strconv"
	"strings"
)

//go:embed cell.txt
var cellText string

// resource is one resource of the cell, with all that does not depend on the
// instance already written as JSON.
type resource struct {
	typ, name string
	keys      []string // as in an address: [0], ["data"]
	indexes   []string // as in JSON: 0, "data"

	after, unknown string // objects, with places for {i}, {a}, {b} and {k}
	written        string // the resource of the configuration section
}

// cell parses the notation of cell.txt.
func cell() []resource {
	var out []resource
	var after, unknown, exprs []string
	flush := func() {
		if len(out) == 0 {
			return
		}
		r := &out[len(out)-1]
		r.after = "{" + strings.Join(after, ",") + "}"
		r.unknown = "{" + strings.Join(unknown, ",") + "}"
		r.written = r.configuration(exprs)
		after, unknown, exprs = nil, nil, nil
	}
	for line := range strings.Lines(cellText) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || f[0] == "#":
			continue
		case strings.HasPrefix(f[0], "aws_"):
			flush()
			r := resource{typ: f[0], name: f[1]}
			r.keys, r.indexes = keys(f[2:])
			out = append(out, r)
			continue
		}
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		value := strings.TrimSpace(rest[1:])
		q := `"` + name + `":`
		switch rest[0] {
		case '=':
			after = append(after, q+value)
			exprs = append(exprs, q+`{"constant_value":`+value+`}`)
		case ':':
			after = append(after, q+value)
		case '~':
			known, refs, _ := strings.Cut(value, " < ")
			after = append(after, q+known)
			exprs = append(exprs, q+references(refs))
		case '?':
			unknown = append(unknown, q+"true")
			if value != "" {
				exprs = append(exprs, q+references(value))
			}
		case '!':
			parts := strings.Split(value, " ! ")
			after = append(after, q+parts[0])
			unknown = append(unknown, q+parts[1])
			exprs = append(exprs, q+parts[2])
		}
	}
	flush()
	return out
}

// keys reads what follows the name: nothing, a count or the keys of for_each.
func keys(f []string) (keys, indexes []string) {
	if len(f) == 1 {
		if n, err := strconv.Atoi(f[0]); err == nil {
			for i := range n {
				indexes = append(indexes, strconv.Itoa(i))
			}
		}
	}
	if indexes == nil {
		for _, k := range f {
			indexes = append(indexes, strconv.Quote(k))
		}
	}
	for _, ix := range indexes {
		keys = append(keys, "["+ix+"]")
	}
	if keys == nil {
		return []string{""}, []string{""}
	}
	return keys, indexes
}

// references writes each reference followed by its beginnings, as Terraform
// does.
func references(refs string) string {
	var all []string
	for _, ref := range strings.Fields(refs) {
		all = append(all, strconv.Quote(ref))
		parts := strings.Split(ref, ".")
		if strings.HasPrefix(ref, "aws_") && len(parts) > 2 || len(parts) > 3 {
			all = append(all, strconv.Quote(strings.Join(parts[:len(parts)-1], ".")))
		}
	}
	return `{"references":[` + strings.Join(all, ",") + `]}`
}

func (r *resource) configuration(exprs []string) string {
	s := `{"address":"` + r.typ + "." + r.name + `","mode":"managed","type":"` + r.typ + `","name":"` + r.name +
		`","provider_config_key":"aws","expressions":{` + strings.Join(exprs, ",") + `},"schema_version":1`
	switch {
	case r.keys[0] == "":
	case r.indexes[0] == "0":
		s += `,"count_expression":{"constant_value":` + strconv.Itoa(len(r.keys)) + `}`
	default:
		s += `,"for_each_expression":{"references":["var.` + r.name + `"]}`
	}
	return s + "}"
}
