package access

import (
	"strings"

	"fathom/estate"
)

// arn returns a resource's ARN, and false for one that no policy can name. It
// is the one that a plan or state knows, or else made of its type and name as
// the Service Authorization Reference lists them ("Resource types"); what of a
// name is not known is a stand-in.
func (n *names) arn(r estate.Resource) (string, bool) {
	b := r.Meta()
	if a, ok := n.arns[b.ID]; ok {
		return a, a != ""
	}
	if n.ready { // of another estate
		a := n.makeARN(r)
		return a, a != ""
	}
	n.arns[b.ID] = "" // a name that is made of itself
	a := n.makeARN(r)
	n.arns[b.ID] = a
	return a, a != ""
}

func (n *names) makeARN(r estate.Resource) string {
	b := r.Meta()
	s := shapeOf(r)
	if s.service == "" {
		return ""
	}
	for _, k := range b.Keys {
		if strings.HasPrefix(k, "arn:") && strings.Contains(k, ":"+s.service+":") {
			return k
		}
	}
	var region, account string
	if !s.global {
		region = n.region(b)
	}
	if !s.shared {
		account = n.account(b)
	}
	path := ""
	if !s.path.Absent() {
		path = strings.Trim(n.text(b, s.path), "/")
		if path != "" {
			path += "/"
		}
	}
	name := n.text(b, s.name)
	if s.strip != "" {
		name = strings.TrimPrefix(name, s.strip)
	}
	if s.name.Absent() {
		name = n.unnamed(b, s.prefix)
	}
	return "arn:" + n.partition(b) + ":" + s.service + ":" + region + ":" + account + ":" + s.before + path + name + n.suffix(r, s)
}

// shape is how the ARNs of a type of resource are written.
type shape struct {
	service string
	before  string // role/
	path    estate.Str
	name    estate.Str
	prefix  estate.Str // of a name that AWS completes
	strip   string     // what of the name is not in the ARN
	global  bool       // no region
	shared  bool       // no account
	random  int        // characters that AWS adds after a hyphen
}

// shapeOf returns the shape of a resource's ARN; the zero shape has none.
func shapeOf(r estate.Resource) shape {
	switch r := r.(type) {
	case *estate.Role:
		return shape{service: "iam", before: "role/", path: r.Path, name: r.RoleName, global: true}
	case *estate.User:
		return shape{service: "iam", before: "user/", path: r.Path, name: r.UserName, global: true}
	case *estate.Group:
		return shape{service: "iam", before: "group/", path: r.Path, name: r.GroupName, global: true}
	case *estate.IAMPolicy:
		return shape{service: "iam", before: "policy/", path: r.Path, name: r.PolicyName, global: true}
	case *estate.InstanceProfile:
		return shape{service: "iam", before: "instance-profile/", path: r.Path, name: r.ProfileName, global: true}
	case *estate.OIDCProvider:
		return shape{service: "iam", before: "oidc-provider/", name: r.URL.Str, strip: "https://", global: true}
	case *estate.SAMLProvider:
		return shape{service: "iam", before: "saml-provider/", global: true}
	case *estate.PermissionSet:
		return shape{service: "iam", before: "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_", name: r.SetName, global: true, random: 16}
	case *estate.Bucket:
		return shape{service: "s3", name: r.BucketName, prefix: r.Prefix, global: true, shared: true}
	case *estate.AccessPoint:
		return shape{service: "s3", before: "accesspoint/"}
	case *estate.KMSKey:
		return shape{service: "kms", before: "key/", name: r.KeyID}
	case *estate.KMSAlias:
		return shape{service: "kms", name: r.Alias}
	case *estate.Secret:
		return shape{service: "secretsmanager", before: "secret:", name: r.SecretName, random: 6}
	case *estate.SSMParameter:
		return shape{service: "ssm", before: "parameter/", name: r.Parameter, strip: "/"}
	case *estate.SSMDocument:
		return shape{service: "ssm", before: "document/", name: r.Document}
	case *estate.Queue:
		return shape{service: "sqs", name: r.QueueName}
	case *estate.Topic:
		return shape{service: "sns", name: r.TopicName}
	case *estate.Table:
		return shape{service: "dynamodb", before: "table/", name: r.TableName}
	case *estate.Lambda:
		return shape{service: "lambda", before: "function:", name: r.Function}
	}
	return shapeOfCompute(r)
}

func shapeOfCompute(r estate.Resource) shape {
	switch r := r.(type) {
	case *estate.Repository:
		return shape{service: "ecr", before: "repository/", name: r.RepositoryName}
	case *estate.EKSCluster:
		return shape{service: "eks", before: "cluster/", name: r.ClusterName}
	case *estate.ECSTask:
		return shape{service: "ecs", before: "task-definition/"}
	case *estate.ECSService:
		return shape{service: "ecs", before: "service/"}
	case *estate.DBInstance:
		return shape{service: "rds", before: "db:", name: r.Identifier}
	case *estate.DBCluster:
		return shape{service: "rds", before: "cluster:", name: r.Identifier}
	case *estate.CacheGroup:
		return shape{service: "elasticache", before: "replicationgroup:", name: r.GroupID}
	case *estate.Stream:
		return shape{service: "kafka", before: "cluster/", name: r.ClusterName, random: 38}
	case *estate.Search:
		return shape{service: "es", before: "domain/", name: r.Domain}
	case *estate.Redshift:
		return shape{service: "redshift", before: "cluster:", name: r.ClusterID}
	case *estate.FileSystem:
		return shape{service: "elasticfilesystem", before: "file-system/"}
	case *estate.BackupVault:
		return shape{service: "backup", before: "backup-vault:", name: r.VaultName}
	case *estate.LogGroup:
		return shape{service: "logs", before: "log-group:", name: r.GroupName}
	case *estate.Trail:
		return shape{service: "cloudtrail", before: "trail/", name: r.TrailName}
	case *estate.StateMachine:
		return shape{service: "states", before: "stateMachine:"}
	case *estate.EventRule:
		return shape{service: "events", before: "rule/", name: r.RuleName}
	case *estate.BuildProject:
		return shape{service: "codebuild", before: "project/"}
	case *estate.Instance:
		return shape{service: "ec2", before: "instance/"}
	case *estate.LaunchTemplate:
		return shape{service: "ec2", before: "launch-template/"}
	case *estate.SecurityGroup:
		return shape{service: "ec2", before: "security-group/"}
	case *estate.Subnet:
		return shape{service: "ec2", before: "subnet/"}
	case *estate.VPC:
		return shape{service: "ec2", before: "vpc/"}
	case *estate.Volume:
		return shape{service: "ec2", before: "volume/"}
	case *estate.Distribution:
		return shape{service: "cloudfront", before: "distribution/", global: true}
	case *estate.PrivateCA:
		return shape{service: "acm-pca", before: "certificate-authority/"}
	}
	return shape{}
}

// suffix is what AWS adds to a name: an id, or random letters.
func (n *names) suffix(r estate.Resource, s shape) string {
	switch {
	case s.random == 0:
		return ""
	case s.service == "kafka":
		return "/" + n.made(r.Meta(), "id")
	case s.service == "iam": // AWSReservedSSO_NAME_0123456789abcdef
		return "_(aws.sso.suffix)" // sixteen letters, as AWS's are
	}
	return "-(rand)" // six letters, as AWS's are: policies write -??????
}
