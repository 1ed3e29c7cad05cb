package permit

import "strings"

// wellKnown are actions that a pattern may stand for in an example, the most
// telling first, as AWS writes them. It is for readability only: no decision
// depends on it.
var wellKnown = map[string]string{
	"s3":                "GetObject PutObject DeleteObject ListBucket PutBucketPolicy DeleteBucketPolicy GetBucketPolicy DeleteBucket CreateBucket ListAllMyBuckets PutObjectAcl GetObjectVersion",
	"ec2":               "RunInstances TerminateInstances StopInstances StartInstances DescribeInstances CreateTags DeleteSecurityGroup AuthorizeSecurityGroupIngress CreateVpc DeleteVpc AttachVolume CreateSnapshot CreateTransitGatewayPeeringAttachment DeleteTransitGateway AttachInternetGateway",
	"iam":               "PassRole CreateUser CreateRole AttachRolePolicy PutRolePolicy CreatePolicyVersion CreateAccessKey DeletePolicy UpdateAssumeRolePolicy UpdateSAMLProvider GetRole ListRoles",
	"sts":               "AssumeRole AssumeRoleWithWebIdentity AssumeRoleWithSAML TagSession SetSourceIdentity GetCallerIdentity GetFederationToken",
	"kms":               "Decrypt Encrypt GenerateDataKey PutKeyPolicy CreateGrant ScheduleKeyDeletion DescribeKey",
	"lambda":            "InvokeFunction CreateFunction UpdateFunctionCode DeleteFunction AddPermission GetFunction",
	"dynamodb":          "GetItem PutItem UpdateItem DeleteItem Query Scan DeleteTable CreateTable DescribeTable",
	"sqs":               "SendMessage ReceiveMessage DeleteMessage DeleteQueue CreateQueue SetQueueAttributes",
	"sns":               "Publish Subscribe DeleteTopic CreateTopic SetTopicAttributes",
	"secretsmanager":    "GetSecretValue PutSecretValue DeleteSecret CreateSecret PutResourcePolicy DescribeSecret",
	"ssm":               "GetParameter GetParameters PutParameter StartSession SendCommand",
	"rds":               "DeleteDBInstance CreateDBInstance ModifyDBInstance DescribeDBInstances CreateDBSnapshot",
	"ecs":               "RunTask ExecuteCommand UpdateService DeleteCluster RegisterTaskDefinition DescribeTasks",
	"eks":               "DescribeCluster DeleteCluster UpdateClusterConfig AccessKubernetesApi CreateAccessEntry",
	"ecr":               "GetDownloadUrlForLayer BatchGetImage PutImage DeleteRepository GetAuthorizationToken",
	"logs":              "CreateLogGroup CreateLogStream PutLogEvents DeleteLogGroup GetLogEvents FilterLogEvents",
	"cloudwatch":        "PutMetricData GetMetricData PutMetricAlarm DeleteAlarms",
	"cloudformation":    "CreateStack UpdateStack DeleteStack DescribeStacks ExecuteChangeSet",
	"cloudtrail":        "StopLogging DeleteTrail UpdateTrail CreateTrail LookupEvents",
	"cloudfront":        "UpdateDistribution CreateInvalidation DeleteDistribution GetDistribution",
	"route53":           "ChangeResourceRecordSets ListHostedZones DeleteHostedZone",
	"elasticfilesystem": "ClientMount ClientWrite DeleteFileSystem CreateFileSystem",
	"rolesanywhere":     "DisableProfile UpdateProfile DeleteProfile CreateProfile",
	"organizations":     "DetachPolicy DeletePolicy LeaveOrganization DescribeOrganization",
	"events":            "PutEvents PutRule DeleteRule",
	"kinesis":           "PutRecord GetRecords DeleteStream",
	"states":            "StartExecution StopExecution DeleteStateMachine",
	"execute-api":       "Invoke ManageConnections InvalidateCache",
	"glue":              "GetTable StartJobRun CreateJob DeleteTable",
	"athena":            "StartQueryExecution GetQueryResults",
	"codebuild":         "StartBuild CreateProject UpdateProject",
	"wafv2":             "UpdateWebACL DeleteWebACL GetWebACL",
	"elasticache":       "DeleteCacheCluster CreateCacheCluster Connect",
	"kafka":             "DeleteCluster CreateCluster DescribeCluster",
	"backup":            "DeleteRecoveryPoint StartRestoreJob DeleteBackupVault",
	"guardduty":         "DeleteDetector UpdateDetector ListFindings",
}

// firstServices are those whose actions an Action "*" is shown by.
var firstServices = []string{"s3", "ec2", "iam", "kms", "sts", "lambda", "dynamodb"}

// actionsLike are well-known actions that a pattern takes.
func actionsLike(text string) []string {
	services, name := firstServices, "*"
	if service, rest, ok := strings.Cut(text, ":"); ok {
		services, name = []string{strings.ToLower(service)}, rest
	}
	l := newLanguage(newAlphabet(), []pattern{glob(strings.ToLower(name), 0)}, false)
	var out []string
	for _, s := range services {
		for _, a := range strings.Fields(wellKnown[s]) {
			if l.has(strings.ToLower(a)) {
				out = append(out, s+":"+a)
			}
		}
	}
	return out
}

// typical are ARNs of what a service's actions are done on.
var typical = map[string][]string{
	"s3":             {"arn:aws:s3:::example-bucket/example", "arn:aws:s3:::example-bucket"},
	"iam":            {"arn:aws:iam::111111111111:role/Example", "arn:aws:iam::111111111111:user/example"},
	"sts":            {"arn:aws:iam::111111111111:role/Example"},
	"ec2":            {"arn:aws:ec2:eu-west-1:111111111111:instance/i-0123456789abcdef0"},
	"kms":            {"arn:aws:kms:eu-west-1:111111111111:key/11111111-2222-3333-4444-555555555555"},
	"lambda":         {"arn:aws:lambda:eu-west-1:111111111111:function:example"},
	"dynamodb":       {"arn:aws:dynamodb:eu-west-1:111111111111:table/example"},
	"secretsmanager": {"arn:aws:secretsmanager:eu-west-1:111111111111:secret:example-AbCdEf"},
	"rds":            {"arn:aws:rds:eu-west-1:111111111111:db:example"},
	"ecs":            {"arn:aws:ecs:eu-west-1:111111111111:cluster/example"},
	"logs":           {"arn:aws:logs:eu-west-1:111111111111:log-group:example"},
}
