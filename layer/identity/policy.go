package identity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fathom/estate"
)

// label is how a summary names a resource: role "orders" (aws_iam_role.orders).
func label(kind string, name estate.Str, b *estate.Base) string {
	if s, ok := name.Known(); ok {
		return fmt.Sprintf("%s %q (%s)", kind, s, b.ID.Addr)
	}
	return kind + " " + b.ID.Addr
}

func roleLabel(r *estate.Role) string { return label("role", r.RoleName, &r.Base) }

// list shows at most n of the names, sorted and each once.
func list(names []string, n int) string {
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > n {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
	}
	return strings.Join(names, ", ")
}

// managedName is the name of an AWS-managed policy: AdministratorAccess.
func managedName(arn string) (string, bool) {
	_, name, ok := strings.Cut(arn, ":iam::aws:policy/")
	return name[strings.LastIndexByte(name, '/')+1:], ok
}

// everything says whether a resource element names every resource, or every
// one of its service's main kind: *, arn:aws:s3:::*, arn:aws:iam::1:role/*.
func everything(resource string) bool {
	if strings.Trim(resource, "*") == "" {
		return true
	}
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || strings.Contains(parts[5], "${") {
		return false
	}
	service, rest := parts[2], parts[5]
	if service == "s3" { // bucket/* is one bucket
		return rest == "*" || rest == "*/*"
	}
	kind, name, found := strings.Cut(rest, "/")
	if !found || strings.Contains(kind, ":") {
		if kind, name, found = strings.Cut(rest, ":"); !found {
			return rest == "*"
		}
	}
	return strings.Trim(name, "*:/") == "" && !strings.Contains(kind, "*")
}

// onEverything says whether a statement is about every resource.
func onEverything(s *estate.Statement) bool {
	return slices.ContainsFunc(s.Resources, everything) || len(s.Resources) == 0 && len(s.NotResources) > 0
}

// narrowing are the condition keys that bind a statement to some resources as
// well as a Resource element would.
var narrowing = []string{"resourcetag/", "requesttag/", ":viaservice", "encryptioncontext", "resourceaccount", "resourceorgid", ":sourcearn", "calledvia", "passedtoservice", "permissionsboundary", "iam:policyarn", "aws:tagkeys"}

func narrowed(s *estate.Statement) bool {
	for _, c := range s.Conditions {
		if strings.HasPrefix(strings.ToLower(c.Operator), "null") {
			continue
		}
		for _, k := range narrowing {
			if strings.Contains(c.Key, k) {
				return true
			}
		}
	}
	return false
}

// grants says whether an action element covers an action, both as
// service:Name; * stands for any run of letters.
func grants(element, action string) bool {
	return wild(strings.ToLower(element), strings.ToLower(action))
}

// wild matches * and ? as IAM does. It backtracks only to the last *, so it is
// linear but for that.
func wild(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p, i = p+1, i+1
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// allowsOnEverything returns those actions that a document allows on every
// resource without a condition that narrows it.
func allowsOnEverything(p *estate.Policy, actions []string) []string {
	var out []string
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != "Allow" || !onEverything(s) || narrowed(s) {
			continue
		}
		for _, a := range actions {
			if slices.ContainsFunc(s.Actions, func(e string) bool { return grants(e, a) }) {
				out = append(out, a)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func itoa(n int) string { return strconv.Itoa(n) }
