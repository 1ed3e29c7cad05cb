package data

import (
	"slices"
	"strings"
	"time"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// bucket renders a bucket with an access point by which the pods reach it from
// the network alone.
func bucket(p *platform.Platform, s *platform.Store) []render.Resource {
	b := render.Bucket{
		Label: render.Label(s.Name), What: s.Name, Key: render.StoreKey(s),
		Days: objectDays(p, s), Tags: storeTags(p, s),
		Statements: perimeter(p, s),
		Controls:   append([]string{"data.s3-private", "data.at-rest", "data.object-lock", "data.retention", "data.classes"}, cardControls(p, s)...),
		Paths:      []string{from(s)},
	}
	if s.Lock.Mode != "" {
		b.Lock, b.LockDays = s.Lock.Mode, days(s.Lock.Keep)
	}
	label := render.Label(s.Name)
	return append(b.Blocks(p), accessPoint(p, s),
		terraform.Resource("aws_s3_bucket_logging", label,
			terraform.Set("bucket", terraform.Expr("aws_s3_bucket."+label+".id")),
			terraform.Set("target_bucket", render.AccessLogs+".id"),
			terraform.Set("target_prefix", terraform.Template("s3/${aws_s3_bucket."+label+".id}/")),
		).For("response.trail").From(from(s)))
}

// objectDays is how long objects are kept: as long as declared, else as long as
// they are locked, else as long as the data in them may be, and at most a year.
func objectDays(p *platform.Platform, s *platform.Store) int {
	keep := 365 * 24 * time.Hour
	switch {
	case s.Keep > 0:
		keep = s.Keep
	case s.Lock.Keep > 0:
		keep = s.Lock.Keep
	default:
		for _, name := range s.Holds {
			if d := p.Datum(name); d != nil && d.Keep > 0 {
				keep = min(keep, d.Keep)
			}
		}
	}
	return days(keep)
}

// perimeter keeps objects in the network and under their key, whatever IAM says:
// a stolen credential reads nothing from elsewhere. AWS's own services come from
// no network.
func perimeter(p *platform.Platform, s *platform.Store) []render.Statement {
	arn := "arn:aws:s3:::" + render.BucketName(p, s.Name)
	return []render.Statement{
		{
			Sid: "OnlyFromTheNetwork", Effect: "Deny", Principal: "*",
			Action:   []string{"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"},
			Resource: []any{arn + "/*"},
			Condition: []render.Condition{
				{Operator: "StringNotEqualsIfExists", Key: "aws:SourceVpc", Value: render.VPC},
				{Operator: "BoolIfExists", Key: "aws:ViaAWSService", Value: "false"},
				{Operator: "BoolIfExists", Key: "aws:PrincipalIsAWSService", Value: "false"},
				{Operator: "ArnNotLikeIfExists", Key: "aws:PrincipalArn", Value: []string{
					render.RoleARN(p, "backup"), render.RoleARN(p, "restore"), render.RoleARN(p, breakGlass),
					"arn:aws:iam::" + p.Account + ":role/aws-service-role/*",
				}},
			},
		},
		{
			Sid: "OnlyUnderItsKey", Effect: "Deny", Principal: "*",
			Action: []string{"s3:PutObject"}, Resource: []any{arn + "/*"},
			// Who names no key gets the bucket's own. A negated operator holds for a
			// key that is not there, with IfExists or without, so its presence is a
			// condition of its own.
			Condition: []render.Condition{
				{Operator: "Null", Key: "s3:x-amz-server-side-encryption-aws-kms-key-id", Value: "false"},
				{Operator: "StringNotEquals", Key: "s3:x-amz-server-side-encryption-aws-kms-key-id", Value: render.KeyARN(render.StoreKey(s))},
			},
		},
	}
}

// pointUsers are the services that use a bucket: those that say so, and those
// that ask for permissions on it.
func pointUsers(p *platform.Platform, s *platform.Store) []*platform.Service {
	var out []*platform.Service
	for i := range p.Services {
		svc := &p.Services[i]
		if len(objectActions(svc, s)) > 0 {
			out = append(out, svc)
		}
	}
	return out
}

// objectActions are what a service may do with objects of a bucket. What is
// locked is not deleted.
func objectActions(svc *platform.Service, s *platform.Store) []string {
	var out []string
	for _, u := range svc.Stores {
		if u.Store != s.Name {
			continue
		}
		out = append(out, "s3:GetObject")
		if u.Access == "write" {
			out = append(out, "s3:PutObject", "s3:AbortMultipartUpload")
			if s.Lock.Mode == "" {
				out = append(out, "s3:DeleteObject")
			}
		}
	}
	for _, perm := range svc.AWS {
		for _, a := range perm.Actions {
			if perm.On == s.Name && strings.HasPrefix(strings.ToLower(a), "s3:") && strings.Contains(a, "Object") && !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

// accessPoint is how pods reach the bucket.
func accessPoint(p *platform.Platform, s *platform.Store) *terraform.Block {
	name := render.Name(p, s.Name)
	arn := "arn:aws:s3:" + p.Region + ":" + p.Account + ":accesspoint/" + name
	label := render.Label(s.Name)
	var users []render.Statement
	var roles terraform.List
	for _, svc := range pointUsers(p, s) {
		role := render.ServiceRole(svc.Name) + ".arn"
		roles = append(roles, role)
		users = append(users, render.Statement{
			Sid: camel(svc.Name), Principal: terraform.Obj("AWS", role),
			Action: objectActions(svc, s), Resource: []any{arn + "/object/*"},
		})
	}
	if len(roles) > 0 {
		users = append(users, render.Statement{
			Sid: "NobodyElse", Effect: "Deny", Principal: "*", Action: []string{"s3:*"},
			Resource:  []any{arn, arn + "/object/*"},
			Condition: []render.Condition{{Operator: "ArnNotEquals", Key: "aws:PrincipalArn", Value: roles}},
		})
	}
	set, nest := terraform.Set, terraform.Nest
	body := []terraform.Entry{
		set("name", name),
		set("bucket", terraform.Expr("aws_s3_bucket."+label+".id")),
	}
	if len(users) > 0 {
		body = append(body, set("policy", render.Policy(users...)))
	}
	return terraform.Resource("aws_s3_access_point", label, append(body,
		nest("public_access_block_configuration",
			set("block_public_acls", true), set("block_public_policy", true),
			set("ignore_public_acls", true), set("restrict_public_buckets", true)),
		nest("vpc_configuration", set("vpc_id", render.VPC)),
	)...).For("data.s3-private").From(from(s))
}
