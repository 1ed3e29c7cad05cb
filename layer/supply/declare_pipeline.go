package supply

import (
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// nightlyWorkflow is the file of the workflow that looks for drift, which the
// layer response renders.
const nightlyWorkflow = "nightly.yml"

// roles renders the provider of GitHub's tokens and the roles that the pipeline
// assumes with them. Neither can touch the cluster: what is in the repository, a
// GitOps controller in the cluster pulls.
func roles(p *platform.Platform) []*terraform.Block {
	pipe := p.Pipeline
	subject := "repo:" + pipe.Repo + ":ref:refs/heads/" + pipe.Branch
	if pipe.Environment != "" {
		subject = "repo:" + pipe.Repo + ":environment:" + pipe.Environment
	}
	from := []string{"pipeline"}
	return []*terraform.Block{
		terraform.Resource("aws_iam_openid_connect_provider", "github",
			set("url", githubIssuer),
			set("client_id_list", []string{"sts.amazonaws.com"}),
		).For("supply.ci-oidc").From(from...).Note("GitHub's tokens, which live for minutes, in place of keys that never expire"),

		render.Role(p, "deploy", "deploy", trustPipeline(p, subject, []string{pipe.Workflow})).For("supply.ci-oidc").From(from...).
			Note("What releases. Only the workflow " + pipe.Workflow + " on " + pipe.Branch + " may assume it, in its environment, whose reviewers GitHub asks first. " +
				"It pushes images: each repository's own policy says so. It cannot touch the cluster, change AWS or read data"),
		signIn("deploy").For("supply.ci-oidc").From(from...).Note("this request names no resource"),

		render.Role(p, "plan", "plan", trustPipeline(p, "repo:"+pipe.Repo+":ref:refs/heads/"+pipe.Branch, []string{pipe.Workflow, nightlyWorkflow})).
			For("supply.ci-oidc", "response.drift", "identity.policy-lint").From(from...).
			Note("What compares AWS with these files, before a release and at night: it reads settings, and of data only the state, which holds what the plan does"),
		render.RolePolicy("plan", append(waitingRoom(p),
			render.Statement{
				Sid: "Parameters", Action: []string{"ssm:GetParameter"},
				Resource: []any{
					"arn:aws:ssm:" + p.Region + "::parameter/aws/service/bottlerocket/*",
					"arn:aws:ssm:" + p.Region + ":" + p.Account + ":parameter/" + p.Name + "/objectives",
				},
			},
			render.Statement{
				Sid: "Functions", Action: []string{"lambda:GetFunction"},
				Resource: []any{"arn:aws:lambda:*:" + p.Account + ":function:" + p.Name + "-*"},
			},
			render.Statement{Sid: "SettingsBesides", Action: besides, Resource: []any{"*"}},
			render.Statement{
				Sid: "FindTheState", Action: []string{"s3:ListBucket"}, Resource: []any{"arn:aws:s3:::" + render.BucketName(p, render.StateBucket)},
				Condition: []render.Condition{{Operator: "StringEquals", Key: "s3:prefix", Value: []string{"env:/", render.StateKey}}}, // init looks for workspaces
			},
			render.Statement{
				Sid: "TheState", Action: []string{"s3:GetObject"},
				Resource: []any{"arn:aws:s3:::" + render.BucketName(p, render.StateBucket) + "/" + render.StateKey},
			},
			render.Statement{
				Sid: "TheOriginSecret", Action: []string{"secretsmanager:GetSecretValue"},
				Resource: []any{terraform.Expr("aws_secretsmanager_secret.origin.arn")},
			},
			render.Statement{
				Sid: "ItsKey", Action: []string{"kms:Decrypt"}, Resource: []any{render.KeyARN("secrets")},
				Condition: []render.Condition{
					{Operator: "StringEquals", Key: "kms:ViaService", Value: "secretsmanager." + p.Region + ".amazonaws.com"},
					{Operator: "StringEquals", Key: "kms:EncryptionContext:SecretARN", Value: terraform.Expr("aws_secretsmanager_secret.origin.arn")},
				},
			},
		)...).For("response.drift").From(from...).Note("what the files look up"),
		terraform.Resource("aws_iam_role_policy_attachment", "plan",
			set("role", terraform.Expr("aws_iam_role.plan.name")),
			set("policy_arn", "arn:aws:iam::aws:policy/SecurityAudit"),
		).For("response.drift").From(from...),
		terraform.Resource("aws_iam_role_policy_attachment", "plan_view",
			set("role", terraform.Expr("aws_iam_role.plan.name")),
			set("policy_arn", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"),
		).For("response.drift").From(from...),
	}
}

// waitingRoom lets the plan read the numbers of the waiting room, and not the keys
// of the apps' signatures, which are in a store of their own.
func waitingRoom(p *platform.Platform) []render.Statement {
	if p.Edge.WaitingRoom.Path == "" {
		return nil
	}
	return []render.Statement{{
		Sid: "TheWaitingRoom", Action: []string{"cloudfront-keyvaluestore:GetKey"},
		Resource: []any{terraform.Expr("aws_cloudfront_key_value_store.waiting_room.arn")},
	}}
}

// besides are the requests with which Terraform reads what is rendered and that
// are in neither of AWS's two policies for those who only look, SecurityAudit
// (version 87) and ViewOnlyAccess (46). None of them reads
// data.
var besides = []string{
	"acm-pca:GetCertificate", "acm-pca:GetCertificateAuthorityCertificate", "acm-pca:GetCertificateAuthorityCsr",
	"backup:GetRestoreTestingPlan", "backup:GetRestoreTestingSelection",
	"cloudfront:DescribeFunction", "cloudfront:DescribeKeyValueStore",
	"cloudfront-keyvaluestore:DescribeKeyValueStore",
	"fis:GetExperimentTemplate", "fis:ListTagsForResource",
	"identitystore:DescribeGroup",
	"logs:GetDelivery", "logs:GetDeliveryDestination", "logs:GetDeliverySource",
	"macie2:DescribeClassificationJob", "macie2:GetClassificationExportConfiguration", "macie2:GetMacieSession",
	"scheduler:GetSchedule",
	"secretsmanager:GetRandomPassword",
	"ssm:GetDocument",
	"states:ListTagsForResource", "states:ValidateStateMachineDefinition",
}

// trustPipeline lets in workflows of one branch, by several claims that all
// have to hold. With the repository's number, a repository that takes over its
// name is not let in. The keys besides aud and sub are those that STS knows for
// GitHub (IAM user guide, "Available keys for AWS OIDC federation").
func trustPipeline(p *platform.Platform, subject string, workflows []string) terraform.Call {
	const keys = "token.actions.githubusercontent.com:"
	pipe := p.Pipeline
	var refs any = workflowRef(p, workflows[0])
	if len(workflows) > 1 {
		var all []string
		for _, w := range workflows {
			all = append(all, workflowRef(p, w))
		}
		refs = all
	}
	claims := []render.Condition{
		{Operator: "StringEquals", Key: keys + "aud", Value: "sts.amazonaws.com"},
		{Operator: "StringEquals", Key: keys + "sub", Value: subject},
		{Operator: "StringEquals", Key: keys + "job_workflow_ref", Value: refs},
		{Operator: "StringEquals", Key: keys + "ref", Value: "refs/heads/" + pipe.Branch},
	}
	if pipe.RepoID != "" {
		claims = append(claims, render.Condition{Operator: "StringEquals", Key: keys + "repository_id", Value: pipe.RepoID})
	}
	return render.Policy(render.Statement{
		Principal: terraform.Obj("Federated", terraform.Expr("aws_iam_openid_connect_provider.github.arn")),
		Action:    []string{"sts:AssumeRoleWithWebIdentity"},
		Condition: claims,
	})
}
