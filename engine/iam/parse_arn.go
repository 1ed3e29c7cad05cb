package iam

import (
	"slices"
	"strings"
)

// resources reads Resource or NotResource.
func (p *parser) resources(m *member) []ARN {
	var out []ARN
	for _, n := range p.strings(m) {
		a, why, fix := p.arn(n)
		if why != "" {
			p.bad(n.at, fix, "the resource %q %s", n.text, why)
			continue
		}
		if p.doc.Version == version2008 && strings.Contains(n.text, "${") {
			p.warn(n.at, `write "Version": "2012-10-17"`, "the resource %q has a policy variable, which Version %s does not know", n.text, version2008)
		}
		if strings.Count(n.text, ":") == 5 && strings.HasSuffix(n.text, ":") {
			p.warn(n.at, "", "the resource %q names nothing after its fifth colon, and matches nothing", n.text)
		}
		out = append(out, a)
	}
	return out
}

// arn compiles an entry of Resource. What AWS would refuse is told in why.
func (p *parser) arn(n node) (a ARN, why, fix string) {
	text := n.text
	a.Text = text
	if text == "*" {
		a.any = true
		return a, "", ""
	}
	// API Gateway takes its stages without the rest of the ARN.
	if rest, ok := strings.CutPrefix(text, "execute-api:/"); ok && p.doc.Kind == Resource {
		text = "arn:*:execute-api:*:*:*/" + rest
	}
	if !strings.HasPrefix(text, "arn:") {
		return a, "is not an ARN", `write an ARN or "*"`
	}
	parts := strings.SplitN(text, ":", 6)
	written := len(parts)
	if written < 6 {
		short := p.doc.Kind == Identity || (p.doc.Kind == Resource || p.doc.Kind == Endpoint) && strings.ContainsAny(text, "*?")
		if !short {
			return a, "is not a whole ARN", "write all six parts"
		}
		for len(parts) < 6 {
			parts = append(parts, "*")
		}
	}
	if why, fix := checkARN(parts, written); why != "" {
		return a, why, fix
	}
	// IAM stores these, placeholders of the documentation and all.
	switch {
	case !isRegion(parts[3]):
		p.warn(n.at, "write a region or *", "the resource %q has a region that can not be, and so has no resource", n.text)
	case !isAccount(parts[4], true):
		p.warn(n.at, "write 12 digits or *", "the resource %q has an account that can not be, and so has no resource", n.text)
	}
	for i, s := range parts {
		// A variable may stand after the fifth colon only.
		a.segments[i] = newPattern(s, true, p.vars && i == 5)
	}
	return a, "", ""
}

// checkARN says what AWS would not take of the parts of a resource's ARN, the
// first so many of which are written.
func checkARN(parts []string, written int) (why, fix string) {
	switch partition, service := parts[1], parts[2]; {
	case !isPartition(partition) && !strings.ContainsAny(partition, "*?"):
		return "has a partition that does not exist", "write aws, aws-cn or aws-us-gov"
	case service == "":
		return "has no service", ""
	case strings.ContainsAny(service, "*?") && written > 2:
		return "has a wildcard in its service", "write the service out"
	case strings.IndexFunc(service, func(c rune) bool { return c != '-' && c != '*' && !alnum(c) }) >= 0:
		return "has a service that can not be", ""
	}
	return "", ""
}

var partitions = []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}

func isPartition(s string) bool { return slices.Contains(partitions, s) }

// isRegion says whether a text may stand where an ARN in a policy has its region.
func isRegion(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c != '-' && c != '*' && c != '?' && !alnum(c) }) < 0
}

// isAccount says whether a text may stand where an ARN has its account: 12
// digits, nothing, or the word of an owner that is AWS itself (aws, cloudfront).
func isAccount(s string, wild bool) bool {
	if s == "" {
		return true
	}
	digits, words, stars := 0, 0, 0
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z' || c == '-':
			words++
		case wild && (c == '*' || c == '?'):
			stars++
		default:
			return false
		}
	}
	return words == 0 && (digits == 12 || stars > 0 && digits <= 12) || words > 0 && digits == 0
}
