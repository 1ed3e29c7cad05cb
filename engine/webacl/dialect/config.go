package dialect

import (
	"fathom/engine/webacl"
	"fathom/estate/tree"
)

// configs are the groups that take a configuration; must says that AWS refuses
// them without one.
var configs = []struct {
	member string // and the group's name
	must   bool
	read   func(*reader, *object, *webacl.ManagedConfig)
}{
	{"AWSManagedRulesBotControlRuleSet", false, (*reader).botControl},
	{"AWSManagedRulesATPRuleSet", true, (*reader).atp},
	{"AWSManagedRulesACFPRuleSet", true, (*reader).acfp},
	{"AWSManagedRulesAntiDDoSRuleSet", true, (*reader).antiDDoS},
}

// managedConfigs reads ManagedRuleGroupConfigs. Each of its objects holds one
// part; the oldest form spreads those of ATP over several.
func (r *reader) managedConfigs(o *object, ref *webacl.ManagedRef) {
	list := o.list("ManagedRuleGroupConfigs", "managed_rule_set_configs")
	if r.blocks && len(list) == 0 {
		list = itemsOrSelf(o.get("ManagedRuleGroupConfigs"))
	}
	for _, n := range list {
		c := r.object(n, "a managed rule group config")
		if c == nil {
			continue
		}
		for _, known := range configs {
			m := c.get(known.member)
			if m == nil {
				continue
			}
			if ref.Vendor == "AWS" && ref.Name != known.member {
				r.problem(m.Pos, "leave it out", "the configuration of %s is given to %s", known.member, ref.Name)
			}
			if in := r.object(m, known.member); in != nil {
				known.read(r, in, &ref.Config)
				in.done()
			}
		}
		r.oldATP(c, &ref.Config)
		c.done()
	}
	for _, known := range configs {
		if known.must && ref.Vendor == "AWS" && ref.Name == known.member && len(list) == 0 && len(r.holes) == 0 {
			r.problem(o.n.Pos, "add "+o.spell("ManagedRuleGroupConfigs"), "%s needs its configuration", known.member)
		}
	}
}

func itemsOrSelf(n *tree.Node) []*tree.Node {
	switch n.Is() {
	case tree.List:
		return n.Items
	case tree.Map:
		return []*tree.Node{n}
	}
	return nil
}

// oldATP reads the members that came before AWSManagedRulesATPRuleSet.
func (r *reader) oldATP(o *object, c *webacl.ManagedConfig) {
	if n := o.get("LoginPath"); n != nil {
		c.LoginPath, _ = r.text(n, "LoginPath")
	}
	r.payload(o, c, false)
	c.UsernameField = r.identifier(o, "UsernameField", c.UsernameField, false)
	c.PasswordField = r.identifier(o, "PasswordField", c.PasswordField, false)
}

func (r *reader) botControl(o *object, c *webacl.ManagedConfig) {
	if n := o.get("InspectionLevel"); o.must(n, "InspectionLevel") {
		c.Targeted = r.choice(n, "InspectionLevel", "COMMON", "TARGETED") == 1
	}
	if n := o.get("EnableMachineLearning"); n != nil {
		learn, ok := r.flag(n, "EnableMachineLearning")
		c.NoMachineLearning = ok && !learn
	}
}

func (r *reader) atp(o *object, c *webacl.ManagedConfig) {
	c.LoginPath = r.path(o, "LoginPath")
	c.RegexInPath, _ = r.flag(o.get("EnableRegexInPath"), "EnableRegexInPath")
	if n := o.get("RequestInspection"); n != nil {
		if in := r.object(n, "RequestInspection"); in != nil {
			r.payload(in, c, true)
			c.UsernameField = r.identifier(in, "UsernameField", "", true)
			c.PasswordField = r.identifier(in, "PasswordField", "", true)
			in.done()
		}
	}
	c.Response = r.inspection(o)
}

func (r *reader) acfp(o *object, c *webacl.ManagedConfig) {
	c.CreationPath = r.path(o, "CreationPath")
	c.RegistrationPath = r.path(o, "RegistrationPagePath")
	c.RegexInPath, _ = r.flag(o.get("EnableRegexInPath"), "EnableRegexInPath")
	n := o.get("RequestInspection")
	if o.must(n, "RequestInspection") {
		if in := r.object(n, "RequestInspection"); in != nil {
			r.payload(in, c, true)
			c.UsernameField = r.identifier(in, "UsernameField", "", false)
			c.PasswordField = r.identifier(in, "PasswordField", "", false)
			c.EmailField = r.identifier(in, "EmailField", "", false)
			c.PhoneFields = r.identifiers(in, "PhoneNumberFields")
			c.AddressFields = r.identifiers(in, "AddressFields")
			in.done()
		}
	}
	c.Response = r.inspection(o)
}

func (r *reader) path(o *object, name string) string {
	n := o.get(name)
	if !o.must(n, name) {
		return ""
	}
	s, _ := r.text(n, name)
	return s
}

func (r *reader) payload(o *object, c *webacl.ManagedConfig, required bool) {
	n := o.get("PayloadType")
	if n != nil || required && o.must(n, "PayloadType") {
		c.JSON = r.choice(n, "PayloadType", "JSON", "FORM_ENCODED") == 0
	}
}

// identifier reads the one name of a field; before is what it was.
func (r *reader) identifier(o *object, name, before string, required bool) string {
	n := o.get(name)
	if n == nil {
		if required {
			o.must(nil, name)
		}
		return before
	}
	in := r.object(n, name)
	if in == nil {
		return before
	}
	defer in.done()
	return r.path(in, "Identifier")
}

// identifiers reads the names of several fields: the API lists objects, Terraform
// has one block with a list of names.
func (r *reader) identifiers(o *object, name string) []string {
	n := o.get(name)
	if n == nil || r.unknown(n) {
		return nil
	}
	if r.blocks {
		in := r.object(n, name)
		if in == nil {
			return nil
		}
		defer in.done()
		return r.texts(in.get("Identifiers"), name)
	}
	if n.Kind != tree.List {
		r.problem(n.Pos, "write a list", "%s is %s, not a list", name, kindName(n))
		return nil
	}
	var out []string
	for _, it := range n.Items {
		if in := r.object(it, "one of "+name); in != nil {
			out = append(out, r.path(in, "Identifier"))
			in.done()
		}
	}
	return out
}

// inspection reads ResponseInspection, of whose four ways one is written.
func (r *reader) inspection(o *object) *webacl.ResponseInspection {
	n := o.get("ResponseInspection")
	if n == nil {
		return nil
	}
	in := r.object(n, "ResponseInspection")
	if in == nil {
		return nil
	}
	defer in.done()
	name, inner := in.one("StatusCode", "Header", "BodyContains", "Json")
	if inner == nil {
		return nil
	}
	way := r.object(inner, name)
	if way == nil {
		return nil
	}
	defer way.done()
	var out webacl.ResponseInspection
	switch name {
	case "StatusCode":
		out.SuccessCodes, out.FailureCodes = r.statusCodes(way, "SuccessCodes"), r.statusCodes(way, "FailureCodes")
	case "Header":
		out.Header = r.path(way, "Name")
		out.SuccessValues, out.FailureValues = r.needed(way, "SuccessValues"), r.needed(way, "FailureValues")
	case "BodyContains":
		out.SuccessStrings, out.FailureStrings = r.needed(way, "SuccessStrings"), r.needed(way, "FailureStrings")
	case "Json":
		out.Identifier = r.path(way, "Identifier")
		out.SuccessValues, out.FailureValues = r.needed(way, "SuccessValues"), r.needed(way, "FailureValues")
	}
	return &out
}

func (r *reader) needed(o *object, name string) []string {
	n := o.get(name)
	if !o.must(n, name) {
		return nil
	}
	return r.texts(n, name)
}

func (r *reader) statusCodes(o *object, name string) []int {
	n := o.get(name)
	if !o.must(n, name) || r.unknown(n) {
		return nil
	}
	if n.Kind != tree.List {
		r.problem(n.Pos, "write a list", "%s is %s, not a list", name, kindName(n))
		return nil
	}
	var out []int
	for _, it := range n.Items {
		v, _ := r.number(it, "one of "+name, 0, 999)
		out = append(out, int(v))
	}
	return out
}
