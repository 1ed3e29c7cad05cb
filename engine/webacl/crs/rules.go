package crs

import (
	"bytes"
	"io/fs"
	"regexp"
	"strings"

	coreruleset "github.com/corazawaf/coraza-coreruleset/v4"
)

// files are the rule set's files, rewritten as they are read.
type files struct {
	fs.FS
	rewrite func([]byte) []byte
}

func (f files) ReadFile(name string) ([]byte, error) {
	b, err := fs.ReadFile(f.FS, name)
	if err != nil || !strings.HasSuffix(name, ".conf") {
		return b, err
	}
	return f.rewrite(b), nil
}

// ruleFiles is the rule set as o wants it.
func ruleFiles(o Options) fs.FS {
	return files{coreruleset.FS, func(b []byte) []byte {
		if o.SplitArguments {
			b = splitArguments(b)
		}
		if !o.Plain {
			b = useOperators(b)
		}
		return b
	}}
}

// secRule is the head of a rule: its variables and the operator's name.
var secRule = regexp.MustCompile(`(?m)^(\s*SecRule\s+)(\S+)(\s+"!?@)([A-Za-z0-9]+)`)

// splitArguments replaces the variables that hold the arguments of query and
// body together by the two that hold them apart.
func splitArguments(b []byte) []byte {
	return secRule.ReplaceAllFunc(b, func(m []byte) []byte {
		part := secRule.FindSubmatch(m)
		if bytes.ContainsRune(part[2], '&') {
			return m // a count of both would become two counts
		}
		vars := strings.Split(string(part[2]), "|")
		var out []string
		for _, v := range vars {
			not, name, key := "", v, ""
			if strings.HasPrefix(name, "!") {
				not, name = "!", name[1:]
			}
			if i := strings.IndexByte(name, ':'); i >= 0 {
				name, key = name[:i], name[i:]
			}
			switch name {
			case "ARGS":
				out = append(out, not+"ARGS_GET"+key, not+"ARGS_POST"+key)
			case "ARGS_NAMES":
				out = append(out, not+"ARGS_GET_NAMES"+key, not+"ARGS_POST_NAMES"+key)
			default:
				out = append(out, v)
			}
		}
		return []byte(string(part[1]) + strings.Join(out, "|") + string(part[3]) + string(part[4]))
	})
}
