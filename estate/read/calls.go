package read

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// localSource matches the source of a local module, in either syntax. It is a
// scan and not a parse, so that a file with a syntax error still says which
// modules it calls; the evaluator is what understands the file.
var localSource = regexp.MustCompile(`(?m)(?:^|[\s{])"?source"?\s*[=:]\s*"(\.{1,2}/[^"]*)"`)

// localCalls returns the directories that the configuration in dir calls as
// local modules.
func localCalls(fsys fs.FS, dir string) []string {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, d := range entries {
		if !strings.HasSuffix(d.Name(), ".tf") && !strings.HasSuffix(d.Name(), ".tf.json") {
			continue
		}
		text, err := fs.ReadFile(fsys, path.Join(dir, d.Name()))
		if err != nil {
			continue // the evaluator reports it
		}
		for _, m := range localSource.FindAllSubmatch(text, -1) {
			out = append(out, path.Join(dir, string(m[1])))
		}
	}
	return out
}
