package escalate

// existingWays change or enter something that runs with a role already.
var existingWays = []way{
	{
		id: "lambda-update-code", known: []string{"lambda-003"}, over: overFunction,
		asks:   []ask{{do: "lambda:UpdateFunctionCode", on: "{function}"}},
		how:    "the new code runs as {target}, the next time that something calls the function",
		unless: []string{"lambda-update-code-and-invoke", "lambda-update-code-and-add-permission"},
	},
	{
		id: "lambda-update-code-and-invoke", known: []string{"lambda-004"}, over: overFunction,
		asks: []ask{{do: "lambda:UpdateFunctionCode", on: "{function}"}, {do: "lambda:InvokeFunction", on: "{function}"}},
		how:  "the new code runs as {target}",
	},
	{
		id: "lambda-update-code-and-add-permission", known: []string{"lambda-005"}, over: overFunction,
		asks: []ask{{do: "lambda:UpdateFunctionCode", on: "{function}"}, {do: "lambda:AddPermission", on: "{function}"}},
		how:  "another account calls the new code, which runs as {target}",
	},
	{
		id: "ec2-modify-user-data", known: []string{"ec2-002"}, over: overInstance,
		asks: []ask{
			{do: "ec2:StopInstances", on: "{instance}", aside: "{which}"},
			{do: "ec2:ModifyInstanceAttribute", on: "{instance}", aside: "{which}"},
			{do: "ec2:StartInstances", on: "{instance}", aside: "{which}"},
		},
		how: "the new user data runs as {target}",
	},
	{
		id: "ec2-launch-template-version", known: []string{"ec2-004"}, over: overTemplate,
		asks: []ask{
			{do: "ec2:CreateLaunchTemplateVersion", on: "{template}"},
			{do: "ec2:ModifyLaunchTemplate", on: "{template}", aside: "which makes the new version the default"},
		},
		how:    "the user data of the next instance runs as {target}",
		limits: []string{"it takes a new instance: one more is needed, or an old one replaced"},
	},
	{
		id: "ec2-instance-connect", known: []string{"ec2instanceconnect-003"}, over: overInstance,
		asks:   []ask{{do: "ec2-instance-connect:SendSSHPublicKey", on: "{instance}", aside: "{which}"}},
		how:    "who logs in with the key is {target}",
		limits: []string{"it takes a way to port 22 of the instance, and EC2 Instance Connect on it"},
	},
	{
		id: "ssm-start-session", known: []string{"ssm-001"}, over: overManaged,
		asks: []ask{{do: "ssm:StartSession", on: "{instance}", aside: "{which}", also: []string{"arn:{partition}:ssm:{region}:{account}:document/SSM-SessionManagerRunShell"}}},
		how:  "the shell runs as {target}", limits: []string{agentRuns},
	},
	{
		id: "ssm-send-command", known: []string{"ssm-002"}, over: overManaged,
		asks: []ask{{do: "ssm:SendCommand", on: "{instance}", aside: "{which}", also: []string{"arn:{partition}:ssm:{region}::document/AWS-RunShellScript"}}},
		how:  "the command runs as {target}", limits: []string{agentRuns},
	},
	{
		id: "codebuild-start-build", known: []string{"codebuild-002"}, over: overBuild,
		asks: []ask{{do: "codebuild:StartBuild", on: "{project}", aside: "with a buildspec of their own"}},
		how:  "the build runs as {target}",
	},
	{
		id: "codebuild-start-batch", known: []string{"codebuild-003"}, over: overBuild,
		asks: []ask{{do: "codebuild:StartBuildBatch", on: "{project}", aside: "with a buildspec of their own"}},
		how:  "the builds run as {target}",
	},
	{
		id: "ecs-execute-command", known: []string{"ecs-006"}, over: overTask,
		asks: []ask{{do: "ecs:ExecuteCommand", on: "arn:{partition}:ecs:{region}:{account}:task/{clustername}/0task", also: []string{"{ecscluster}"}, free: true}},
		how:  "the command runs as {target}", maybe: "whether ECS Exec is on for the task is not read",
	},
	{
		id: "cloudformation-update-stack", known: []string{"cloudformation-002"}, service: "cloudformation.amazonaws.com", over: overExisting,
		resource: []string{"aws_cloudformation_stack"}, called: "a stack",
		asks: []ask{{do: "cloudformation:UpdateStack", on: stackARN, free: true}},
		how:  "what the new template says is done as {target}",
	},
	{
		id: "cloudformation-change-set", known: []string{"cloudformation-005"}, service: "cloudformation.amazonaws.com", over: overExisting,
		resource: []string{"aws_cloudformation_stack"}, called: "a stack",
		asks: []ask{
			{do: "cloudformation:CreateChangeSet", on: stackARN, free: true},
			{do: "cloudformation:ExecuteChangeSet", on: stackARN, free: true},
		},
		how: "what the new template says is done as {target}",
	},
	{
		id: "cloudformation-update-stack-set", known: []string{"cloudformation-004"}, kind: NewPassRole, service: "cloudformation.amazonaws.com", over: overPassExecution,
		resource: []string{"aws_cloudformation_stack_set"}, called: "a stack set",
		asks: []ask{pass, {do: "cloudformation:UpdateStackSet", on: "arn:{partition}:cloudformation:{region}:{account}:stackset/{existing}:*", free: true}},
		how:  "what the new template says is done as {target}, whom the passed role can assume",
	},
	{
		id: "glue-update-dev-endpoint", known: []string{"glue-002"}, service: "glue.amazonaws.com", over: overExisting,
		resource: []string{"aws_glue_dev_endpoint"}, called: "a Glue endpoint",
		asks: []ask{{do: "glue:UpdateDevEndpoint", on: glueARN + "devEndpoint/{existing}", free: true}},
		how:  "who logs in to the endpoint with the new key is {target}",
	},
	{
		id: "glue-update-job-and-run", known: []string{"glue-005"}, kind: NewPassRole, service: "glue.amazonaws.com", over: overExistingPass,
		resource: []string{"aws_glue_job"}, called: "a Glue job",
		asks: []ask{pass, updateJob, {do: "glue:StartJobRun", on: glueARN + "job/{existing}", free: true}},
		how:  "the job's new script runs as {target}",
	},
	{
		id: "glue-update-job-and-trigger", known: []string{"glue-006"}, kind: NewPassRole, service: "glue.amazonaws.com", over: overExistingPass,
		resource: []string{"aws_glue_job"}, called: "a Glue job",
		asks: []ask{pass, updateJob, createTrigger},
		how:  "the job's new script runs as {target}",
	},
	{
		id: "sagemaker-presigned-notebook-url", known: []string{"sagemaker-004"}, service: "sagemaker.amazonaws.com", over: overExisting,
		resource: []string{"aws_sagemaker_notebook_instance"}, called: "a notebook instance",
		asks: []ask{{do: "sagemaker:CreatePresignedNotebookInstanceUrl", on: sageARN + "notebook-instance/{existing}", free: true}},
		how:  "the notebook that the address opens runs as {target}",
	},
	{
		id: "sagemaker-notebook-lifecycle", known: []string{"sagemaker-005"}, service: "sagemaker.amazonaws.com", over: overExisting,
		resource: []string{"aws_sagemaker_notebook_instance"}, called: "a notebook instance",
		asks: []ask{
			{do: "sagemaker:CreateNotebookInstanceLifecycleConfig", on: sageARN + "notebook-instance-lifecycle-config/new", free: true},
			{do: "sagemaker:StopNotebookInstance", on: sageARN + "notebook-instance/{existing}", free: true},
			{do: "sagemaker:UpdateNotebookInstance", on: sageARN + "notebook-instance/{existing}", free: true},
			{do: "sagemaker:StartNotebookInstance", on: sageARN + "notebook-instance/{existing}", free: true},
		},
		how: "the script that it starts with runs as {target}",
	},
	{
		id: "apprunner-update-service", known: []string{"apprunner-002"}, service: "apprunner.amazonaws.com", trusted: "tasks.apprunner.amazonaws.com", over: overExisting,
		resource: []string{"aws_apprunner_service"}, called: "an App Runner service",
		asks: []ask{{do: "apprunner:UpdateService", on: "arn:{partition}:apprunner:{region}:{account}:service/{existing}/0existing", free: true}},
		how:  "the service's new image runs as {target}",
	},
	{
		id: "bedrock-code-interpreter-session", known: []string{"bedrock-002"}, service: "bedrock-agentcore.amazonaws.com", over: overExisting,
		resource: []string{"aws_bedrockagentcore_code_interpreter"}, called: "a code interpreter",
		asks: []ask{
			{do: "bedrock-agentcore:StartCodeInterpreterSession", on: interpreterARN + "{existing}-0existing", free: true},
			{do: "bedrock-agentcore:InvokeCodeInterpreter", on: interpreterARN + "{existing}-0existing", free: true},
		},
		how: "the interpreter's code runs as {target}",
	},
}

const (
	agentRuns = "the SSM agent has to run on the instance"
	stackARN  = "arn:{partition}:cloudformation:{region}:{account}:stack/{existing}/0existing"
)

var updateJob = ask{do: "glue:UpdateJob", on: glueARN + "job/{existing}", free: true}
