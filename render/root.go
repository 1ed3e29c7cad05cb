package render

import (
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
	return Part{Layer: "main", Resources: []Resource{
		terraform.Top("terraform", nil,
			set("required_version", ">= 1.5"),
			nest("required_providers", set("aws", terraform.Obj("source", "hashicorp/aws", "version", "~> 6.25"))),
		),
		provider("", p.Region).From("region"),
		provider("global", "us-east-1").Note("CloudFront takes its certificates and web ACLs from this region only"),
		provider("backup", p.BackupRegion).From("backupRegion").Note("copies of the data, and the standby of the edge"),
	}}
}
