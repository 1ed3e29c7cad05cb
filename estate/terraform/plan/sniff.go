package plan

import (
	"bytes"
	"io"
	"io/fs"

	"github.com/go-json-experiment/json/jsontext"
)

// The answers of Sniff.
const (
	isPlan  = "terraform plan"
	isState = "terraform state"
)

// sniffed is how much of a file Sniff looks at, in bytes.
const sniffed = 1 << 18

// Sniff says what JSON this is: "terraform plan", "terraform state", or "" for
// anything else. It reads the names of the first members, and no more than a
// quarter of a megabyte.
func Sniff(fsys fs.FS, name string) string {
	file, err := fsys.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	head = head[:n]
	if text := bytes.TrimLeft(head, " \t\r\n"); err != nil && n == 0 || len(text) == 0 || text[0] != '{' {
		return ""
	}
	var s sniffer
	dec := jsontext.NewDecoder(io.MultiReader(bytes.NewReader(head), io.LimitReader(file, sniffed)), jsontext.AllowDuplicateNames(true))
	return s.members(dec)
}

// sniffer is what was seen so far.
type sniffer struct {
	format  bool // format_version, a string
	version bool // version, a number
	lineage bool
	serial  bool
	other   bool // a member that neither a plan nor a state has
}

func (s *sniffer) members(dec *jsontext.Decoder) string {
	if _, err := dec.ReadToken(); err != nil {
		return ""
	}
	for dec.PeekKind() == '"' {
		raw, err := dec.ReadValue()
		if err != nil {
			return ""
		}
		name := string(raw) // raw does not outlive the peek
		if as := s.member(name, dec.PeekKind()); as != "" {
			return as
		}
		if err := dec.SkipValue(); err != nil {
			return ""
		}
	}
	if tok, err := dec.ReadToken(); err == nil && tok.Kind() == '}' && s.format && !s.other {
		return isState // terraform show -json of nothing: {"format_version":"1.0"}
	}
	return ""
}

// member takes the next name, still in its quotes, with the kind of its value,
// and answers when that is enough.
func (s *sniffer) member(name string, kind jsontext.Kind) string {
	switch {
	case name == `"format_version"` && kind == '"':
		s.format = true
	case name == `"version"` && kind == '0':
		s.version = true
	case name == `"lineage"` && kind == '"':
		s.lineage = true
	case name == `"serial"` && kind == '0':
		s.serial = true
	case name == `"terraform_version"` && kind == '"', name == `"timestamp"`, name == `"checks"`, name == `"check_results"`,
		name == `"complete"`, name == `"applyable"`, name == `"errored"`, name == `"outputs"`, name == `"variables"` && !s.format:
	case name == `"planned_values"` && kind == '{', name == `"resource_changes"` && kind == '[', name == `"variables"` && kind == '{',
		name == `"prior_state"` && kind == '{', name == `"resource_drift"` && kind == '[', name == `"output_changes"` && kind == '{':
		return isPlan
	case name == `"configuration"` && kind == '{' && s.format:
		return isPlan
	case name == `"values"` && kind == '{' && s.format:
		return isState
	case name == `"configuration"`, name == `"resources"`, name == `"values"`:
		// Sorted by another tool: what tells may follow.
	default:
		s.other = true
	}
	if s.lineage && s.serial || s.version && (s.lineage || s.serial) {
		return isState
	}
	return ""
}
