package webacl

import (
	"fmt"
	"strings"

	"fathom/engine/webacl/jsonbody"
	"fathom/engine/webacl/transform"
)

// slot is a part of the request with its transformations. Statements that
// inspect the same one share its values.
type slot struct {
	field Field
	kinds []transform.Kind
	part  Part // what has to be known
	paths *jsonbody.Paths
}

// mostTransforms is how many transformations a statement has (AWS WAF quotas).
const mostTransforms = 10

// slot finds or makes the slot of a field and its transformations.
func (c *compiler) slot(f Field, kinds []transform.Kind) int {
	c.checkField(f)
	if len(kinds) > mostTransforms {
		c.failf("AWS WAF takes ten", "it has %d text transformations", len(kinds))
	}
	var run []transform.Kind
	for _, k := range kinds {
		if k != transform.None {
			run = append(run, k)
		}
	}
	if f.Kind == SingleHeader || f.Kind == SingleQueryArgument {
		f.Name = strings.ToLower(f.Name)
	}
	key := fmt.Sprintf("%#v %v", f, run)
	if at, ok := c.slots[key]; ok {
		return at
	}
	if c.slots == nil {
		c.slots = map[string]int{}
	}
	at := len(c.program.slots)
	c.slots[key] = at
	made := slot{field: f, kinds: run, part: partOf[f.Kind]}
	if f.Kind == JSONBody && f.Pattern.Kind == Included {
		var err error
		if made.paths, err = jsonbody.NewPaths(f.Pattern.Names); err != nil {
			c.failf("", "%s", err)
		}
	}
	c.program.slots = append(c.program.slots, made)
	return at
}

var partOf = [...]Part{
	URIPath: PartPath, QueryString: PartQuery, Method: PartMethod, BodyText: PartBody, JSONBody: PartBody,
	SingleHeader: PartHeaders, Headers: PartHeaders, Cookies: PartHeaders,
	SingleQueryArgument: PartQuery, AllQueryArguments: PartQuery, HeaderOrder: PartHeaders | PartOrder,
	JA3Fingerprint: PartJA3, JA4Fingerprint: PartJA4, URIFragment: PartFragment,
}

func (c *compiler) checkField(f Field) {
	switch f.Kind {
	case NoField:
		c.failf("say what to inspect", "the statement inspects no field")
	case SingleHeader, SingleQueryArgument:
		if f.Name == "" {
			c.failf("name it", "the header or query argument to inspect has no name")
		}
		if f.Kind == SingleQueryArgument && len(f.Name) > 30 {
			c.failf("AWS WAF takes 30 characters", "the query argument %q has %d", f.Name, len(f.Name))
		}
	case JSONBody, Headers, Cookies:
		if f.Pattern.Kind == NoPattern {
			c.failf("match all of it, or name parts", "the headers, cookies or JSON body have no match pattern")
		}
		if f.Kind == JSONBody && f.Pattern.Kind == Excluded {
			c.failf("include the paths to inspect", "a JSON body has no excluded parts")
		}
		if f.Pattern.Kind > All && len(f.Pattern.Names) == 0 {
			c.failf("list them", "the match pattern names nothing")
		}
		if f.Scope == NoScope {
			c.failf("use ALL, KEY or VALUE", "the headers, cookies or JSON body have no match scope")
		}
	case JA3Fingerprint, JA4Fingerprint:
		switch c.acl.Resource {
		case AnyResource, Distribution, LoadBalancer:
		default:
			c.failf("", "TLS fingerprints are there for CloudFront and Application Load Balancers only")
		}
	}
}
