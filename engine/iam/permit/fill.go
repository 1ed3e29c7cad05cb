package permit

import "strings"

// fill writes texts that a glob takes and that a reader would find natural.
func fill(text string) []string {
	if !strings.ContainsAny(text, "*?") {
		return []string{unescape(text)}
	}
	out := []string{}
	for _, star := range []string{"example", "", "1"} {
		s := strings.ReplaceAll(strings.ReplaceAll(text, "*", star), "?", "1")
		if s = unescape(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// standIns are what stands for a star in the parts of an ARN.
var standIns = [5]string{"arn", "aws", "s3", "eu-west-1", "111111111111"}

// noRegion are the services whose ARNs have no region.
var noRegion = map[string]bool{"iam": true, "s3": true, "sts": true, "cloudfront": true, "route53": true, "organizations": true}

// fillARN does the same for the pattern of an ARN.
func fillARN(text string) []string {
	seg := strings.SplitN(text, ":", 6)
	if len(seg) < 6 {
		return fill(text)
	}
	for i := range 5 {
		if seg[i] != "*" {
			continue
		}
		seg[i] = standIns[i]
		if noRegion[seg[2]] && i == 3 || seg[2] == "s3" && i == 4 {
			seg[i] = ""
		}
	}
	head := strings.NewReplacer("*", "", "?", "1").Replace(strings.Join(seg[:5], ":")) + ":"
	out := fill(seg[5])
	for i := range out {
		out[i] = head + out[i]
	}
	return out
}
