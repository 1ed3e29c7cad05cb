package escalate_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/iam/escalate"
	"fathom/estate"
)

// wayCase is one way: what it needs in the estate, which requests it takes,
// in order, and what it gains. The attacker is allowed exactly those, apart
// from the ones in parentheses, which another policy allows.
type wayCase struct {
	id    string
	eve   string // user (the default) or role
	has   string // parts, separated by ";"
	steps string
	gains escalate.GainKind
	maybe bool
	opts  escalate.Options
}

const (
	admin  = escalate.Administrator
	assume = true
)

var assuming = escalate.Options{Assume: assume}

// wayCases are written from the facts of each way, not from its code.
var wayCases = []wayCase{
	// Self-escalation and principal access.
	{id: "iam-create-policy-version", has: "policy of eve", steps: "iam:CreatePolicyVersion", gains: admin},
	{id: "iam-set-default-policy-version", has: "policy of eve", steps: "iam:SetDefaultPolicyVersion", gains: admin, maybe: true, opts: assuming},
	{id: "iam-create-access-key", has: "user with key", steps: "iam:CreateAccessKey", gains: admin},
	{id: "iam-delete-and-create-access-key", has: "user with two keys", steps: "iam:DeleteAccessKey iam:CreateAccessKey", gains: admin},
	{id: "iam-create-login-profile", has: "user", steps: "iam:CreateLoginProfile", gains: admin},
	{id: "iam-update-login-profile", has: "user with login", steps: "iam:UpdateLoginProfile", gains: admin},
	{id: "iam-put-user-policy", steps: "iam:PutUserPolicy", gains: admin},
	{id: "iam-put-role-policy", eve: "role", steps: "iam:PutRolePolicy", gains: admin},
	{id: "iam-put-group-policy", has: "group of eve", steps: "iam:PutGroupPolicy", gains: admin},
	{id: "iam-attach-user-policy", steps: "iam:AttachUserPolicy", gains: admin},
	{id: "iam-attach-role-policy", eve: "role", steps: "iam:AttachRolePolicy", gains: admin},
	{id: "iam-attach-group-policy", has: "group of eve", steps: "iam:AttachGroupPolicy", gains: admin},
	{id: "iam-add-user-to-group", has: "group admins", steps: "iam:AddUserToGroup", gains: admin},
	{id: "iam-update-assume-role-policy", has: "boss", steps: "iam:UpdateAssumeRolePolicy (sts:AssumeRole)", gains: admin},
	{id: "sts-assume-role", has: "boss trusting eve", steps: "sts:AssumeRole", gains: admin},
	{id: "iam-attach-role-policy-and-assume-role", has: "weak trusting eve", steps: "iam:AttachRolePolicy sts:AssumeRole", gains: admin},
	{id: "iam-attach-user-policy-and-create-access-key", has: "user plain", steps: "iam:AttachUserPolicy iam:CreateAccessKey", gains: admin},
	{id: "iam-create-policy-version-and-assume-role", has: "weak trusting eve; policy of weak", steps: "iam:CreatePolicyVersion sts:AssumeRole", gains: admin},
	{id: "iam-put-role-policy-and-assume-role", has: "weak trusting eve", steps: "iam:PutRolePolicy sts:AssumeRole", gains: admin},
	{id: "iam-put-user-policy-and-create-access-key", has: "user plain", steps: "iam:PutUserPolicy iam:CreateAccessKey", gains: admin},
	{id: "iam-attach-role-policy-and-update-trust", has: "weak", steps: "iam:AttachRolePolicy iam:UpdateAssumeRolePolicy (sts:AssumeRole)", gains: admin},
	{id: "iam-create-policy-version-and-update-trust", has: "weak; policy of weak", steps: "iam:CreatePolicyVersion iam:UpdateAssumeRolePolicy (sts:AssumeRole)", gains: admin},
	{id: "iam-put-role-policy-and-update-trust", has: "weak", steps: "iam:PutRolePolicy iam:UpdateAssumeRolePolicy (sts:AssumeRole)", gains: admin},

	// A role is passed to something new.
	{id: "ec2-run-instances", has: "boss for ec2.amazonaws.com; profile", steps: "iam:PassRole ec2:RunInstances", gains: admin},
	{id: "ec2-request-spot-instances", has: "boss for ec2.amazonaws.com; profile", steps: "iam:PassRole ec2:RequestSpotInstances", gains: admin},
	{id: "lambda-create-and-invoke", has: "boss for lambda.amazonaws.com", steps: "iam:PassRole lambda:CreateFunction lambda:InvokeFunction", gains: admin},
	{id: "lambda-create-and-event-source", has: "boss for lambda.amazonaws.com", steps: "iam:PassRole lambda:CreateFunction lambda:CreateEventSourceMapping", gains: admin},
	{id: "lambda-create-and-add-permission", has: "boss for lambda.amazonaws.com", steps: "iam:PassRole lambda:CreateFunction lambda:AddPermission", gains: admin},
	{id: "ecs-create-cluster-and-service", has: "boss for ecs-tasks.amazonaws.com", steps: "iam:PassRole ecs:CreateCluster ecs:RegisterTaskDefinition ecs:CreateService", gains: admin},
	{id: "ecs-create-cluster-and-run-task", has: "boss for ecs-tasks.amazonaws.com", steps: "iam:PassRole ecs:CreateCluster ecs:RegisterTaskDefinition ecs:RunTask", gains: admin},
	{id: "ecs-create-service", has: "boss for ecs-tasks.amazonaws.com; external aws_ecs_cluster", steps: "iam:PassRole ecs:RegisterTaskDefinition ecs:CreateService", gains: admin},
	{id: "ecs-run-task", has: "boss for ecs-tasks.amazonaws.com; external aws_ecs_cluster", steps: "iam:PassRole ecs:RegisterTaskDefinition ecs:RunTask", gains: admin},
	{id: "ecs-start-task", has: "boss for ecs-tasks.amazonaws.com; external aws_ecs_cluster", steps: "iam:PassRole ecs:RegisterTaskDefinition ecs:StartTask", gains: admin, maybe: true},
	{id: "cloudformation-create-stack", has: "boss for cloudformation.amazonaws.com", steps: "iam:PassRole cloudformation:CreateStack", gains: admin},
	{id: "cloudformation-create-stack-set", has: "deployer; boss trusting deployer", steps: "iam:PassRole cloudformation:CreateStackSet cloudformation:CreateStackInstances", gains: admin},
	{id: "codebuild-create-and-start-build", has: "boss for codebuild.amazonaws.com", steps: "iam:PassRole codebuild:CreateProject codebuild:StartBuild", gains: admin},
	{id: "codebuild-create-and-start-batch", has: "boss for codebuild.amazonaws.com", steps: "iam:PassRole codebuild:CreateProject codebuild:StartBuildBatch", gains: admin},
	{id: "glue-create-dev-endpoint", has: "boss for glue.amazonaws.com", steps: "iam:PassRole glue:CreateDevEndpoint", gains: admin},
	{id: "glue-create-job-and-run", has: "boss for glue.amazonaws.com", steps: "iam:PassRole glue:CreateJob glue:StartJobRun", gains: admin},
	{id: "glue-create-job-and-trigger", has: "boss for glue.amazonaws.com", steps: "iam:PassRole glue:CreateJob glue:CreateTrigger", gains: admin},
	{id: "glue-create-session", has: "boss for glue.amazonaws.com", steps: "iam:PassRole glue:CreateSession glue:RunStatement", gains: admin},
	{id: "sagemaker-create-notebook", has: "boss for sagemaker.amazonaws.com", steps: "iam:PassRole sagemaker:CreateNotebookInstance", gains: admin},
	{id: "sagemaker-create-training-job", has: "boss for sagemaker.amazonaws.com", steps: "iam:PassRole sagemaker:CreateTrainingJob", gains: admin},
	{id: "sagemaker-create-processing-job", has: "boss for sagemaker.amazonaws.com", steps: "iam:PassRole sagemaker:CreateProcessingJob", gains: admin},
	{id: "apprunner-create-service", has: "boss for tasks.apprunner.amazonaws.com", steps: "iam:PassRole apprunner:CreateService", gains: admin},
	{id: "datapipeline-create-and-activate", has: "boss for datapipeline.amazonaws.com", steps: "iam:PassRole datapipeline:CreatePipeline datapipeline:PutPipelineDefinition datapipeline:ActivatePipeline", gains: admin},
	{id: "bedrock-create-code-interpreter", has: "boss for bedrock-agentcore.amazonaws.com", steps: "iam:PassRole bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter", gains: admin},
	{id: "cloudformation-update-stack-set", has: "deployer; boss trusting deployer; external aws_cloudformation_stack_set", steps: "iam:PassRole cloudformation:UpdateStackSet", gains: admin},
	{id: "glue-update-job-and-run", has: "boss for glue.amazonaws.com; external aws_glue_job", steps: "iam:PassRole glue:UpdateJob glue:StartJobRun", gains: admin},
	{id: "glue-update-job-and-trigger", has: "boss for glue.amazonaws.com; external aws_glue_job", steps: "iam:PassRole glue:UpdateJob glue:CreateTrigger", gains: admin},

	// Something with a role is there already.
	{id: "lambda-update-code", has: "boss for lambda.amazonaws.com; function", steps: "lambda:UpdateFunctionCode", gains: admin},
	{id: "lambda-update-code-and-invoke", has: "boss for lambda.amazonaws.com; function", steps: "lambda:UpdateFunctionCode lambda:InvokeFunction", gains: admin},
	{id: "lambda-update-code-and-add-permission", has: "boss for lambda.amazonaws.com; function", steps: "lambda:UpdateFunctionCode lambda:AddPermission", gains: admin},
	{id: "ec2-modify-user-data", has: "boss for ec2.amazonaws.com; profile; instance", steps: "ec2:StopInstances ec2:ModifyInstanceAttribute ec2:StartInstances", gains: admin},
	{id: "ec2-launch-template-version", has: "boss for ec2.amazonaws.com; profile; template $Default", steps: "ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate", gains: admin},
	{id: "ec2-instance-connect", has: "boss for ec2.amazonaws.com; profile; instance", steps: "ec2-instance-connect:SendSSHPublicKey", gains: admin},
	{id: "ssm-start-session", has: "boss for ec2.amazonaws.com; profile; instance", steps: "ssm:StartSession", gains: admin},
	{id: "ssm-send-command", has: "boss for ec2.amazonaws.com; profile; instance", steps: "ssm:SendCommand", gains: admin},
	{id: "codebuild-start-build", has: "boss for codebuild.amazonaws.com; build", steps: "codebuild:StartBuild", gains: admin},
	{id: "codebuild-start-batch", has: "boss for codebuild.amazonaws.com; build", steps: "codebuild:StartBuildBatch", gains: admin},
	{id: "ecs-execute-command", has: "boss for ecs-tasks.amazonaws.com; task", steps: "ecs:ExecuteCommand", gains: admin, maybe: true},
	{id: "cloudformation-update-stack", has: "boss for cloudformation.amazonaws.com; external aws_cloudformation_stack", steps: "cloudformation:UpdateStack", gains: admin, maybe: true},
	{id: "cloudformation-change-set", has: "boss for cloudformation.amazonaws.com; external aws_cloudformation_stack", steps: "cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet", gains: admin, maybe: true},
	{id: "glue-update-dev-endpoint", has: "boss for glue.amazonaws.com; external aws_glue_dev_endpoint", steps: "glue:UpdateDevEndpoint", gains: admin, maybe: true},
	{id: "sagemaker-presigned-notebook-url", has: "boss for sagemaker.amazonaws.com", steps: "sagemaker:CreatePresignedNotebookInstanceUrl", gains: admin, maybe: true, opts: assuming},
	{id: "sagemaker-notebook-lifecycle", has: "boss for sagemaker.amazonaws.com", steps: "sagemaker:CreateNotebookInstanceLifecycleConfig sagemaker:StopNotebookInstance sagemaker:UpdateNotebookInstance sagemaker:StartNotebookInstance", gains: admin, maybe: true, opts: assuming},
	{id: "apprunner-update-service", has: "boss for tasks.apprunner.amazonaws.com", steps: "apprunner:UpdateService", gains: admin, maybe: true, opts: assuming},
	{id: "bedrock-code-interpreter-session", has: "boss for bedrock-agentcore.amazonaws.com", steps: "bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter", gains: admin, maybe: true, opts: assuming},

	// Beside the catalogue's 65.
	{id: "eks-create-access-entry", has: "cluster API", steps: "eks:CreateAccessEntry eks:AssociateAccessPolicy", gains: escalate.ClusterAdmin},
	{id: "eks-create-access-entry", has: "cluster", steps: "eks:UpdateClusterConfig eks:CreateAccessEntry eks:AssociateAccessPolicy", gains: escalate.ClusterAdmin},
	{id: "eks-associate-access-policy", has: "cluster API; entry", steps: "eks:AssociateAccessPolicy", gains: escalate.ClusterAdmin},
	{id: "eks-pod-identity-association", has: "cluster; boss for pods.eks.amazonaws.com", steps: "iam:PassRole eks:CreatePodIdentityAssociation", gains: admin, maybe: true},
	{id: "codepipeline-create-pipeline", has: "boss for codepipeline.amazonaws.com", steps: "iam:PassRole codepipeline:CreatePipeline", gains: admin},
	{id: "codepipeline-update-pipeline", has: "boss for codepipeline.amazonaws.com; external aws_codepipeline", steps: "iam:PassRole codepipeline:UpdatePipeline codepipeline:StartPipelineExecution", gains: admin},
	{id: "codestar-use-connection", has: "weak for codebuild.amazonaws.com; external aws_codestarconnections_connection", steps: "iam:PassRole codestar-connections:UseConnection codebuild:CreateProject codebuild:StartBuild", gains: escalate.DataAccess, maybe: true},
	{id: "batch-submit-job", has: "boss for ecs-tasks.amazonaws.com; external aws_batch_job_queue", steps: "iam:PassRole batch:RegisterJobDefinition batch:SubmitJob", gains: admin},
	{id: "scheduler-create-schedule", has: "boss for scheduler.amazonaws.com", steps: "iam:PassRole scheduler:CreateSchedule", gains: admin},
	{id: "stepfunctions-create-and-start", has: "boss for states.amazonaws.com", steps: "iam:PassRole states:CreateStateMachine states:StartExecution", gains: admin},
	{id: "ssm-start-automation", has: "boss for ssm.amazonaws.com", steps: "iam:PassRole ssm:CreateDocument ssm:StartAutomationExecution", gains: admin},
	{id: "emr-run-job-flow", has: "boss for ec2.amazonaws.com; profile", steps: "iam:PassRole elasticmapreduce:RunJobFlow", gains: admin},
	{id: "iam-delete-permissions-boundary", has: "capped", steps: "iam:DeleteUserPermissionsBoundary", gains: escalate.Permissions},
	{id: "iam-delete-permissions-boundary", eve: "role", has: "capped", steps: "iam:DeleteRolePermissionsBoundary", gains: escalate.Permissions},
	{id: "iam-put-permissions-boundary", has: "capped", steps: "iam:PutUserPermissionsBoundary", gains: escalate.Permissions},
	{id: "iam-put-permissions-boundary", eve: "role", has: "capped", steps: "iam:PutRolePermissionsBoundary", gains: escalate.Permissions},
	{id: "iam-rewrite-permissions-boundary", has: "capped", steps: "iam:CreatePolicyVersion", gains: escalate.Permissions},
	{id: "organizations-detach-policy", has: "scp deny s3:GetObject; reader", steps: "organizations:DetachPolicy", gains: escalate.Permissions, maybe: true},
	{id: "kms-put-key-policy", has: "key", steps: "kms:PutKeyPolicy (kms:Decrypt)", gains: escalate.DataAccess},
	{id: "kms-create-grant", has: "key", steps: "kms:CreateGrant", gains: escalate.DataAccess},
	{id: "s3-put-bucket-policy", has: "bucket", steps: "s3:PutBucketPolicy (s3:GetObject)", gains: escalate.DataAccess},
	{id: "secretsmanager-put-resource-policy", has: "secret", steps: "secretsmanager:PutResourcePolicy (secretsmanager:GetSecretValue)", gains: escalate.DataAccess},
	{id: "iam-update-oidc-thumbprint", has: "provider", steps: "iam:UpdateOpenIDConnectProviderThumbprint", gains: admin, maybe: true},
	{id: "iam-add-oidc-client-id", has: "provider", steps: "iam:AddClientIDToOpenIDConnectProvider", gains: admin, maybe: true},
	{id: "iam-create-oidc-provider-and-trust", has: "boss; no assume", steps: "iam:CreateOpenIDConnectProvider iam:UpdateAssumeRolePolicy", gains: admin},
}

// needs are the actions that the attacker has to be allowed.
func (c *wayCase) needs() []string {
	var out []string
	for _, s := range strings.Fields(c.steps) {
		if !strings.HasPrefix(s, "(") {
			out = append(out, s)
		}
	}
	return out
}

// build makes the case's estate; statements come on top of the attacker's.
func (c *wayCase) build(t *testing.T, allowed []string, more ...string) *world {
	t.Helper()
	statements := append([]string{}, more...)
	for _, a := range allowed {
		statements = append(statements, allow(a, "*"))
	}
	var parts []string
	capped := false
	for _, part := range strings.Split(c.has, ";") {
		switch part = strings.TrimSpace(part); part {
		case "":
		case "capped":
			capped = true
			statements = append(statements, allow("s3:GetObject", "*"))
		case "reader":
			statements = append(statements, allow("s3:GetObject", "*"))
		case "no assume":
			statements = append(statements, statement("Deny", "sts:AssumeRole", "*"))
		default:
			parts = append(parts, part)
		}
	}
	if len(statements) == 0 {
		statements = []string{allow("sts:GetCallerIdentity", "*")}
	}
	eve := c.eve
	if eve == "" {
		eve = "user"
	}
	w := newWorld(t, eve, statements...)
	for _, part := range parts {
		if part == "deployer" {
			w.role("deployer", allow("sts:AssumeRole", "", "Service", "cloudformation.amazonaws.com"), allow("sts:AssumeRole", "*"))
			continue
		}
		w.part(part)
	}
	if capped {
		w.boundary("eve", append([]string{"iam:*"}, "sts:*")...)
	}
	return w
}

func pick(ps []escalate.Path, id string) *escalate.Path {
	for i := range ps {
		if ps[i].ID == id {
			return &ps[i]
		}
	}
	return nil
}

func actions(p *escalate.Path) []string {
	var out []string
	for _, s := range p.Steps {
		out = append(out, s.Request.Action)
	}
	return out
}

func ids(ps []escalate.Path) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.ID)
	}
	return out
}

// unfilled matches a hole of a way's texts; the ids that AWS makes up, which the
// World writes {aws_kms_key.k}, have a dot.
var unfilled = regexp.MustCompile(`\{[A-Za-z ]+\}`)

// Every way is found where it works, with exactly its requests, and what it
// gains is what the facts say.
func TestEveryWayIsFound(t *testing.T) {
	for _, c := range wayCases {
		t.Run(c.id+" "+c.has, func(t *testing.T) {
			got := c.build(t, c.needs()).find(c.opts)
			p := pick(got, c.id)
			if p == nil {
				t.Fatalf("not found; found %v", ids(got))
			}
			want := strings.Fields(strings.NewReplacer("(", "", ")", "").Replace(c.steps))
			if diff := cmp.Diff(want, actions(p)); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if p.Gains.Kind != c.gains {
				t.Errorf("gains %v, want %v\n%s", p.Gains.Kind, c.gains, p)
			}
			if (p.Certain == estate.Maybe) != c.maybe || p.Certain == estate.No {
				t.Errorf("certain is %v (%s)", p.Certain, p.Why)
			}
			if p.Certain == estate.Maybe && p.Why == "" {
				t.Error("is not certain and does not say why")
			}
			for _, s := range p.Steps {
				if s.Supposing == nil && len(s.Because) == 0 {
					t.Errorf("%s names no statement", s.Request.Action)
				}
			}
			if unfilled.MatchString(strings.ReplaceAll(p.String(), "{rand}", "")) {
				t.Errorf("a hole is not filled:\n%s", p)
			}
		})
	}
}

// Without any one of its permissions a way is gone.
func TestEveryPermissionIsNeeded(t *testing.T) {
	for _, c := range wayCases {
		for i, need := range c.needs() {
			t.Run(c.id+" without "+need, func(t *testing.T) {
				left := slices.Delete(slices.Clone(c.needs()), i, i+1)
				if p := pick(c.build(t, left).find(c.opts), c.id); p != nil {
					t.Errorf("still found:\n%s", p)
				}
			})
		}
	}
}

// An explicit Deny of any one of its requests stops a way, also of those that a
// rewritten policy allows.
func TestAnExplicitDenyStops(t *testing.T) {
	for _, c := range wayCases {
		for _, a := range strings.Fields(strings.NewReplacer("(", "", ")", "").Replace(c.steps)) {
			t.Run(c.id+" denied "+a, func(t *testing.T) {
				w := c.build(t, c.needs(), statement("Deny", a, "*"))
				if p := pick(w.find(c.opts), c.id); p != nil {
					t.Errorf("still found:\n%s", p)
				}
			})
		}
	}
}

// So does a boundary that does not allow it, for what no resource policy
// grants, and an SCP that denies it.
func TestBoundaryAndSCPStop(t *testing.T) {
	for _, c := range wayCases {
		if strings.Contains(c.has, "capped") || strings.Contains(c.has, "scp") {
			continue
		}
		for i, a := range c.needs() {
			t.Run(c.id+" bounded "+a, func(t *testing.T) {
				left := slices.Delete(slices.Clone(c.needs()), i, i+1)
				w := c.build(t, c.needs())
				w.boundary("eve", append(left, "tag:GetResources")...)
				if p := pick(w.find(c.opts), c.id); p != nil {
					t.Errorf("still found:\n%s", p)
				}
			})
			t.Run(c.id+" scp "+a, func(t *testing.T) {
				w := c.build(t, c.needs())
				w.part("scp deny " + a)
				if p := pick(w.find(c.opts), c.id); p != nil {
					t.Errorf("still found:\n%s", p)
				}
			})
		}
	}
}

// catalogue are the 65 paths of pathfinding.cloud that the facts of the project
// name, by the catalogue's ids.
const catalogue = `
iam-001 iam-002 iam-003 iam-004 iam-005 iam-006 iam-007 iam-008 iam-009 iam-010 iam-011 iam-012 iam-013 iam-014 iam-015
iam-016 iam-017 iam-018 iam-019 iam-020 iam-021 sts-001
ec2-001 ec2-002 ec2-003 ec2-004 ec2instanceconnect-003 ssm-001 ssm-002
lambda-001 lambda-002 lambda-003 lambda-004 lambda-005 lambda-006
ecs-001 ecs-002 ecs-003 ecs-004 ecs-005
cloudformation-001 cloudformation-002 cloudformation-003 cloudformation-004 cloudformation-005
codebuild-001 codebuild-002 codebuild-003 codebuild-004
glue-001 glue-002 glue-003 glue-004 glue-005 glue-006
sagemaker-001 sagemaker-002 sagemaker-003 sagemaker-004 sagemaker-005
apprunner-001 apprunner-002 datapipeline-001 bedrock-001 bedrock-002
`

// added are the ways that the project names beside them.
const added = `
iam-set-default-policy-version eks-pod-identity-association eks-create-access-entry iam-delete-permissions-boundary
iam-put-permissions-boundary kms-put-key-policy kms-create-grant s3-put-bucket-policy secretsmanager-put-resource-policy
iam-update-oidc-thumbprint iam-add-oidc-client-id iam-create-oidc-provider-and-trust codepipeline-create-pipeline
codestar-use-connection organizations-detach-policy
`

func TestTheCatalogueIsCovered(t *testing.T) {
	want := strings.Fields(catalogue)
	if len(want) != 65 {
		t.Fatalf("the catalogue has 65 paths; %d are listed here", len(want))
	}
	known, byID := map[string]bool{}, map[string]bool{}
	for _, w := range escalate.Ways() {
		if byID[w.ID] {
			t.Errorf("%s is there twice", w.ID)
		}
		byID[w.ID] = true
		for _, k := range w.Known {
			known[k] = true
		}
	}
	for _, id := range want {
		if !known[id] {
			t.Errorf("%s is missing", id)
		}
	}
	for _, id := range strings.Fields(added) {
		if !byID[id] {
			t.Errorf("%s is missing", id)
		}
	}
	tested := map[string]bool{}
	for _, c := range wayCases {
		tested[c.id] = true
	}
	for _, w := range escalate.Ways() {
		if !tested[w.ID] {
			t.Errorf("%s has no case in wayCases", w.ID)
		}
	}
}
