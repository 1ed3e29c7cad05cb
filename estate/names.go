package estate

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// unique matches the keys that name one resource among all types: ARNs, the
// ids that EC2 makes (igw-0123456789abcdef0) and DNS names of AWS endpoints.
var unique = regexp.MustCompile(`^(arn:.*|[a-z]+-[0-9a-f]{8,}|[^/:]+\.(amazonaws\.com|cloudfront\.net))$`)

// named finds the resources of a type by an id, ARN or name that somebody
// wrote. An ARN whose resource carries no ARN of its own (in HCL it is known
// only after apply) is matched by the name at its end.
func (ix *index) named(t reflect.Type, name string) []ID {
	return ix.search(t, name, func(k key) []ID { return ix.keys[k] })
}

// likewise finds the resources of a type whose id, ARN or name is not known
// and written as in the text: role = aws_iam_role.node.name is the role even
// where its name is "${var.env}-node" and env has no value.
func (ix *index) likewise(t reflect.Type, root, text string) []ID {
	if text == "" || t == anyResource {
		return nil
	}
	return ix.search(t, text, func(k key) []ID { return ix.alike[alike{k, root}] })
}

func (ix *index) search(t reflect.Type, name string, find func(key) []ID) []ID {
	if ids := find(key{t, name}); len(ids) > 0 || !strings.HasPrefix(name, "arn:") || t == anyResource {
		return ids
	}
	parts := strings.SplitN(name, ":", 6)
	if len(parts) < 6 {
		return nil
	}
	rest := strings.TrimSuffix(parts[5], ":*")
	for _, candidate := range []string{rest, rest[strings.LastIndexByte(rest, '/')+1:], rest[strings.LastIndexByte(rest, ':')+1:], rest[strings.IndexAny(rest, "/:")+1:]} {
		for _, id := range find(key{t, candidate}) {
			if !hasARN(ix.byID[id].base()) {
				return []ID{id}
			}
		}
	}
	return nil
}

func hasARN(b *Base) bool {
	return slices.ContainsFunc(b.Keys, func(k string) bool { return strings.HasPrefix(k, "arn:") })
}
