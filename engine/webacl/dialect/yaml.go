package dialect

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v3"

	"fathom/diag"
	"fathom/estate/tree"
)

const (
	// mostYAML is how many bytes of YAML are read: CloudFormation takes templates
	// of 1 MB.
	mostYAML = 2 << 20
	// mostValues bounds the values of a document after its aliases are expanded.
	mostValues = 500_000
)

// parseYAML makes a tree of a YAML text. Tags of CloudFormation (!Ref, !Sub)
// become the maps that they are short for.
func parseYAML(file string, text []byte, problems *diag.Problems) *tree.Node {
	start := diag.At(file, 1, 1)
	if len(text) > mostYAML {
		problems.Addf(start, "keep it below 2 MiB, or write it as JSON", "the YAML has %d bytes", len(text))
		return nil
	}
	doc, more, err := decodeYAML(text)
	if err != nil {
		at, why := yamlPlace(file, err)
		problems.Addf(at, "mend the YAML", "the YAML does not parse: %s", why)
		return nil
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		problems.Addf(start, "write a web ACL, a rule group or a set", "the file is empty")
		return nil
	}
	if more {
		problems.Addf(start, "put each into a file of its own", "the file holds more than one YAML document")
		return nil
	}
	y := yamlReader{file: file, problems: problems, open: map[*yaml.Node]bool{}}
	n := y.node(doc.Content[0], 0)
	if len(*problems) > 0 {
		return nil
	}
	return n
}

// decodeYAML parses the first document, and makes an error of a parser's panic.
func decodeYAML(text []byte) (doc yaml.Node, more bool, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("yaml: it cannot be parsed")
		}
	}()
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	if err := d.Decode(&doc); err != nil {
		return doc, false, err
	}
	var second yaml.Node
	return doc, d.Decode(&second) == nil, nil
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)`)

// yamlPlace takes the line out of a parser's error.
func yamlPlace(file string, err error) (diag.Pos, string) {
	first, _, _ := strings.Cut(err.Error(), "\n")
	m := yamlLine.FindStringSubmatch(first)
	line, _ := strconv.Atoi(m[1])
	if m[2] == "EOF" {
		return diag.At(file, 1, 1), "it is empty"
	}
	return diag.At(file, max(line, 1), 0), m[2]
}

type yamlReader struct {
	file     string
	problems *diag.Problems
	values   int
	open     map[*yaml.Node]bool // the anchors that are being expanded
}

func (y *yamlReader) at(n *yaml.Node) diag.Pos { return diag.At(y.file, n.Line, n.Column) }

// refuse records a problem, and only the first that ends the reading.
func (y *yamlReader) refuse(n *yaml.Node, fix, format string, args ...any) *tree.Node {
	if len(*y.problems) < 100 {
		y.problems.Addf(y.at(n), fix, format, args...)
	}
	return &tree.Node{Kind: tree.Null, Pos: y.at(n)}
}

func (y *yamlReader) node(n *yaml.Node, depth int) *tree.Node {
	y.values++
	switch {
	case depth > maxDepth:
		return y.refuse(n, "write it without nesting this deep", "the YAML nests more than %d levels deep", maxDepth)
	case y.values == mostValues:
		return y.refuse(n, "use fewer aliases", "the YAML expands to more than %d values", mostValues)
	case y.values > mostValues:
		return &tree.Node{Kind: tree.Null}
	}
	if n.Kind == yaml.AliasNode {
		if y.open[n.Alias] {
			return y.refuse(n, "write the value out", "alias %q stands inside what it names", n.Value)
		}
		y.open[n.Alias] = true
		defer delete(y.open, n.Alias)
		return y.node(n.Alias, depth+1)
	}
	out := &tree.Node{Pos: y.at(n)}
	switch n.Kind {
	case yaml.SequenceNode:
		out.Kind = tree.List
		for _, it := range n.Content {
			out.Items = append(out.Items, y.node(it, depth+1))
		}
	case yaml.MappingNode:
		out.Kind = tree.Map
		y.mapping(out, n, depth)
	default:
		y.scalar(out, n)
	}
	return y.tagged(out, n)
}

func (y *yamlReader) mapping(out *tree.Node, n *yaml.Node, depth int) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.Kind != yaml.ScalarNode:
			y.refuse(k, "write the key as a text", "a key is no single value")
			continue
		case k.Tag == "!!merge":
			y.refuse(k, "write the members out", "merge keys (<<) are not taken, by CloudFormation neither")
			continue
		case seen[k.Value]:
			y.refuse(k, "remove one of the two", "member %q is given twice", k.Value)
			continue
		}
		seen[k.Value] = true
		out.Fields = append(out.Fields, tree.Field{Name: k.Value, Node: y.node(v, depth+1)})
	}
}

func (y *yamlReader) scalar(out *tree.Node, n *yaml.Node) {
	out.Kind, out.Text = tree.String, n.Value
	switch n.ShortTag() {
	case "!!null":
		out.Kind, out.Text = tree.Null, ""
	case "!!bool":
		out.Kind, out.Text = tree.Bool, strings.ToLower(n.Value)
	case "!!int", "!!float":
		if _, err := strconv.ParseFloat(n.Value, 64); err == nil {
			out.Kind = tree.Number
		}
	case "!!binary":
		y.refuse(n, "use SearchStringBase64", "the tag !!binary is not taken, by CloudFormation neither")
	}
}

// tagged makes {"Fn::Sub": x} of !Sub x.
func (y *yamlReader) tagged(out *tree.Node, n *yaml.Node) *tree.Node {
	name, custom := strings.CutPrefix(n.Tag, "!")
	if !custom || name == "" || strings.HasPrefix(name, "!") {
		return out
	}
	if out.Kind == tree.Null || n.Kind == yaml.ScalarNode {
		out.Kind, out.Text = tree.String, n.Value
	}
	if name != "Ref" && name != "Condition" {
		name = "Fn::" + name
	}
	return &tree.Node{Kind: tree.Map, Pos: out.Pos, Fields: []tree.Field{{Name: name, Node: out}}}
}
