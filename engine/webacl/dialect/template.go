package dialect

import (
	"strings"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/estate/tree"
)

// template reads the web ACLs, groups and sets of a CloudFormation template.
func (d *decoder) template(root *tree.Node) {
	t := newTemplate(root, d.options.Params)
	r := newReader(CloudFormation, d.options.SearchString)
	r.known = &known{
		ipSets: map[string]*webacl.IPSet{}, regexSets: map[string]*webacl.RegexSet{}, groups: map[string]*webacl.Group{}, why: map[string]string{},
	}
	before := len(t.problems)
	// Sets first, then the groups that name them, then the web ACLs.
	for _, typ := range []string{"IPSet", "RegexPatternSet", "RuleGroup", "WebACL"} {
		t.each("AWS::WAFv2::"+typ, func(id string, props *tree.Node) {
			d.resource(r, typ, id, props)
		})
	}
	d.protected(t)
	d.generated(t)
	if len(d.doc.ACLs)+len(d.doc.Groups)+len(d.doc.IPSets)+len(d.doc.RegexSets) == 0 && len(t.problems) == before {
		r.problem(root.Pos, "give a template that has AWS::WAFv2::WebACL", "the template holds no web ACL, rule group, IP set or regex pattern set")
	}
	d.problems = append(append(d.problems, r.problems...), t.problems...)
}

// generated refuses what makes resources that the template does not show.
func (d *decoder) generated(t *template) {
	if t.resources.Is() != tree.Map {
		return
	}
	for _, f := range t.resources.Fields {
		if strings.HasPrefix(f.Name, "Fn::") {
			t.problems.Addf(f.Node.Pos, "give the template that comes of it (aws cloudformation get-template --template-stage Processed)",
				"%s makes resources that the template does not show", f.Name)
		}
	}
}

// resource reads one resource. One without a name goes by its logical id; its ARN
// is not known before it is made.
func (d *decoder) resource(r *reader, typ, id string, props *tree.Node) {
	key := reference("", id)
	named := func(name string) string {
		if name == "" {
			return id
		}
		return name
	}
	switch typ {
	case "IPSet":
		if why := firstHole(props.Get("Addresses")); why != "" {
			r.known.why[key] = "the addresses of IP set " + id + " are unknown: " + why
			return
		}
		s := r.ipSet(props)
		s.Name, s.ARN = named(s.Name), "${"+id+".Arn}"
		r.known.ipSets[key] = s
		d.doc.IPSets = append(d.doc.IPSets, s)
	case "RegexPatternSet":
		if why := firstHole(props.Get("RegularExpressionList")); why != "" {
			r.known.why[key] = "the patterns of regex pattern set " + id + " are unknown: " + why
			return
		}
		s := r.regexSet(props)
		s.Name, s.ARN = named(s.Name), "${"+id+".Arn}"
		r.known.regexSets[key] = s
		d.doc.RegexSets = append(d.doc.RegexSets, s)
	case "RuleGroup":
		g := r.ruleGroup(props)
		if g.Name == "" {
			g.Name, g.LabelPrefix = id, "awswaf::rulegroup:"+id+":"
		}
		g.ARN = "${" + id + ".Arn}"
		g.ID = g.ARN
		r.known.groups[key] = g
		d.doc.Groups = append(d.doc.Groups, g)
	case "WebACL":
		if acl := r.webACL(props); acl != nil {
			acl.Name, acl.ARN = named(acl.Name), "${"+id+".Arn}"
			d.doc.ACLs = append(d.doc.ACLs, acl)
		}
	}
}

// firstHole is why something in a value is unknown, or "".
func firstHole(n *tree.Node) string {
	if refs := n.AllRefs(); len(refs) > 0 {
		return refs[0].String() + " is known only after the stack is made"
	}
	return n.Hole()
}

// protectedTypes are the resources that a web ACL can be associated with.
var protectedTypes = map[string]webacl.Resource{
	"AWS::CloudFront::Distribution":             webacl.Distribution,
	"AWS::ElasticLoadBalancingV2::LoadBalancer": webacl.LoadBalancer,
	"AWS::ApiGateway::Stage":                    webacl.APIGateway,
	"AWS::ApiGateway::RestApi":                  webacl.APIGateway,
	"AWS::AppSync::GraphQLApi":                  webacl.AppSync,
	"AWS::Cognito::UserPool":                    webacl.Cognito,
	"AWS::AppRunner::Service":                   webacl.AppRunner,
	"AWS::EC2::VerifiedAccessInstance":          webacl.VerifiedAccess,
	"AWS::Amplify::App":                         webacl.Amplify,
}

// protected notes what each web ACL is put in front of.
func (d *decoder) protected(t *template) {
	front := map[string][]webacl.Resource{}
	add := func(acl, resource *tree.Node, kind webacl.Resource) {
		if resource != nil && len(resource.Refs) == 1 {
			kind = protectedTypes[t.typeOf(resource.Refs[0].Addr)]
		}
		if acl != nil && len(acl.Refs) == 1 && kind != webacl.AnyResource {
			arn := "${" + acl.Refs[0].Addr + ".Arn}"
			front[arn] = append(front[arn], kind)
		}
	}
	t.each("AWS::WAFv2::WebACLAssociation", func(_ string, props *tree.Node) {
		resource := props.Get("ResourceArn")
		kind := webacl.AnyResource
		if resource != nil {
			kind = resourceOfARN(resource.Text)
		}
		add(props.Get("WebACLArn"), resource, kind)
	})
	t.each("AWS::CloudFront::Distribution", func(_ string, props *tree.Node) {
		add(props.At("DistributionConfig", "WebACLId"), nil, webacl.Distribution)
	})
	for _, acl := range d.doc.ACLs {
		acl.Resource = common(front[acl.ARN])
	}
}

// common is the kind of resource that all of several are, or AnyResource.
func common(kinds []webacl.Resource) webacl.Resource {
	if len(kinds) == 0 {
		return webacl.AnyResource
	}
	for _, k := range kinds {
		if k != kinds[0] {
			return webacl.AnyResource
		}
	}
	return kinds[0]
}

// resourceOfARN says what an ARN names, as far as its text shows.
func resourceOfARN(arn string) webacl.Resource {
	for mark, kind := range map[string]webacl.Resource{
		":elasticloadbalancing:": webacl.LoadBalancer, ":apigateway:": webacl.APIGateway, ":appsync:": webacl.AppSync,
		":cognito-idp:": webacl.Cognito, ":apprunner:": webacl.AppRunner, ":cloudfront:": webacl.Distribution, ":amplify:": webacl.Amplify,
		":verified-access-instance/": webacl.VerifiedAccess,
	} {
		if strings.Contains(arn, mark) {
			return kind
		}
	}
	return webacl.AnyResource
}

// template evaluates the intrinsic functions of a template.
type template struct {
	root      *tree.Node
	params    map[string]string
	resources *tree.Node
	problems  diag.Problems
	// depth bounds functions that go on through conditions and parameters; spent
	// how many values were made.
	depth, spent int
}

func newTemplate(root *tree.Node, params map[string]string) *template {
	return &template{root: root, params: params, resources: root.Get("Resources")}
}

// each calls f for the resources of a type that are made, in the order written,
// with their properties evaluated.
func (t *template) each(typ string, f func(id string, props *tree.Node)) {
	if t.resources.Is() != tree.Map {
		return
	}
	for _, res := range t.resources.Fields {
		if t.typeOf(res.Name) != typ {
			continue
		}
		if c := res.Node.Get("Condition"); c.Is() == tree.String {
			if made, why := t.named(c.Text); why == "" && !made {
				continue
			}
		}
		props := res.Node.Get("Properties")
		if props == nil {
			props = &tree.Node{Kind: tree.Map}
		}
		value := t.value(props)
		at := *value
		at.Pos = res.Node.Pos
		f(res.Name, &at)
	}
}

// typeOf is the type of a resource, or "".
func (t *template) typeOf(id string) string {
	n := t.resources.Get(id).Get("Type")
	if n.Is() != tree.String {
		return ""
	}
	return n.Text
}
