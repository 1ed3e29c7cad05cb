package webacl

import (
	"slices"
	"strconv"
	"strings"

	"fathom/diag"
)

func quoted(s string) string { return strconv.Quote(s) }

func (c *compiler) checkACL() {
	c.at = c.acl.At
	c.name = DefaultAction
	switch c.acl.Default.Kind {
	case Allow, Block:
		c.checkAction(c.acl.Default, c.acl.Bodies)
	default:
		c.problems.Addf(c.acl.At, "let it allow or block", "web ACL %q has no default action that allows or blocks", c.acl.Name)
	}
	for _, key := range sortedKeys(c.acl.Bodies) {
		b := c.acl.Bodies[key]
		if contentTypes[b.ContentType] == "" {
			c.problems.Addf(c.acl.At, "use TEXT_PLAIN, TEXT_HTML or APPLICATION_JSON", "custom response body %q has the content type %q", key, b.ContentType)
		}
	}
	for _, rules := range [][]Rule{c.acl.Pre, c.acl.Post} {
		for _, r := range rules {
			switch r.Statement.(type) {
			case GroupRef, ManagedRef:
			default:
				c.problems.Addf(r.At, "", "rule %q: Firewall Manager's rules are references to rule groups only", r.Name)
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// unique refuses two rules of one name or priority.
func (c *compiler) unique(rules []Rule, kind, name string, at diag.Pos) {
	byName, byPriority := map[string]bool{}, map[int]string{}
	for _, r := range rules {
		pos := r.At
		if pos.IsZero() {
			pos = at
		}
		if r.Name == "" {
			c.problems.Addf(pos, "name it", "%s %q has a rule without a name", kind, name)
		}
		if byName[r.Name] {
			c.problems.Addf(pos, "rename one", "%s %q has two rules named %q", kind, name, r.Name)
		}
		byName[r.Name] = true
		if other, taken := byPriority[r.Priority]; taken {
			c.problems.Addf(pos, "give each its own priority", "%s %q: rules %q and %q both have priority %d", kind, name, other, r.Name, r.Priority)
		}
		byPriority[r.Priority] = r.Name
	}
}

func (c *compiler) checkGroupRule(r *Rule) {
	if r.Action.Kind != Unset {
		c.failf("give it an override action: none or count", "a reference to a rule group has no action of its own")
	}
	if r.Override == NoOverride {
		c.failf("give it one: none or count", "a reference to a rule group needs an override action")
	}
	if len(r.Labels) > 0 {
		c.failf("remove them", "a reference to a rule group cannot add labels")
	}
}

// responseCodes are those that AWS lets a custom response have (AWS WAF
// Developer Guide, "Supported HTTP status codes").
var responseCodes = []int{
	200, 201, 202, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 411, 412, 413, 414,
	415, 416, 421, 429, 500, 501, 502, 503, 504, 505,
}

func (c *compiler) checkAction(a Action, bodies map[string]Body) {
	switch {
	case a.Kind == Unset || a.Kind > Challenge:
		c.failf("give it one: allow, block, count, captcha or challenge", "it has no action")
	case a.Kind == Block && len(a.Insert) > 0:
		c.failf("", "a blocked request reaches nothing, and cannot be given headers")
	case a.Kind != Block && a.Response != nil:
		c.failf("", "only block has a custom response")
	}
	if r := a.Response; r != nil {
		if !slices.Contains(responseCodes, r.Code) {
			c.failf("use one of "+codeList(), "AWS WAF cannot answer with status %d", r.Code)
		}
		if _, ok := bodies[r.Body]; r.Body != "" && !ok {
			c.failf("define it among the custom response bodies", "the custom response body %q is not defined", r.Body)
		}
		for _, h := range r.Headers {
			if strings.EqualFold(h.Name, "content-type") {
				c.failf("the body's content type says it", "a custom response cannot set content-type")
			}
		}
	}
}

func codeList() string {
	var b []string
	for _, code := range responseCodes {
		b = append(b, strconv.Itoa(code))
	}
	return strings.Join(b, ", ")
}

// reserved are the words that no part of a label may be (AWS WAF Developer
// Guide, "Label syntax and naming requirements").
var reserved = []string{"awswaf", "aws", "waf", "rulegroup", "webacl", "regexpatternset", "ipset", "managed"}

func (c *compiler) checkLabel(l string) {
	parts := strings.Split(l, ":")
	if len(parts) > 6 {
		c.failf("use at most five namespaces", "label %q has %d", l, len(parts)-1)
	}
	for _, p := range parts {
		switch {
		case p == "" || len(p) > 128 || strings.Trim(p, labelCharacters) != "":
			c.failf("parts are 1 to 128 letters, digits, underscores and hyphens", "label %q has the part %q", l, p)
		case slices.Contains(reserved, p):
			c.failf("choose another word", "label %q uses the reserved word %q", l, p)
		}
	}
}

const labelCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
