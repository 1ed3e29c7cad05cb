package main

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

//go:embed values.txt
var valuesText string

// A value is a line of values.txt: what an attribute gets when the
// configuration does not set it.
type value struct {
	text    string
	planned bool // a default, so the plan knows it
	added   bool // the schema does not have it
	line    int
	used    bool
}

// values holds the lines by type and path, such as "aws_vpc" and "arn".
type values map[string]map[string]*value

var valueLine = regexp.MustCompile(`^\s+(\S+)\s+([=~+])(?: (.*))?$`)

func readValues(text string) (values, error) {
	v := values{}
	var paths map[string]*value

	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):

		case !strings.HasPrefix(line, " "):
			if v[line] != nil {
				return nil, fmt.Errorf("values.txt:%d: %s is there twice", i+1, line)
			}
			paths = map[string]*value{}
			v[line] = paths

		default:
			m := valueLine.FindStringSubmatch(line)
			if m == nil || paths == nil || paths[m[1]] != nil {
				return nil, fmt.Errorf("values.txt:%d: want one line ATTRIBUTE = VALUE or ATTRIBUTE ~ VALUE for each attribute of a type", i+1)
			}
			paths[m[1]] = &value{text: m[3], planned: m[2] == "=", added: m[2] == "+", line: i + 1}
		}
	}
	return v, nil
}

// take returns the value of a path, or nil.
func (v values) take(typ, path string) *value {
	found := v[typ][path]
	if found != nil {
		found.used = true
	}
	return found
}

// added returns the names of the attributes that a block lacks in the schema,
// in order.
func (v values) added(typ, path string) []string {
	var names []string
	for p, value := range v[typ] {
		name, inside := strings.CutPrefix(p, path)
		if value.added && inside && !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// checkUsed reports the lines that name nothing in the schema: a misspelt
// attribute would otherwise silently get the generic value.
func (v values) checkUsed() error {
	var lost []string
	for typ, paths := range v {
		for path, value := range paths {
			if !value.used {
				lost = append(lost, fmt.Sprintf("values.txt:%d: the schema has no %s.%s", value.line, typ, path))
			}
		}
	}
	if lost == nil {
		return nil
	}
	slices.Sort(lost)
	return fmt.Errorf("%s", strings.Join(lost, "\n"))
}
