package plan

import (
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
	r, file, err := open(fsys, name, 0, 1<<12)
	if err != nil {
		return ""
	}
	defer file.Close()
	dec := jsontext.NewDecoder(io.LimitReader(r, sniffed), jsontext.AllowDuplicateNames(true))
	if dec.PeekKind() != '{' {
		return ""
	}
	var s sniffer
	return s.members(dec)
}

// sniffer is what was seen so far.
type sniffer struct {
	format  bool // format_version
	version bool // the version of a terraform.tfstate
	lineage bool
	other   bool // a member that tells nothing; a state without resources has none
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
		kind := dec.PeekKind()
		if as := s.member(name, kind); as != "" {
			return as
		}
		if name == `"configuration"` && kind == '{' {
			return configured(dec) // another tool has sorted the members
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
	case name == `"planned_values"` && kind == '{', name == `"resource_changes"` && kind == '[', name == `"prior_state"` && kind == '{',
		name == `"resource_drift"` && kind == '[', name == `"output_changes"` && kind == '{',
		s.format && name == `"variables"` && kind == '{', s.format && name == `"configuration"` && kind == '{':
		return isPlan
	case s.format && name == `"values"` && kind == '{', s.lineage && name == `"resources"` && kind == '[', s.lineage && name == `"outputs"` && kind == '{':
		return isState
	case name == `"terraform_version"`, name == `"timestamp"`, name == `"checks"`:
	default:
		s.other = true
	}
	if s.version && s.lineage {
		return isState
	}
	return ""
}

// configured looks into a configuration, of which a plan's has one of two
// members.
func configured(dec *jsontext.Decoder) string {
	if _, err := dec.ReadToken(); err != nil {
		return ""
	}
	raw, err := dec.ReadValue()
	if err == nil && (string(raw) == `"provider_config"` || string(raw) == `"root_module"`) {
		return isPlan
	}
	return ""
}
