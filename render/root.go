package render

import (
	"fmt"
	"strings"
	"time"

	"fathom/platform"
	"fathom/render/terraform"
)

// root is what belongs to no layer: versions, state, providers, and who applies.
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
			set("required_version", ">= 1.10"),
			nest("required_providers", set("aws", terraform.Obj("source", "hashicorp/aws", "version", "~> 6.25"))),
			terraform.Labelled("backend", []string{"s3"},
				set("bucket", BucketName(p, StateBucket)),
				set("key", StateKey),
				set("region", p.Region),
				set("encrypt", true),
				set("use_lockfile", true),
			).Remark("The state holds every setting, and some secrets. Make its bucket by hand before the first init, with versions and without public access. The lock needs Terraform 1.10"),
		),
		whoApplies(p),
		provider("", p.Region).From("region"),
		provider("global", "us-east-1").Note("CloudFront takes its certificates and web ACLs from this region only"),
		provider("backup", p.BackupRegion).From("backupRegion").Note("copies of the data, and the standby of the edge"),
	}
	if len(p.Exceptions) > 0 {
		all = append(all, &Text{Path: ".fathom.yaml", Content: suppressions(p)})
	}
	return Part{Layer: "main", Resources: all}
}

// whoApplies is the variable that says who applies these files. Keys cannot do
// without: AWS refuses a key whose policy does not let its maker change it again,
// and none of the platform's own roles may. The paths are those of IAM Identity
// Center's roles: with its region in them, unless that is us-east-1.
func whoApplies(p *platform.Platform) *terraform.Block {
	set, nest := terraform.Set, terraform.Nest
	const role = "/AWSReservedSSO_AdministratorAccess_*"
	path := "arn:aws:iam::" + p.Account + ":role/aws-reserved/sso.amazonaws.com"
	return terraform.Top("variable", []string{"administrators"},
		set("description", "ARNs, with * for any text, of the roles that apply these files, each one role: they alone change what guards keys, buckets, backups and the cluster, and no alarm tells of it"),
		set("type", terraform.Expr("list(string)")),
		set("default", []string{path + role, path + "/*" + role}),
		nest("validation",
			set("condition", terraform.Expr(`length(var.administrators) > 0 && length(distinct([for a in var.administrators : basename(a)])) <= 3`)),
			set("error_message", "Name at least one role, and at most three names of roles: the patterns of alarms have room for no more."),
		),
	).In("main").From("account").
		Note("As IAM Identity Center names administrators. Change it before the first apply if yours are called otherwise: AWS refuses the keys to anybody else, and buckets do not let them in again")
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
