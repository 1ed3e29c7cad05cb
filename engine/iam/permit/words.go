package permit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/iam"
)

// summary says in a sentence what a statement of new grants, with the witness.
func (q *question) summary(o outcome) string {
	if q.kind == iam.RCP && q.old != nil {
		return "new does not deny all that old denies, for example " + show(o.witness)
	}
	s := &q.changed.Statements[o.by]
	var b strings.Builder
	fmt.Fprintf(&b, "new statement %d", o.by)
	if q.old == nil {
		b.Reset()
		fmt.Fprintf(&b, "statement %d", o.by)
	}
	if s.Sid != "" {
		fmt.Fprintf(&b, " (%q)", short(s.Sid))
	}
	fmt.Fprintf(&b, " lets %s do %s", q.whom(s), actionWords(s))
	if on := resourceWords(s); on != "" {
		b.WriteString(" on " + on)
	}
	for i := range s.Conditions {
		b.WriteString([...]string{" when ", " and "}[min(i, 1)] + conditionWords(&s.Conditions[i]))
	}
	if q.old != nil {
		b.WriteString("; old does not")
	}
	b.WriteString(", for example " + show(o.witness))
	return b.String()
}

// few joins some of a list: "a, b and 3 more".
func few(list []string, last string) string {
	const most = 3
	list = slices.Clone(list)
	for i := range list {
		list[i] = short(list[i])
	}
	switch n := len(list); {
	case n == 0:
		return "nothing"
	case n == 1:
		return list[0]
	case n <= most:
		return strings.Join(list[:n-1], ", ") + " " + last + " " + list[n-1]
	default:
		return fmt.Sprintf("%s %s %d more", strings.Join(list[:most], ", "), last, n-most)
	}
}

// short leaves the middle of a long text out.
func short(s string) string {
	const most = 160
	r := []rune(diag.Plain(s))
	if len(r) <= most {
		return string(r)
	}
	return string(r[:most/2]) + " … " + string(r[len(r)-most/2:])
}

// whom says who a statement is about.
func (q *question) whom(s *iam.Statement) string {
	words := func(list []iam.PrincipalPattern) []string {
		var out []string
		for _, pp := range list {
			p := readPrincipal(pp)
			switch p.form {
			case anyone:
				out = append(out, "anyone")
			case anyOfType:
				out = append(out, map[string]string{"Service": "any AWS service", "Federated": "anyone with a token of any identity provider"}[p.typ])
			case ofAccount:
				out = append(out, "any principal of account "+p.account)
			default:
				out = append(out, p.value)
			}
		}
		return out
	}
	switch {
	case s.NotPrincipals != nil:
		return "anyone but " + few(words(s.NotPrincipals), "and")
	case s.Principals != nil:
		return few(words(s.Principals), "or")
	case q.kind == iam.SCP:
		return "the principals below it"
	}
	return "its holder"
}

func actionWords(s *iam.Statement) string {
	words := func(list []iam.Action) []string {
		var out []string
		for _, a := range list {
			if a.Text == "*" {
				return []string{"anything"}
			}
			out = append(out, a.Text)
		}
		return out
	}
	if s.NotActions != nil {
		return "anything but " + few(words(s.NotActions), "and")
	}
	return few(words(s.Actions), "or")
}

func resourceWords(s *iam.Statement) string {
	words := func(list []iam.ARN) []string {
		var out []string
		for _, a := range list {
			if a.Text == "*" {
				return []string{"any resource"}
			}
			out = append(out, a.Text)
		}
		return out
	}
	switch {
	case s.NotResources != nil:
		return "any resource but " + few(words(s.NotResources), "and")
	case s.Resources != nil:
		return few(words(s.Resources), "or")
	}
	return ""
}

// verbs say what the tests are, and what they are negated.
var verbs = map[iam.Test][2]string{
	iam.StringEquals: {"is", "is not"}, iam.StringEqualsIgnoreCase: {"is, in any case,", "is not, in any case,"},
	iam.StringLike: {"is like", "is not like"}, iam.ARNLike: {"is like", "is not like"},
	iam.NumericEquals: {"is", "is not"}, iam.NumericLess: {"is less than"}, iam.NumericLessEquals: {"is at most"},
	iam.NumericGreater: {"is more than"}, iam.NumericGreaterEquals: {"is at least"},
	iam.DateEquals: {"is", "is not"}, iam.DateLess: {"is before"}, iam.DateLessEquals: {"is at the latest"},
	iam.DateGreater: {"is after"}, iam.DateGreaterEquals: {"is at the earliest"},
	iam.Bool: {"is"}, iam.BinaryEquals: {"is"}, iam.IPAddress: {"is in", "is not in"},
}

// conditionWords says what a condition wants.
func conditionWords(c *iam.Condition) string {
	op := &c.Operator
	if op.Test == iam.Null {
		if len(c.Values) == 1 && strings.EqualFold(c.Values[0], "true") {
			return keyWords(c.Key) + " is absent"
		}
		return keyWords(c.Key) + " is present"
	}
	key, verb := keyWords(c.Key), verbs[op.Test][0]
	if op.Negated {
		verb = verbs[op.Test][1]
	}
	switch op.Set {
	case iam.ForAllValues:
		key = "every value of " + key
	case iam.ForAnyValue:
		key = "some value of " + key
	}
	out := key + " " + verb + " " + few(c.Values, "or")
	switch {
	case op.Set == iam.ForAllValues:
		out += " or there is none"
	case op.IfExists || op.Negated && op.Set == iam.NoSet:
		out += " or absent"
	}
	return out
}

// show writes a request in a phrase.
func show(r *iam.Request) string {
	who := r.Principal.String()
	if r.Principal.Kind == iam.Federated {
		who = "a caller with a token of " + r.Principal.Name
	}
	out := short(who) + " doing " + short(r.Action)
	if r.Resource == "*" {
		out += " on no resource in particular"
	} else {
		out += " on " + short(r.Resource)
	}
	for i, k := range slices.Sorted(maps.Keys(r.Context)) {
		out += [...]string{" with ", " and "}[min(i, 1)] + keyWords(k)
		switch v := r.Context[k]; {
		case v.Multi:
			out += " [" + short(strings.Join(v.Values, " ")) + "]"
		default:
			out += " " + short(v.Values[0])
		}
	}
	return out
}

// written are condition keys as AWS writes them, for which package iam keeps
// lower case.
var written = func() map[string]string {
	out := map[string]string{}
	for _, k := range strings.Fields(`
		aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:CurrentTime aws:EpochTime aws:FederatedProvider aws:MultiFactorAuthAge
		aws:MultiFactorAuthPresent aws:PrincipalAccount aws:PrincipalArn aws:PrincipalIsAWSService aws:PrincipalOrgID aws:PrincipalOrgPaths
		aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalType aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID
		aws:ResourceOrgPaths aws:SecureTransport aws:SourceAccount aws:SourceArn aws:SourceIdentity aws:SourceIp aws:SourceOrgID aws:SourceVpc
		aws:SourceVpce aws:TagKeys aws:TokenIssueTime aws:UserAgent aws:ViaAWSService aws:VpcSourceIp
		aws:PrincipalTag/ aws:RequestTag/ aws:ResourceTag/ ec2:ResourceTag/ iam:PassedToService iam:PermissionsBoundary iam:AWSServiceName
		kms:CallerAccount kms:ViaService kms:GrantIsForAWSResource s3:DataAccessPointAccount sts:ExternalId sts:RoleSessionName sts:SourceIdentity`) {
		out[strings.ToLower(k)] = k
	}
	return out
}()

// keyWords writes a key as AWS does.
func keyWords(key string) string {
	if w, ok := written[key]; ok {
		return w
	}
	if i := strings.IndexByte(key, '/'); i >= 0 {
		if w, ok := written[key[:i+1]]; ok {
			return w + short(key[i+1:])
		}
	}
	return short(key)
}
