package managed

import (
	"encoding/json"

	"fathom/diag"
)

// prefixKeys are the members that hold a CIDR in published lists: those of
// googlebot.json, bingbot.json and gptbot.json, and those of AWS's ip-ranges.json.
var prefixKeys = []string{"ipv4Prefix", "ipv6Prefix", "ip_prefix", "ipv6_prefix"}

// published reads a list that an operator publishes as JSON: an object with the
// members prefixes or ipv6_prefixes, lists of objects with a CIDR; or a list of
// CIDRs.
func published(name string, text []byte) (*Prefixes, diag.Problems) {
	var problems diag.Problems
	p := &Prefixes{name: name}
	add := func(s string) {
		prefix, err := parsePrefix(s)
		if err != nil {
			problems.Addf(diag.At(name, 1, 1), `write an address or a CIDR such as "192.0.2.0/24"`, "%q is no address", diag.Plain(s))
			return
		}
		p.ranges = append(p.ranges, span16{prefix.Addr(), lastOf(prefix)})
	}
	var plain []string
	var document struct {
		Prefixes     []map[string]any `json:"prefixes"`
		IPv6Prefixes []map[string]any `json:"ipv6_prefixes"`
	}
	if json.Unmarshal(text, &plain) == nil {
		for _, s := range plain {
			add(s)
		}
	} else if err := json.Unmarshal(text, &document); err != nil {
		problems.Addf(diag.At(name, 1, 1), `write {"prefixes": [{"ipv4Prefix": "192.0.2.0/24"}]}, or one CIDR a line`, "the list is no JSON of addresses: %v", err)
	}
	for _, entry := range append(document.Prefixes, document.IPv6Prefixes...) {
		found := false
		for _, key := range prefixKeys {
			if s, ok := entry[key].(string); ok {
				add(s)
				found = true
			}
		}
		if !found {
			problems.Addf(diag.At(name, 1, 1), `name it "ipv4Prefix" or "ipv6Prefix"`, "an entry of the list has no prefix")
		}
	}
	if len(p.ranges) == 0 && len(problems) == 0 {
		problems.Addf(diag.At(name, 1, 1), "", "the list holds no address")
	}
	if len(problems) > 0 {
		return nil, problems
	}
	p.merge()
	return p, nil
}
