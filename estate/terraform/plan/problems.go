package plan

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"fathom/diag"
)

// writeAgain is the fix of most problems: the file was not written by
// Terraform, or not wholly.
const writeAgain = "write it again with terraform show -json"

// maxProblems bounds what is kept of a file that is wrong in every line.
const maxProblems = 200

// problems collects what is wrong, up to a limit.
type problems struct{ list diag.Problems }

func (p *problems) addf(pos diag.Pos, fix, format string, args ...any) {
	if len(p.list) < maxProblems {
		p.list.Addf(pos, fix, format, args...)
	}
}

// broken records the error that ended the reading, and says where that was.
func (c *cursor) broken(err error) diag.Pos {
	where := c.at(c.dec.InputOffset())
	var syntax *jsontext.SyntacticError
	switch {
	case c.lines.err != nil:
		c.problems.addf(where, "", "the rest of the file cannot be read: %v", unwrapped(c.lines.err))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		where = c.at(c.lines.read)
		c.problems.addf(where, writeAgain, "the file ends in the middle of a value")
	case errors.As(err, &syntax):
		where = c.at(syntax.ByteOffset)
		if errors.Is(err, jsontext.ErrDuplicateName) {
			c.problems.addf(where, writeAgain, "the name %q stands twice in one object", clip(syntax.JSONPointer.LastToken()))
			break
		}
		c.problems.addf(where, writeAgain, "this is not JSON: %v", syntax.Err)
	default:
		c.problems.addf(where, writeAgain, "this is not JSON: %v", err)
	}
	return where
}

// wrongType records a value that is not what stands there in a plan.
func (c *cursor) wrongType(pos diag.Pos, what, want string, got jsontext.Kind) {
	c.problems.addf(pos, writeAgain, "%s is %s where %s is expected", what, kindName(got), want)
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "something else"
}

// clip shortens what a hostile file would have a message quote.
func clip(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", s[:most], len(s))
}
