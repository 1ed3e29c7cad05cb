package eval

import (
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// zones is how many availability zones a region is taken to have.
const zones = 3

// dataAttribute evaluates an attribute of the data sources whose answer does
// not need a cloud; Nil for all others.
func (e *evaluator) dataAttribute(in *instance, name string) cty.Value {
	switch in.def.typ {
	case "aws_iam_policy_document":
		switch name {
		case "json", "minified_json":
			return e.policyDocument(in, name == "minified_json")
		case "version":
			return cty.StringVal(policyVersion)
		}
	case "aws_partition":
		partition, dns, reverse := partitionOf(e.regionText(in))
		switch name {
		case "partition", "id":
			return cty.StringVal(partition)
		case "dns_suffix":
			return cty.StringVal(dns)
		case "reverse_dns_prefix":
			return cty.StringVal(reverse)
		}
	case "aws_region":
		switch name {
		case "region", "name", "id":
			for _, arg := range []string{"region", "name"} {
				if a := in.def.args.get(arg); a != nil {
					return e.value(a.expr, in.s)
				}
			}
			if v := e.region(in); v != cty.NilVal {
				return v
			}
		}
	case "aws_availability_zones":
		switch name {
		case "names", "zone_ids", "group_names":
			e.gap(in.addr, in.def.body.pos, "the number of availability zones is assumed to be three", false)
			vals := make([]cty.Value, zones)
			for i := range vals {
				vals[i] = e.attrHole(in.addr, name+"["+itoa(i)+"]", nil).shaped()
			}
			return cty.ListVal(vals)
		}
	}
	return cty.NilVal
}

// regionText is the region of an instance where it is known, or "".
func (e *evaluator) regionText(in *instance) string {
	v := e.region(in)
	if v == cty.NilVal || vague(v) || v.IsNull() || v.Type() != cty.String || e.tainted(v) {
		return ""
	}
	return v.AsString()
}

func partitionOf(region string) (partition, dns, reverse string) {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn", "amazonaws.com.cn", "cn.com.amazonaws"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov", "amazonaws.com", "com.amazonaws"
	}
	return "aws", "amazonaws.com", "com.amazonaws"
}
