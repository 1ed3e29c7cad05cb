package escalate

// moreWays are not in the 65 of the catalogue: newer ones, those of EKS, and
// those that rewrite what guards data.
var moreWays = []way{
	{
		id: "eks-create-access-entry", kind: Cluster, over: overCluster, gain: prizeCluster,
		asks: []ask{
			{do: "eks:UpdateClusterConfig", on: "{cluster}", aside: "to make it take access entries", when: "config map"},
			{do: "eks:CreateAccessEntry", on: "{cluster}", with: []string{"eks:principalArn={me}", "eks:accessEntryType=STANDARD"}},
			{do: "eks:AssociateAccessPolicy", on: entryARN, free: true, with: []string{"eks:principalArn={me}", clusterAdmin, "eks:accessScope=cluster"}},
		},
		how: "AmazonEKSClusterAdminPolicy makes {name} administrator of the cluster",
	},
	{
		id: "eks-associate-access-policy", kind: Cluster, over: overCluster, gain: prizeCluster,
		asks: []ask{{
			do: "eks:AssociateAccessPolicy", on: entryARN, free: true, aside: "an entry that {name} has already", when: "entry",
			with: []string{"eks:principalArn={me}", clusterAdmin, "eks:accessScope=cluster"},
		}},
		how: "AmazonEKSClusterAdminPolicy makes {name} administrator of the cluster",
	},
	{
		id: "eks-pod-identity-association", kind: NewPassRole, service: "pods.eks.amazonaws.com", over: overClusterPass, gain: prizeTarget,
		asks: []ask{pass, {do: "eks:CreatePodIdentityAssociation", on: "{cluster}"}},
		how:  "a pod of the service account that is named runs as {target}", maybe: "it takes a pod in the cluster, running as that service account, and the Pod Identity agent on its node",
	},
	{
		id: "codepipeline-create-pipeline", kind: NewPassRole, service: "codepipeline.amazonaws.com", over: overPass, gain: prizeTarget,
		asks: []ask{pass, {do: "codepipeline:CreatePipeline", on: "arn:{partition}:codepipeline:{region}:{account}:new", free: true}},
		how:  "the pipeline's commands run as {target}",
	},
	{
		id: "codepipeline-update-pipeline", kind: NewPassRole, service: "codepipeline.amazonaws.com", over: overExistingPass, gain: prizeTarget,
		resource: []string{"aws_codepipeline"}, called: "a pipeline",
		asks: []ask{
			pass,
			{do: "codepipeline:UpdatePipeline", on: "arn:{partition}:codepipeline:{region}:{account}:{existing}", free: true},
			{do: "codepipeline:StartPipelineExecution", on: "arn:{partition}:codepipeline:{region}:{account}:{existing}", free: true},
		},
		how: "the pipeline's new commands run as {target}",
	},
	{
		id: "codestar-use-connection", kind: Data, service: "codebuild.amazonaws.com", over: overExistingPass, gain: prizeData,
		resource: []string{"aws_codestarconnections_connection", "aws_codeconnections_connection"}, called: "a connection to a code host",
		asks: []ask{
			pass,
			{do: "codestar-connections:UseConnection", on: "arn:{partition}:codestar-connections:{region}:{account}:connection/{existing}", free: true},
			createProject,
			{do: "codebuild:StartBuild", on: newProject, free: true},
		},
		how: "the build reads every repository that the connection reaches",
	},
	{
		id: "batch-submit-job", known: []string{"batch-001"}, kind: NewPassRole, service: "ecs-tasks.amazonaws.com", over: overExistingPass, gain: prizeTarget,
		resource: []string{"aws_batch_job_queue"}, called: "a job queue",
		asks: []ask{
			pass,
			{do: "batch:RegisterJobDefinition", on: batchARN + "job-definition/new:1", free: true},
			{do: "batch:SubmitJob", on: batchARN + "job-definition/new:1", also: []string{batchARN + "job-queue/{existing}"}, free: true},
		},
		how: "the job's image runs as {target}",
	},
	{
		id: "scheduler-create-schedule", known: []string{"scheduler-001"}, kind: NewPassRole, service: "scheduler.amazonaws.com", over: overPass, gain: prizeTarget,
		asks: []ask{pass, {do: "scheduler:CreateSchedule", on: "arn:{partition}:scheduler:{region}:{account}:schedule/default/new", free: true}},
		how:  "the API that the schedule names is called as {target}",
	},
	{
		id: "stepfunctions-create-and-start", known: []string{"stepfunctions-001"}, kind: NewPassRole, service: "states.amazonaws.com", over: overPass, gain: prizeTarget,
		asks: []ask{
			pass,
			{do: "states:CreateStateMachine", on: "arn:{partition}:states:{region}:{account}:stateMachine:new", free: true},
			{do: "states:StartExecution", on: "arn:{partition}:states:{region}:{account}:stateMachine:new", free: true},
		},
		how: "the APIs that its states name are called as {target}",
	},
	{
		id: "ssm-start-automation", known: []string{"ssm-003"}, kind: NewPassRole, service: "ssm.amazonaws.com", over: overPass, gain: prizeTarget,
		asks: []ask{
			pass,
			{do: "ssm:CreateDocument", on: "arn:{partition}:ssm:{region}:{account}:document/new", free: true},
			{do: "ssm:StartAutomationExecution", on: "arn:{partition}:ssm:{region}:{account}:automation-definition/new:1", free: true},
		},
		how: "the document's steps are done as {target}",
	},
	{
		id: "emr-run-job-flow", known: []string{"emr-001"}, kind: NewPassRole, service: "ec2.amazonaws.com", over: overPassProfile, gain: prizeTarget,
		asks:   []ask{pass, {do: "elasticmapreduce:RunJobFlow", on: "arn:{partition}:elasticmapreduce:{region}:{account}:cluster/j-0NEW", free: true}},
		how:    "the cluster's steps run as {target}",
		limits: []string{"a service role for EMR has to be passed too"},
	},
	{
		id: "iam-delete-permissions-boundary", kind: Self, over: overBoundary, gain: prizeNoCap,
		asks: []ask{{do: "iam:{DeleteBoundary}", on: "{me}", with: []string{"iam:PermissionsBoundary={boundary}"}, aside: "which is {name} itself"}},
		how:  "without the boundary",
	},
	{
		id: "iam-put-permissions-boundary", kind: Self, over: overBoundary, gain: prizeNoCap,
		asks: []ask{{
			do: "iam:{PutBoundary}", on: "{me}", aside: "which is {name} itself",
			with: []string{"iam:PermissionsBoundary=arn:{partition}:iam::aws:policy/AdministratorAccess"},
		}},
		how: "with AdministratorAccess as the boundary",
	},
	{
		id: "iam-rewrite-permissions-boundary", kind: Self, over: overBoundaryPolicy, gain: prizeNoCap,
		asks: []ask{{do: "iam:CreatePolicyVersion", on: "{policy}", aside: "which is {name}'s own boundary"}},
		how:  "with a version of the boundary that allows everything", limits: []string{fiveVersions},
	},
	{
		id: "organizations-detach-policy", kind: Self, over: overOrgPolicy, gain: prizeNoSCP,
		asks:  []ask{{do: "organizations:DetachPolicy", on: "{policy}", also: []string{"arn:{partition}:organizations::{account}:account/o-0/{account}"}, free: true, aside: "an SCP"}},
		how:   "without that SCP",
		maybe: "only the management account and a delegated administrator can, and no file says whether this is one",
	},
	{
		id: "kms-put-key-policy", kind: Data, over: overKey, gain: prizeUse,
		asks: []ask{
			{do: "kms:PutKeyPolicy", on: "{key}", aside: "whose new policy lets {name} use it"},
			{do: "kms:Decrypt", on: "{key}", supposing: opensToCaller},
		},
		how: "what is encrypted with the key",
	},
	{
		id: "kms-create-grant", kind: Data, over: overKey, gain: prizeUse,
		asks: []ask{{do: "kms:CreateGrant", on: "{key}", aside: "which grants {name} kms:Decrypt", with: []string{"kms:GrantOperations=Decrypt", "kms:GranteePrincipal={me}"}}},
		how:  "what is encrypted with the key",
	},
	{
		id: "s3-put-bucket-policy", kind: Data, over: overBucket, gain: prizeUse,
		asks: []ask{
			{do: "s3:PutBucketPolicy", on: "{bucket}", aside: "whose new policy lets {name} in"},
			{do: "s3:GetObject", on: "{bucket}/any", supposing: opensToCaller},
		},
		how: "every object of the bucket",
	},
	{
		id: "secretsmanager-put-resource-policy", kind: Data, over: overSecret, gain: prizeUse,
		asks: []ask{
			{do: "secretsmanager:PutResourcePolicy", on: "{secret}", aside: "whose new policy lets {name} in"},
			{do: "secretsmanager:GetSecretValue", on: "{secret}", supposing: opensToCaller},
		},
		how: "the value of the secret",
	},
	{
		id: "iam-update-oidc-thumbprint", kind: PrincipalAccess, over: overProvider, gain: prizeTarget,
		asks: []ask{{do: "iam:UpdateOpenIDConnectProviderThumbprint", on: "{provider}", aside: "which {target} trusts"}},
		how:  "a token signed by a stand-in for the issuer opens {target}", maybe: "it takes a stand-in for the issuer's host, and AWS does not look at the thumbprint of issuers whose certificate a well-known authority has signed",
	},
	{
		id: "iam-add-oidc-client-id", kind: PrincipalAccess, over: overProvider, gain: prizeTarget,
		asks: []ask{{do: "iam:AddClientIDToOpenIDConnectProvider", on: "{provider}", aside: "which {target} trusts"}},
		how:  "a token for another client of the issuer opens {target}", maybe: "it takes a token of the issuer whose claims the trust policy accepts",
	},
	{
		id: "iam-create-oidc-provider-and-trust", kind: PrincipalAccess, over: overRole, gain: prizeTarget,
		asks: []ask{
			{do: "iam:CreateOpenIDConnectProvider", on: "arn:{partition}:iam::{account}:oidc-provider/issuer.example", free: true, aside: "for an issuer of their own"},
			{do: "iam:UpdateAssumeRolePolicy", on: "{role}", aside: "whose new trust policy lets that issuer's tokens in"},
		},
		how:    "a token that they sign themselves opens {target}",
		unless: []string{"iam-update-assume-role-policy", "sts-assume-role"},
	},
}

const (
	batchARN     = "arn:{partition}:batch:{region}:{account}:"
	entryARN     = "arn:{partition}:eks:{region}:{account}:access-entry/{clustername}/{mekind}/{account}/{mename}/0new"
	clusterAdmin = "eks:policyArn=arn:{partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
)

// opensToCaller is the resource policy that an attacker writes.
const opensToCaller = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"{me}"}}}]}`

// ways are all of them, in the order in which they are listed.
var ways = allWays()

func allWays() []way {
	var out []way
	out = append(out, iamWays...)
	for _, w := range passWays {
		w.kind, w.gain = NewPassRole, prizeTarget
		out = append(out, w)
	}
	for _, w := range existingWays {
		if w.kind == 0 {
			w.kind = ExistingPassRole
		}
		w.gain = prizeTarget
		out = append(out, w)
	}
	return append(out, moreWays...)
}
