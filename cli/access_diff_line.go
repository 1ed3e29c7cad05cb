package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

var diffFields = []string{"id", "kind", "old", "new"}

// diffLine is a line of access diff, read.
type diffLine struct {
	fields
	id       jsontext.Value
	kind     string
	old, new []byte
}

// read reads the line; wrong then says what cannot be understood.
func (l *diffLine) read(line []byte) {
	l.reset(line)
	l.id, l.kind, l.old, l.new = nil, "", nil, nil
	var seen []string
	l.object(wholeLine, diffFields, func(name string) bool {
		switch name {
		case "id":
			l.id = l.fields.id()
		case "kind":
			l.kind = l.text(`"kind"`)
		case "old":
			l.old = l.document()
		case "new":
			l.new = l.document()
		default:
			return false
		}
		seen = append(seen, name)
		return true
	})
	l.end()
	for _, name := range []string{"old", "new"} {
		if !slices.Contains(seen, name) {
			l.fault("there is no %q; add the policy document", name)
		}
	}
}

// document takes a policy: an object, or a string that holds one.
func (l *diffLine) document() []byte {
	v := l.value()
	if v.Kind() == '"' {
		return []byte(l.unquote(v))
	}
	return slices.Clone([]byte(v))
}

// diffLines is access diff over JSON Lines.
func diffLines(ctx context.Context, in io.Reader, out io.Writer, kind string) error {
	failed, err := answerLines(ctx, in, out, answering{slow: true, worker: func() answerer {
		l := &diffLine{}
		return func(out, line []byte) ([]byte, bool) { return l.answer(out, line, kind) }
	}, tooLong: tooLongLine})
	if err != nil {
		return err
	}
	return unansweredError(failed)
}

func (l *diffLine) answer(out, line []byte, kind string) ([]byte, bool) {
	l.read(line)
	if l.wrong != "" {
		return appendError(out, l.id, l.wrong), false
	}
	if l.kind != "" {
		kind = l.kind
	}
	if _, ok := kindOf(kind); kind != "" && !ok {
		return appendError(out, l.id, fmt.Sprintf("there is no kind of policy %q; it is one of %s", kind, strings.Join(kindWords(), ", "))), false
	}
	doc := compare(kind, policySource{"old", l.old}, policySource{"new", l.new}).json()
	doc.ID = json.RawMessage(l.id)
	if l.id == nil {
		doc.ID = json.RawMessage("null")
	}
	b, err := marshalLine(doc)
	if err != nil {
		return appendError(out, l.id, err.Error()), false
	}
	return append(out, b...), true
}
