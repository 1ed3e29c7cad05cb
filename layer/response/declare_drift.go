package response

import (
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// Actions that workflows use, by commit: a tag can be moved.
const (
	checkout  = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
	awsSignIn = "aws-actions/configure-aws-credentials@e3dd6a429d7300a6a4c196c26e071d42e0343502 # v4.0.2"
	setUp     = "hashicorp/setup-terraform@b9cd54a3c349d3f38e8881555d616ced269862dd # v3.1.2"
)

// planRole reads AWS for the nightly comparison; the layer supply makes it, and
// pins it to the workflow's file.
const (
	planRole     = "plan"
	driftFile    = "nightly.yml"
	workflowsDir = ".github/workflows/"
)

// drift renders the nightly comparison of AWS with the files.
func (d *declaration) drift() {
	text := strings.NewReplacer(
		"BRANCH", d.p.Pipeline.Branch,
		"ROLE", render.RoleARN(d.p, planRole),
		"REGION", d.p.Region,
		"CHECKOUT", checkout, "SETUP", setUp, "SIGNIN", awsSignIn,
	).Replace(driftWorkflow)
	d.add(&render.Text{Path: workflowsDir + driftFile, Content: text})
}

const driftWorkflow = `# Every night: does AWS still look as these files say? What differs was changed by
# hand, or is not applied yet; an issue tells, and the change comes by review.
# control: response.drift
# from: pipeline
name: nightly
on:
  schedule:
  - cron: "17 2 * * *"
  workflow_dispatch: {}
permissions: {}
concurrency: nightly
jobs:
  drift:
    if: github.ref == 'refs/heads/BRANCH'
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    permissions:
      contents: read
      id-token: write
      issues: write
    steps:
    - uses: CHECKOUT
      with:
        persist-credentials: false
    - uses: SETUP
      with:
        terraform_wrapper: false
    - uses: SIGNIN
      with:
        role-to-assume: ROLE
        aws-region: REGION
    - name: compare
      id: compare
      working-directory: terraform
      run: |
        terraform init -input=false
        code=0
        terraform plan -detailed-exitcode -lock=false -input=false -no-color > plan.txt || code=$?
        cat plan.txt
        echo "code=$code" >> "$GITHUB_OUTPUT"
        test "$code" -ne 1
    - name: tell
      if: steps.compare.outputs.code == '2'
      env:
        GH_TOKEN: ${{ github.token }}
        RUN: ${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}
      run: |
        gh issue create --repo "$GITHUB_REPOSITORY" --title "AWS differs from the files" \
          --body "The plan of $RUN is not empty. Put it right by review, here or there."
        exit 1
`

// trustWorkflow lets in one workflow of one branch (GitHub's documentation,
// "OpenID Connect reference").
func trustWorkflow(p *platform.Platform, file string) terraform.Call {
	const keys = "token.actions.githubusercontent.com:"
	is := func(claim, value string) render.Condition {
		return render.Condition{Operator: "StringEquals", Key: keys + claim, Value: value}
	}
	pipe := p.Pipeline
	ref := "refs/heads/" + pipe.Branch
	claims := []render.Condition{
		is("aud", "sts.amazonaws.com"),
		is("sub", "repo:"+pipe.Repo+":ref:"+ref),
		is("job_workflow_ref", pipe.Repo+"/"+workflowsDir+file+"@"+ref),
	}
	if pipe.RepoID != "" {
		claims = append(claims, is("repository_id", pipe.RepoID))
	}
	return render.Policy(render.Statement{
		Principal: obj("Federated", terraform.Expr("aws_iam_openid_connect_provider.github.arn")),
		Action:    []string{"sts:AssumeRoleWithWebIdentity"},
		Condition: claims,
	})
}
