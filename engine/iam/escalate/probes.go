package escalate

import (
	"slices"
	"strings"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// probe is a request that stands for a permission.
type probe struct {
	action, arn string
	ctx         iam.Context
}

func (r probe) request(p *person) *iam.Request {
	return &iam.Request{Principal: p.IAM, Action: r.action, Resource: r.arn, Context: r.ctx}
}

// adminProbes are requests over several services that hardly anybody but an
// administrator may make together. A service control policy or a Deny on a
// single service does not make an administrator something else; that is why
// none of them is exotic.
var adminProbes = [...][2]string{
	{"iam:CreateUser", "arn:{partition}:iam::{account}:user/any"},
	{"iam:AttachRolePolicy", "arn:{partition}:iam::{account}:role/any"},
	{"s3:DeleteObject", "arn:{partition}:s3:::any/any"},
	{"ec2:TerminateInstances", "arn:{partition}:ec2:{region}:{account}:instance/i-0any"},
	{"lambda:UpdateFunctionCode", "arn:{partition}:lambda:{region}:{account}:function:any"},
	{"dynamodb:DeleteTable", "arn:{partition}:dynamodb:{region}:{account}:table/any"},
	{"secretsmanager:GetSecretValue", "arn:{partition}:secretsmanager:{region}:{account}:secret:any"},
}

// telling are actions that show what a permission is good for: what reads and
// destroys data, what runs code, what changes permissions. The order is that in
// which they are named.
var telling = [...][2]string{
	{"iam:CreateAccessKey", "arn:{partition}:iam::{account}:user/any"},
	{"iam:AttachUserPolicy", "arn:{partition}:iam::{account}:user/any"},
	{"iam:AttachRolePolicy", "arn:{partition}:iam::{account}:role/any"},
	{"iam:PutRolePolicy", "arn:{partition}:iam::{account}:role/any"},
	{"iam:UpdateAssumeRolePolicy", "arn:{partition}:iam::{account}:role/any"},
	{"iam:CreatePolicyVersion", "arn:{partition}:iam::{account}:policy/any"},
	{"iam:PassRole", "arn:{partition}:iam::{account}:role/any"},
	{"iam:GetRole", "arn:{partition}:iam::{account}:role/any"},
	{"secretsmanager:GetSecretValue", "arn:{partition}:secretsmanager:{region}:{account}:secret:any"},
	{"secretsmanager:PutSecretValue", "arn:{partition}:secretsmanager:{region}:{account}:secret:any"},
	{"kms:Decrypt", "arn:{partition}:kms:{region}:{account}:key/any"},
	{"kms:CreateGrant", "arn:{partition}:kms:{region}:{account}:key/any"},
	{"kms:PutKeyPolicy", "arn:{partition}:kms:{region}:{account}:key/any"},
	{"s3:GetObject", "arn:{partition}:s3:::any/any"},
	{"s3:PutObject", "arn:{partition}:s3:::any/any"},
	{"s3:DeleteObject", "arn:{partition}:s3:::any/any"},
	{"s3:PutBucketPolicy", "arn:{partition}:s3:::any"},
	{"s3:ListBucket", "arn:{partition}:s3:::any"},
	{"dynamodb:GetItem", "arn:{partition}:dynamodb:{region}:{account}:table/any"},
	{"dynamodb:PutItem", "arn:{partition}:dynamodb:{region}:{account}:table/any"},
	{"dynamodb:DeleteTable", "arn:{partition}:dynamodb:{region}:{account}:table/any"},
	{"ssm:GetParameter", "arn:{partition}:ssm:{region}:{account}:parameter/any"},
	{"ssm:SendCommand", "arn:{partition}:ec2:{region}:{account}:instance/i-0any"},
	{"ssm:StartSession", "arn:{partition}:ec2:{region}:{account}:instance/i-0any"},
	{"rds:DeleteDBCluster", "arn:{partition}:rds:{region}:{account}:cluster:any"},
	{"rds:ModifyDBInstance", "arn:{partition}:rds:{region}:{account}:db:any"},
	{"rds-db:connect", "arn:{partition}:rds-db:{region}:{account}:dbuser:any/any"},
	{"sqs:ReceiveMessage", "arn:{partition}:sqs:{region}:{account}:any"},
	{"sqs:SendMessage", "arn:{partition}:sqs:{region}:{account}:any"},
	{"sns:Publish", "arn:{partition}:sns:{region}:{account}:any"},
	{"lambda:UpdateFunctionCode", "arn:{partition}:lambda:{region}:{account}:function:any"},
	{"lambda:InvokeFunction", "arn:{partition}:lambda:{region}:{account}:function:any"},
	{"ec2:RunInstances", "arn:{partition}:ec2:{region}:{account}:instance/*"},
	{"ec2:TerminateInstances", "arn:{partition}:ec2:{region}:{account}:instance/i-0any"},
	{"ec2:ModifyInstanceAttribute", "arn:{partition}:ec2:{region}:{account}:instance/i-0any"},
	{"ec2:AuthorizeSecurityGroupIngress", "arn:{partition}:ec2:{region}:{account}:security-group/sg-0any"},
	{"ec2:CreateNetworkInterface", "arn:{partition}:ec2:{region}:{account}:network-interface/*"},
	{"ec2:DeleteNetworkInterface", "arn:{partition}:ec2:{region}:{account}:network-interface/eni-0any"},
	{"ec2:DescribeInstances", "*"},
	{"ecr:PutImage", "arn:{partition}:ecr:{region}:{account}:repository/any"},
	{"ecr:BatchGetImage", "arn:{partition}:ecr:{region}:{account}:repository/any"},
	{"ecr:GetAuthorizationToken", "*"},
	{"eks:CreateAccessEntry", "arn:{partition}:eks:{region}:{account}:cluster/any"},
	{"eks:DescribeCluster", "arn:{partition}:eks:{region}:{account}:cluster/any"},
	{"ecs:RunTask", "arn:{partition}:ecs:{region}:{account}:task-definition/any:1"},
	{"ecs:RegisterTaskDefinition", "*"},
	{"codebuild:StartBuild", "arn:{partition}:codebuild:{region}:{account}:project/any"},
	{"cloudformation:UpdateStack", "arn:{partition}:cloudformation:{region}:{account}:stack/any/any"},
	{"logs:PutLogEvents", "arn:{partition}:logs:{region}:{account}:log-group:any:log-stream:any"},
	{"logs:DeleteLogGroup", "arn:{partition}:logs:{region}:{account}:log-group:any"},
	{"cloudtrail:StopLogging", "arn:{partition}:cloudtrail:{region}:{account}:trail/any"},
	{"route53:ChangeResourceRecordSets", "arn:{partition}:route53:::hostedzone/any"},
	{"ses:SendEmail", "arn:{partition}:ses:{region}:{account}:identity/any"},
	{"organizations:DetachPolicy", "*"},
}

// maxProbes bounds what stands for one principal.
const maxProbes = 160

// bestAllows is whether a principal may do something, with the condition keys
// that it can give.
func (f *finder) bestAllows(p *person, r probe) estate.Truth {
	best := estate.No
	for _, c := range f.contexts(p, r.action, r.ctx) {
		t := f.allows(p, r.action, r.arn, c.Context)
		if c.uncertain() {
			t = t.And(estate.Maybe)
		}
		best = best.Or(t)
		if best == estate.Yes {
			break
		}
	}
	return best
}

func (f *finder) probe(p *person, action, on string) probe {
	h := map[string]string{"partition": partitionOf(p.arn), "region": f.region, "account": p.IAM.Account}
	return probe{action: action, arn: fill(on, h), ctx: f.context(&ask{do: action}, h)}
}

// isAdmin says whether a principal may do everything.
func (f *finder) isAdmin(p *person) estate.Truth {
	if p.admin != nil {
		return *p.admin
	}
	t := estate.Yes
	for _, a := range adminProbes {
		if t = t.And(f.bestAllows(p, f.probe(p, a[0], a[1]))); t == estate.No {
			break
		}
	}
	p.admin = &t
	return t
}

// afterAdmin says whether a principal that was given everything may do
// everything, and else what is in the way.
func (f *finder) afterAdmin(p *person) (estate.Truth, obstacle) {
	if p.given == nil {
		p.given = &afterward{t: estate.Yes}
		for _, a := range adminProbes {
			r := f.probe(p, a[0], a[1])
			if u, o := f.after(p, r.action, r.arn, r.ctx); u < p.given.t {
				*p.given = afterward{u, o}
			}
		}
	}
	return p.given.t, p.given.by
}

// afterward is what a principal may do once it was given everything.
type afterward struct {
	t  estate.Truth
	by obstacle
}

// stands returns requests that stand for what a principal may do, each of which
// it may, or may perhaps, do.
func (f *finder) stands(p *person) []probe {
	if p.repsRead {
		return p.reps
	}
	p.repsRead = true
	perms, _ := f.permissions(p)
	for i := range perms {
		if perms[i].Effect != iam.Allow || perms[i].Truth == estate.No {
			continue
		}
		for _, r := range f.standsFor(p, &perms[i]) {
			if len(p.reps) < maxProbes && !has(p.reps, r) && f.bestAllows(p, r) != estate.No {
				p.reps = append(p.reps, r)
			}
		}
	}
	return p.reps
}

func has(rs []probe, r probe) bool {
	return slices.ContainsFunc(rs, func(x probe) bool { return x.action == r.action && x.arn == r.arn })
}

// standsFor makes requests that stand for a statement.
func (f *finder) standsFor(p *person, s *access.Permission) []probe {
	var out []probe
	for _, t := range telling {
		if speaksOf(s.Actions, s.NotActions, t[0]) {
			out = append(out, f.onResources(p, s, t[0], t[1])...)
		}
	}
	for _, a := range s.Actions {
		if a != "*" && !slices.ContainsFunc(telling[:], func(t [2]string) bool { return globFold(a, t[0]) }) {
			out = append(out, f.onResources(p, s, strings.NewReplacer("*", "", "?", "a").Replace(a), "")...)
		}
	}
	return out
}

// onResources are the action on the resources that a statement is about: on
// those of the estate where they are among them, else on one that fits.
func (f *finder) onResources(p *person, s *access.Permission, action, on string) []probe {
	r := f.probe(p, action, on)
	service, _, _ := strings.Cut(action, ":")
	var out []probe
	add := func(arn string) {
		if x := (probe{action, arn, r.ctx}); !has(out, x) {
			out = append(out, x)
		}
	}
	for _, arn := range f.declared(service, on) {
		if about(s, arn) {
			add(arn)
			break
		}
	}
	if on != "" && about(s, r.arn) {
		add(r.arn)
		return out
	}
	for _, pattern := range s.Resources {
		arn, ok := plainly(pattern), true
		if pattern == "*" {
			arn = pattern
		}
		if on != "" && on != "*" {
			arn, ok = meet(pattern, strings.ReplaceAll(r.arn, "any", "*"))
		}
		if ok && len(out) < 4 {
			add(arn)
		}
	}
	if len(s.Resources) == 0 && on == "" {
		add("*")
	}
	return out
}

func about(s *access.Permission, arn string) bool {
	for _, r := range s.Resources {
		if glob(r, arn) {
			return true
		}
	}
	if len(s.NotResources) == 0 {
		return false
	}
	for _, r := range s.NotResources {
		if glob(r, arn) {
			return false
		}
	}
	return true
}

// declared are ARNs of the estate's own resources for an action, those whose
// loss hurts most first.
func (f *finder) declared(service, on string) []string {
	var out []string
	add := func(r estate.Resource, suffix string) {
		if arn := f.arn(r); arn != "" {
			out = append(out, arn+suffix)
		}
	}
	switch {
	case service == "secretsmanager":
		for _, r := range estate.All[*estate.Secret](f.e) {
			add(r, "")
		}
	case service == "kms":
		for _, r := range estate.All[*estate.KMSKey](f.e) {
			add(r, "")
		}
	case service == "dynamodb":
		for _, r := range estate.All[*estate.Table](f.e) {
			add(r, "")
		}
	case service == "s3":
		suffix := ""
		if strings.HasSuffix(on, "/any") {
			suffix = "/any"
		}
		for _, r := range estate.All[*estate.Bucket](f.e) {
			add(r, suffix)
		}
	}
	return out
}
