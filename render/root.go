package render

import (
	"fmt"
	"strings"
	"time"

	"fathom/platform"
	"fathom/render/terraform"
)

// root is what belongs to no layer: versions, state and providers.
func root(p *platform.Platform) Part {
	set, nest := terraform.Set, terraform.Nest
	provider := func(alias, region string) *terraform.Block {
		return terraform.Top("provider", []string{"aws"}, terraform.Join(
			terraform.When(alias != "", set("alias", alias)),
			terraform.When(true,
				set("region", region),
				set("allowed_account_ids", []string{p.Account}),
				nest("default_tags", set("tags", terraform.Obj("platform", p.Name, "managed-by", "terraform")))),
		)...).In("main")
	}
	all := []Resource{
		terraform.Top("terraform", nil,
			set("required_version", ">= 1.5"),
			nest("required_providers", set("aws", terraform.Obj("source", "hashicorp/aws", "version", "~> 6.25"))),
		),
		provider("", p.Region).From("region"),
		provider("global", "us-east-1").Note("CloudFront takes its certificates and web ACLs from this region only"),
		provider("backup", p.BackupRegion).From("backupRegion").Note("copies of the data, and the standby of the edge"),
	}
	if len(p.Exceptions) > 0 {
		all = append(all, &Text{Path: ".fathom.yaml", Content: suppressions(p)})
	}
	return Part{Layer: "main", Resources: all}
}

// suppressions are the declared exceptions as fathom audit reads them, so that
// each is a suppressed finding with its owner and date, and nothing else is. An
// exemption from a managed rule needs none: the rule's label still blocks
// everywhere else, so that there is no finding.
func suppressions(p *platform.Platform) string {
	var b strings.Builder
	b.WriteString("# The exceptions of the platform's declaration: findings that somebody answers for until a date.\n")
	b.WriteString("suppress:\n")
	write := func(control, resource, reason, owner string, until time.Time) {
		fmt.Fprintf(&b, "- control: %s\n", control)
		if resource != "" {
			fmt.Fprintf(&b, "  resource: %q\n", resource)
		}
		fmt.Fprintf(&b, "  reason: %q\n  owner: %q\n  until: %s\n", reason, owner, until.Format(time.DateOnly))
	}
	for _, x := range p.Exceptions {
		switch {
		case x.Store != "":
			write(x.Control, "*."+Label(x.Store), x.Because, x.Owner, x.Until)
		case x.Service != "":
			write(x.Control, "*/"+p.Service(x.Service).Namespace+"/"+x.Service, x.Because, x.Owner, x.Until)
			write(x.Control, "*.svc_"+Label(x.Service), x.Because, x.Owner, x.Until)
		case x.Route != "" || strings.HasPrefix(x.Control, "edge.waf-"):
			write(x.Control, "aws_wafv2_web_acl.*", x.Because, x.Owner, x.Until)
			if x.Control == "edge.waf-enforcing" && p.Edge.WAF == "count" { // the managed groups count too
				write("edge.waf-managed", "aws_wafv2_web_acl.*", x.Because, x.Owner, x.Until)
			}
		default:
			write(x.Control, "", x.Because, x.Owner, x.Until)
		}
	}
	return b.String()
}
