package escalate

// pass is the request that every new-PassRole way begins with. iam:PassRole is
// checked on the role, with the service as a condition key, when the API that
// takes the role is called (IAM User Guide, "Grant a user permissions to pass a
// role to an AWS service").
var pass = ask{do: "iam:PassRole", on: "{role}", with: []string{"iam:PassedToService={service}"}, aside: "which trusts {trusted}"}

// passWays pass a role to something new.
var passWays = []way{
	{
		id: "ec2-run-instances", known: []string{"ec2-001"}, service: "ec2.amazonaws.com", over: overPassProfile,
		asks: []ask{
			pass,
			{do: "iam:CreateInstanceProfile", on: "arn:{partition}:iam::{account}:instance-profile/new", free: true, when: "no profile"},
			{do: "iam:AddRoleToInstanceProfile", on: "arn:{partition}:iam::{account}:instance-profile/new", free: true, when: "no profile"},
			{do: "ec2:RunInstances", on: ec2ARN + "instance/i-0new", free: true, also: newInstance},
		},
		how: "what its user data says runs as {target}",
	},
	{
		id: "ec2-request-spot-instances", known: []string{"ec2-003"}, service: "ec2.amazonaws.com", over: overPassProfile,
		asks: []ask{
			pass,
			{do: "iam:CreateInstanceProfile", on: "arn:{partition}:iam::{account}:instance-profile/new", free: true, when: "no profile"},
			{do: "iam:AddRoleToInstanceProfile", on: "arn:{partition}:iam::{account}:instance-profile/new", free: true, when: "no profile"},
			{do: "ec2:RequestSpotInstances", on: ec2ARN + "spot-instances-request/sir-0new", free: true, also: newSpot},
		},
		how: "what its user data says runs as {target}",
	},
	{
		id: "lambda-create-and-invoke", known: []string{"lambda-001"}, service: "lambda.amazonaws.com", over: overPass,
		asks: []ask{pass, createFunction, {do: "lambda:InvokeFunction", on: newFunction, free: true}},
		how:  "the function runs as {target}",
	},
	{
		id: "lambda-create-and-event-source", known: []string{"lambda-002"}, service: "lambda.amazonaws.com", over: overPass,
		asks: []ask{pass, createFunction, {
			do: "lambda:CreateEventSourceMapping", on: "*", with: []string{"lambda:FunctionArn=" + newFunction},
		}},
		how:    "the function runs as {target} when a record comes",
		limits: []string{"the role has to be allowed to read the queue, stream or table, and something has to write to it"},
	},
	{
		id: "lambda-create-and-add-permission", known: []string{"lambda-006"}, service: "lambda.amazonaws.com", over: overPass,
		asks: []ask{pass, createFunction, {do: "lambda:AddPermission", on: newFunction, free: true}},
		how:  "another account calls the function, which runs as {target}",
	},
	{
		id: "ecs-create-cluster-and-service", known: []string{"ecs-001"}, service: "ecs-tasks.amazonaws.com", over: overPass,
		asks: []ask{pass, createCluster, registerTask, createService},
		how:  "the service's task runs as {target}", unless: []string{"ecs-create-service"},
	},
	{
		id: "ecs-create-cluster-and-run-task", known: []string{"ecs-002"}, service: "ecs-tasks.amazonaws.com", over: overPass,
		asks: []ask{pass, createCluster, registerTask, runTask},
		how:  "the task runs as {target}", unless: []string{"ecs-run-task"},
	},
	{
		id: "ecs-create-service", known: []string{"ecs-003"}, service: "ecs-tasks.amazonaws.com", over: overECSCluster,
		asks: []ask{pass, registerTask, createService},
		how:  "the service's task runs as {target}",
	},
	{
		id: "ecs-run-task", known: []string{"ecs-004"}, service: "ecs-tasks.amazonaws.com", over: overECSCluster,
		asks: []ask{pass, registerTask, runTask},
		how:  "the task runs as {target}",
	},
	{
		id: "ecs-start-task", known: []string{"ecs-005"}, service: "ecs-tasks.amazonaws.com", over: overECSCluster,
		asks:  []ask{pass, registerTask, {do: "ecs:StartTask", on: newTask, free: true, with: []string{"ecs:cluster={ecscluster}"}}},
		how:   "the task runs as {target}",
		maybe: "whether the cluster has a container instance to start it on is in no file",
	},
	{
		id: "cloudformation-create-stack", known: []string{"cloudformation-001"}, service: "cloudformation.amazonaws.com", over: overPass,
		asks: []ask{pass, {do: "cloudformation:CreateStack", on: "arn:{partition}:cloudformation:{region}:{account}:stack/new/*", free: true, with: []string{"cloudformation:RoleArn={role}"}}},
		how:  "what the template says is done as {target}",
	},
	{
		id: "cloudformation-create-stack-set", known: []string{"cloudformation-003"}, service: "cloudformation.amazonaws.com", over: overPassExecution,
		asks: []ask{
			pass,
			{do: "cloudformation:CreateStackSet", on: "arn:{partition}:cloudformation:{region}:{account}:stackset/new:*", free: true},
			{do: "cloudformation:CreateStackInstances", on: "arn:{partition}:cloudformation:{region}:{account}:stackset/new:*", free: true},
		},
		how: "what the template says is done as {target}, whom the passed role can assume",
	},
	{
		id: "codebuild-create-and-start-build", known: []string{"codebuild-001"}, service: "codebuild.amazonaws.com", over: overPass,
		asks: []ask{pass, createProject, {do: "codebuild:StartBuild", on: newProject, free: true}},
		how:  "the build runs as {target}",
	},
	{
		id: "codebuild-create-and-start-batch", known: []string{"codebuild-004"}, service: "codebuild.amazonaws.com", over: overPass,
		asks: []ask{pass, createProject, {do: "codebuild:StartBuildBatch", on: newProject, free: true}},
		how:  "the builds run as {target}",
	},
	{
		id: "glue-create-dev-endpoint", known: []string{"glue-001"}, service: "glue.amazonaws.com", over: overPass,
		asks: []ask{pass, {do: "glue:CreateDevEndpoint", on: glueARN + "devEndpoint/new", free: true}},
		how:  "who logs in to the endpoint with the key it was made with is {target}",
	},
	{
		id: "glue-create-job-and-run", known: []string{"glue-003"}, service: "glue.amazonaws.com", over: overPass,
		asks: []ask{pass, createJob, {do: "glue:StartJobRun", on: glueARN + "job/new", free: true}},
		how:  "the job's script runs as {target}",
	},
	{
		id: "glue-create-job-and-trigger", known: []string{"glue-004"}, service: "glue.amazonaws.com", over: overPass,
		asks: []ask{pass, createJob, createTrigger},
		how:  "the job's script runs as {target}",
	},
	{
		id: "glue-create-session", known: []string{"glue-007"}, service: "glue.amazonaws.com", over: overPass,
		asks: []ask{
			pass,
			{do: "glue:CreateSession", on: glueARN + "session/new", free: true},
			{do: "glue:RunStatement", on: glueARN + "session/new", free: true},
		},
		how: "the session's statements run as {target}",
	},
	{
		id: "sagemaker-create-notebook", known: []string{"sagemaker-001"}, service: "sagemaker.amazonaws.com", over: overPass,
		asks:   []ask{pass, {do: "sagemaker:CreateNotebookInstance", on: sageARN + "notebook-instance/new", free: true}},
		how:    "the notebook runs as {target}",
		limits: []string{"to enter the notebook takes sagemaker:CreatePresignedNotebookInstanceUrl, a lifecycle configuration or a repository that it opens"},
	},
	{
		id: "sagemaker-create-training-job", known: []string{"sagemaker-002"}, service: "sagemaker.amazonaws.com", over: overPass,
		asks: []ask{pass, {do: "sagemaker:CreateTrainingJob", on: sageARN + "training-job/new", free: true}},
		how:  "the job's image runs as {target}",
	},
	{
		id: "sagemaker-create-processing-job", known: []string{"sagemaker-003"}, service: "sagemaker.amazonaws.com", over: overPass,
		asks: []ask{pass, {do: "sagemaker:CreateProcessingJob", on: sageARN + "processing-job/new", free: true}},
		how:  "the job's image runs as {target}",
	},
	{
		id: "apprunner-create-service", known: []string{"apprunner-001"}, service: "apprunner.amazonaws.com", trusted: "tasks.apprunner.amazonaws.com", over: overPass,
		asks: []ask{pass, {do: "apprunner:CreateService", on: "arn:{partition}:apprunner:{region}:{account}:service/new/0new", free: true}},
		how:  "the service's image runs as {target}",
	},
	{
		id: "datapipeline-create-and-activate", known: []string{"datapipeline-001"}, service: "datapipeline.amazonaws.com", over: overPass,
		asks: []ask{
			pass,
			{do: "datapipeline:CreatePipeline", on: pipeARN, free: true},
			{do: "datapipeline:PutPipelineDefinition", on: pipeARN, free: true},
			{do: "datapipeline:ActivatePipeline", on: pipeARN, free: true},
		},
		how: "the pipeline's commands run as {target}",
	},
	{
		id: "bedrock-create-code-interpreter", known: []string{"bedrock-001"}, service: "bedrock-agentcore.amazonaws.com", over: overPass,
		asks: []ask{
			pass,
			{do: "bedrock-agentcore:CreateCodeInterpreter", on: interpreterARN + "new-0new", free: true},
			{do: "bedrock-agentcore:StartCodeInterpreterSession", on: interpreterARN + "new-0new", free: true},
			{do: "bedrock-agentcore:InvokeCodeInterpreter", on: interpreterARN + "new-0new", free: true},
		},
		how: "the interpreter's code runs as {target}",
	},
}

// Resources that do not exist yet; the names are the attacker's to choose.
const (
	ec2ARN         = "arn:{partition}:ec2:{region}:{account}:"
	glueARN        = "arn:{partition}:glue:{region}:{account}:"
	sageARN        = "arn:{partition}:sagemaker:{region}:{account}:"
	pipeARN        = "arn:{partition}:datapipeline:{region}:{account}:pipeline/df-0new"
	interpreterARN = "arn:{partition}:bedrock-agentcore:{region}:{account}:code-interpreter-custom/"
	newFunction    = "arn:{partition}:lambda:{region}:{account}:function:new"
	newProject     = "arn:{partition}:codebuild:{region}:{account}:project/new"
	newTask        = "arn:{partition}:ecs:{region}:{account}:task-definition/new:1"
)

// newInstance and newSpot are what else a call is authorised on (Service
// Authorization Reference, "Actions, resources, and condition keys for Amazon
// EC2"); the attacker may choose them too.
var (
	newInstance = []string{
		"arn:{partition}:ec2:{region}::image/ami-0new", ec2ARN + "network-interface/eni-0new", ec2ARN + "security-group/sg-0new",
		ec2ARN + "subnet/subnet-0new", ec2ARN + "volume/vol-0new",
	}
	newSpot = []string{
		"arn:{partition}:ec2:{region}::image/ami-0new", ec2ARN + "security-group/sg-0new", ec2ARN + "subnet/subnet-0new",
	}

	createFunction = ask{do: "lambda:CreateFunction", on: newFunction, free: true}
	createProject  = ask{do: "codebuild:CreateProject", on: newProject, free: true}
	createJob      = ask{do: "glue:CreateJob", on: glueARN + "job/new", free: true}
	createTrigger  = ask{do: "glue:CreateTrigger", on: glueARN + "trigger/new", free: true}
	createCluster  = ask{do: "ecs:CreateCluster", on: "{ecscluster}", free: true}
	registerTask   = ask{do: "ecs:RegisterTaskDefinition", on: newTask, free: true}
	createService  = ask{do: "ecs:CreateService", on: "arn:{partition}:ecs:{region}:{account}:service/new/new", free: true, with: []string{"ecs:cluster={ecscluster}"}}
	runTask        = ask{do: "ecs:RunTask", on: newTask, free: true, with: []string{"ecs:cluster={ecscluster}"}}
)
