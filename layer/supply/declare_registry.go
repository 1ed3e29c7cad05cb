package supply

import (
	"slices"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// repository is one of the registry's.
type repository struct {
	name string
	from string // path of the declaration
	note string
}

// repositories are one for each image that runs: the services' own, and those of
// others that are mirrored, so that nothing runs from a registry outside.
func repositories(p *platform.Platform) []repository {
	out := []repository{
		{name: p.Mesh.Proxy.Repository, from: "mesh.proxy", note: "a mirror: the proxies beside the pods and the ingress gateway"},
		{name: falcoRepository, from: "cluster", note: "a mirror: what watches the nodes"},
	}
	for i := range p.Services {
		s := &p.Services[i]
		out = append(out, repository{name: s.Image.Repository, from: of(s, "image")})
	}
	slices.SortStableFunc(out, func(a, b repository) int { return strings.Compare(a.name, b.name) })
	return slices.CompactFunc(out, func(a, b repository) bool { return a.name == b.name })
}

// label is the Terraform label of a repository: shopnow/orders is shopnow_orders.
func (r repository) label() string {
	return strings.NewReplacer("/", "_", "-", "_", ".", "_").Replace(r.name)
}

// push are the requests of a push (Amazon ECR user guide, "IAM permissions for
// pushing an image"), and pull those of a pull.
var (
	push = []string{
		"ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
	}
	pull = []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
)

// registryBlocks renders the repositories and how they are scanned.
func registryBlocks(p *platform.Platform) []*terraform.Block {
	var out []*terraform.Block
	for _, r := range repositories(p) {
		out = append(out, r.blocks()...)
	}
	return append(out,
		terraform.Resource("aws_ecr_registry_scanning_configuration", "main",
			set("scan_type", "ENHANCED"),
			nest("rule",
				set("scan_frequency", "CONTINUOUS_SCAN"),
				nest("repository_filter", set("filter", "*"), set("filter_type", "WILDCARD"))),
			set("depends_on", terraform.List{terraform.Expr("aws_inspector2_enabler.main")}),
		).For("supply.scan-on-push").Note("on push, and again whenever a new hole is known"),
		terraform.Resource("aws_inspector2_enabler", "main",
			set("account_ids", []string{p.Account}),
			set("resource_types", []string{"ECR"}),
		).For("supply.scan-on-push").From("platform.account"),
	)
}

func (r repository) blocks() []*terraform.Block {
	id := "aws_ecr_repository." + r.label()
	name := terraform.Expr(id + ".name")
	repository := terraform.Resource("aws_ecr_repository", r.label(),
		set("name", r.name),
		set("image_tag_mutability", "IMMUTABLE"),
		nest("encryption_configuration",
			set("encryption_type", "KMS"),
			set("kms_key", render.KeyARN("stores"))),
	).For("supply.immutable-tags", "supply.scan-on-push", "data.at-rest").From(r.from)
	if r.note != "" {
		repository.Note(r.note)
	}
	return []*terraform.Block{
		repository,
		terraform.Resource("aws_ecr_repository_policy", r.label(),
			set("repository", name),
			set("policy", render.Policy(
				render.Statement{
					Sid: "ThePipelinePushes", Principal: terraform.Obj("AWS", render.DeployRole+".arn"),
					Action: append(append(slices.Clone(push), pull...), "ecr:DescribeImages"),
				},
				render.Statement{
					Sid: "TheVerifierReads", Principal: terraform.Obj("AWS", terraform.Expr("aws_iam_role.kyverno.arn")), Action: pull,
				},
				render.Statement{
					Sid: "NobodyElsePushes", Effect: "Deny", Principal: "*", Action: push,
					Condition: []render.Condition{{Operator: "ArnNotEquals", Key: "aws:PrincipalArn", Value: render.DeployRole + ".arn"}},
				},
			)),
		).For("supply.admission", "supply.ci-oidc").From(r.from, "pipeline"),
		terraform.Resource("aws_ecr_lifecycle_policy", r.label(),
			set("repository", name),
			set("policy", terraform.JSON(terraform.Obj("rules", terraform.List{terraform.Obj(
				"rulePriority", 1,
				"description", "the last hundred releases stay",
				"selection", terraform.Obj(
					"tagStatus", "tagged", "tagPatternList", []string{"*"},
					"countType", "imageCountMoreThan", "countNumber", 100),
				"action", terraform.Obj("type", "expire"),
			)}))),
		).From(r.from),
	}
}
