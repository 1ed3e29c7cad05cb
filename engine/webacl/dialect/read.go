package dialect

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/estate/tree"
)

// Dialect is a notation of web ACLs.
type Dialect uint8

// The dialects that one file can hold. Auto finds out by the content.
const (
	Auto           Dialect = iota
	Answer                 // what aws wafv2 get-web-acl and its kin answer
	Console                // the console's JSON editor: a web ACL, rules, or one rule
	CloudFormation         // a template, JSON or YAML
	RuleJSON               // Terraform's rule_json: a list of rules
	Snake                  // an export with names in snake_case
	CDK                    // properties of the CDK's constructs, in camelCase
)

var dialectNames = [...]string{"auto", "api", "console", "cloudformation", "rule-json", "snake", "cdk"}

// String is the dialect's name on the command line.
func (d Dialect) String() string {
	if int(d) >= len(dialectNames) {
		return "unknown"
	}
	return dialectNames[d]
}

// ParseDialect finds a dialect by the name that String gives it.
func ParseDialect(name string) (Dialect, bool) {
	i := slices.Index(dialectNames[:], name)
	return Dialect(max(i, 0)), i >= 0
}

// SearchString says how the SearchString of a ByteMatchStatement is written. The
// API takes and answers base64, people write text, and nothing in a file tells
// the two apart.
type SearchString uint8

// The ways. BlobAuto decodes in dialect Answer what is base64 of printable text, and
// takes everything else as it is written.
const (
	BlobAuto SearchString = iota
	BlobLiteral
	BlobBase64
)

var searchNames = [...]string{"auto", "literal", "base64"}

// String is the way's name on the command line.
func (s SearchString) String() string { return searchNames[min(int(s), len(searchNames)-1)] }

// ParseSearchString finds a way by the name that String gives it.
func ParseSearchString(name string) (SearchString, bool) {
	i := slices.Index(searchNames[:], name)
	return SearchString(max(i, 0)), i >= 0
}

// Options are what a file does not say. The zero Options find out what they can.
type Options struct {
	Dialect      Dialect
	SearchString SearchString
	// Default is the default action of rules that stand without a web ACL. Unset
	// is BLOCK, and a note says so.
	Default webacl.ActionKind
	// Params are parameters of a CloudFormation template, and pseudo parameters
	// (AWS::Region, AWS::AccountId), by name.
	Params map[string]string
}

// Document is what a file holds. The order is that of the file.
type Document struct {
	Dialect   Dialect
	ACLs      []*webacl.ACL
	Groups    []*webacl.Group
	IPSets    []*webacl.IPSet
	RegexSets []*webacl.RegexSet
	// Notes say what was assumed, each a sentence with its position.
	Notes diag.Problems
}

// most is how many bytes a file may have: an IP set of 10,000 ranges has 300 KiB.
const most = 16 << 20

// Read reads one file. With any problem the document is zero: rules that stand
// beside one that cannot be read would decide without it.
func Read(name string, content []byte, o Options) (Document, diag.Problems) {
	var problems diag.Problems
	start := diag.At(name, 1, 1)
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	switch {
	case len(content) > most:
		problems.Addf(start, "keep it below 16 MiB", "the file has %d bytes", len(content))
		return Document{}, problems
	case !utf8.Valid(content):
		problems.Addf(start, "save it as UTF-8", "the file is not in UTF-8")
		return Document{}, problems
	}
	root := parse(name, content, &problems)
	if len(problems) > 0 {
		return Document{}, problems.Sorted()
	}
	d := &decoder{file: name, options: o}
	d.document(root)
	if len(d.problems) > 0 {
		return Document{}, d.problems.Sorted()
	}
	return d.doc, nil
}

// parse makes a tree of a text, which is JSON or YAML whatever its name.
func parse(name string, content []byte, problems *diag.Problems) *tree.Node {
	trimmed := bytes.TrimLeft(content, " \t\r\n")
	if len(trimmed) == 0 {
		problems.Addf(diag.At(name, 1, 1), "write a web ACL, a rule group or a set", "the file is empty")
		return nil
	}
	if trimmed[0] != '{' && trimmed[0] != '[' {
		return parseYAML(name, content, problems)
	}
	var found diag.Problems
	root := parseJSON(name, content, &found)
	if ext := path.Ext(name); len(found) > 0 && (ext == ".yaml" || ext == ".yml") {
		return parseYAML(name, content, problems)
	}
	*problems = append(*problems, found...)
	return root
}

// decoder makes a Document of a tree.
type decoder struct {
	file     string
	options  Options
	doc      Document
	problems diag.Problems
}

func (d *decoder) document(root *tree.Node) {
	o := d.options.Dialect
	if o == CloudFormation || o == Auto && isTemplate(root) {
		d.doc.Dialect = CloudFormation
		d.template(root)
		return
	}
	kind, inner, wrapped := d.kindOf(root)
	d.doc.Dialect = o
	if o == Auto {
		d.doc.Dialect = styleOf(inner)
		if d.doc.Dialect == Console && wrapped {
			d.doc.Dialect = Answer
		}
	}
	r := newReader(d.doc.Dialect, d.options.SearchString)
	switch kind {
	case aWebACL:
		if acl := r.webACL(inner); acl != nil {
			d.doc.ACLs = append(d.doc.ACLs, acl)
		}
	case aRuleGroup:
		d.doc.Groups = append(d.doc.Groups, r.ruleGroup(inner))
	case anIPSet:
		d.doc.IPSets = append(d.doc.IPSets, r.ipSet(inner))
	case aRegexSet:
		d.doc.RegexSets = append(d.doc.RegexSets, r.regexSet(inner))
	case rules:
		d.bare(r, inner)
	default:
		what := "the file holds no web ACL, rule group, IP set or regex pattern set"
		fix := "give the answer of aws wafv2 get-web-acl, a list of rules, or a CloudFormation template"
		if root.Get("planned_values") != nil || root.Get("terraform_version") != nil {
			what, fix = "this is a plan or state of Terraform", "read it as a configuration, with the files it was made of"
		}
		r.problem(root.Pos, fix, "%s", what)
	}
	d.problems = append(d.problems, r.problems...)
}

// bare makes a web ACL of rules that stand alone.
func (d *decoder) bare(r *reader, n *tree.Node) {
	name := strings.TrimSuffix(path.Base(d.file), path.Ext(d.file))
	acl := &webacl.ACL{Name: name, Default: webacl.Action{Kind: d.options.Default}, At: n.Pos}
	if acl.Default.Kind == webacl.Unset {
		acl.Default.Kind = webacl.Block
		d.doc.Notes.Addf(n.Pos, "say which it is", "the rules stand without a web ACL, so that BLOCK is taken for the default action")
	}
	if d.options.Default > webacl.Block {
		r.problem(n.Pos, "use ALLOW or BLOCK", "the default action cannot be %s", d.options.Default)
	}
	list := n
	if n.Is() == tree.Map {
		list = nil
		for _, f := range n.Fields {
			if canon(f.Name) == "rules" {
				list = f.Node
			}
		}
		if list == nil { // one rule, as the console's editor shows it
			list = &tree.Node{Kind: tree.List, Items: []*tree.Node{n}, Pos: n.Pos}
		}
	}
	acl.Rules = r.rules(list, inACL{})
	r.left(n.Pos)
	d.doc.ACLs = append(d.doc.ACLs, acl)
}
