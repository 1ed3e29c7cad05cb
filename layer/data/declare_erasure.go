package data

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// asking is one store that a subject's data is in, and the service that is asked
// to export it and, where erased says so, to erase it.
type asking struct {
	store  *platform.Store
	by     *platform.Service
	erased bool
}

// asked are the stores that hold data about people. The service that is asked is
// the one that writes: that of the store's own team, or else the first by name.
// Streams are left out: a topic ends by itself, and what it holds came from a
// store. Nobody is asked to erase what the declaration gives no right to have
// erased, nor locked objects, which nobody can erase before their time.
func asked(p *platform.Platform) []asking {
	var out []asking
	for i := range p.Stores {
		s := &p.Stores[i]
		if s.Engine == platform.Kafka || !aboutPeople(p, s) {
			continue
		}
		if by := writer(p, s); by != nil {
			out = append(out, asking{s, by, within(p, s) > 0 && !locked(s)})
		}
	}
	return out
}

// erasable are those of them that somebody may have erased.
func erasable(p *platform.Platform) []asking {
	return slices.DeleteFunc(asked(p), func(a asking) bool { return !a.erased })
}

// aboutPeople says whether a store holds personal data. Card numbers are no part
// of an answer to their holder: they would only be one more place to steal them.
func aboutPeople(p *platform.Platform, s *platform.Store) bool {
	return slices.ContainsFunc(s.Holds, func(name string) bool {
		d := p.Datum(name)
		return d != nil && (d.Class == platform.Personal || d.Class == platform.Health)
	})
}

// within is how soon a store's data has to be erased; 0 where nobody may ask.
func within(p *platform.Platform, s *platform.Store) time.Duration {
	var out time.Duration
	for _, name := range s.Holds {
		if d := p.Datum(name); d != nil && d.EraseWithin > 0 && (out == 0 || d.EraseWithin < out) {
			out = d.EraseWithin
		}
	}
	return out
}

func locked(s *platform.Store) bool { return s.Lock.Mode != "" }

func writer(p *platform.Platform, s *platform.Store) *platform.Service {
	var first *platform.Service
	for _, u := range p.Users(s.Name) {
		if u.Use.Access != "write" && len(u.Use.Produce) == 0 {
			continue
		}
		if u.By.Owner == s.Owner {
			return u.By
		}
		if first == nil {
			first = u.By
		}
	}
	return first
}

// askedServices are the services that are asked, each once, by name.
func askedServices(list []asking) []*platform.Service {
	var out []*platform.Service
	for _, a := range list {
		if !slices.Contains(out, a.by) {
			out = append(out, a.by)
		}
	}
	slices.SortFunc(out, func(a, b *platform.Service) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// deadline is the shortest time in which anything has to be erased.
func deadline(p *platform.Platform) time.Duration {
	var out time.Duration
	for _, a := range erasable(p) {
		if w := within(p, a.store); out == 0 || w < out {
			out = w
		}
	}
	return out
}

// erasure renders how one person's data is exported and erased: a workflow asks
// each service that keeps some to do it, waits for its answer, and keeps a ledger
// of what was erased, which a second workflow goes through again after a restore:
// a backup brings back whom it was made before. What the services do with their
// task is their code's business.
func erasure(p *platform.Platform) []render.Resource {
	if len(erasable(p)) == 0 {
		return nil
	}
	list := asked(p)
	out := ledger(p)
	for _, svc := range askedServices(list) {
		out = append(out, queueOf(p, svc)...)
	}
	out = append(out, workflow(p, list)...)
	out = append(out, replay(p)...)
	return in(erasureFile, append(out, exports(p, list)...))
}

const subject = "data.subject-rights"

// remembered is how long an erasure is remembered: until no backup is left that
// was made before it.
func remembered(p *platform.Platform) time.Duration {
	var out time.Duration
	for i := range p.Stores {
		out = max(out, p.Stores[i].Backup.Keep)
	}
	return out + 7*24*time.Hour
}

// ledgerBackup is how the ledger itself is backed up.
var ledgerBackup = platform.Backup{Every: 24 * time.Hour, Keep: 35 * 24 * time.Hour, Immutable: 14 * 24 * time.Hour}

func ledgerGuarded(p *platform.Platform) guarded {
	return guarded{
		name: "erasures", address: "aws_dynamodb_table.erasures", key: "stores", backup: ledgerBackup, path: "data",
		arn: "arn:aws:dynamodb:" + p.Region + ":" + p.Account + ":table/" + render.Name(p, "erasures"),
	}
}

// ledger is the table of erasures.
func ledger(p *platform.Platform) []render.Resource {
	set, nest := terraform.Set, terraform.Nest
	return []render.Resource{terraform.Resource("aws_dynamodb_table", "erasures",
		set("name", render.Name(p, "erasures")),
		set("billing_mode", "PAY_PER_REQUEST"),
		set("hash_key", "subject"),
		set("deletion_protection_enabled", true),
		set("tags", terraform.Obj("Name", render.Name(p, "erasures"), render.TagClass, string(platform.Personal))),
		nest("attribute", set("name", "subject"), set("type", "S")),
		nest("point_in_time_recovery", set("enabled", true)),
		nest("server_side_encryption", set("enabled", true), set("kms_key_arn", render.KeyARN("stores"))),
		nest("ttl", set("attribute_name", "until"), set("enabled", true)),
	).For(subject, "data.retention").From("data").
		Note("who was erased, by a pseudonym, until no backup is left that was made before (" +
			strconv.Itoa(days(remembered(p))) + " days)")}
}

// queueOf is where a service finds what it has to do, and which only it reads.
func queueOf(p *platform.Platform, svc *platform.Service) []render.Resource {
	label := "subjects_" + render.Label(svc.Name)
	set := terraform.Set
	queue := func(label, name string, more ...terraform.Entry) *terraform.Block {
		return terraform.Resource("aws_sqs_queue", label, append([]terraform.Entry{
			set("name", name),
			set("kms_master_key_id", terraform.Expr("aws_kms_key.stores.key_id")),
			set("message_retention_seconds", 14*24*60*60),
		}, more...)...).For(subject).From("services."+svc.Name, "data")
	}
	name := render.Short(70, p, "subjects", svc.Name)
	arn := terraform.Expr("aws_sqs_queue." + label + ".arn")
	return []render.Resource{
		queue(label+"_dead", name+"-dead"),
		queue(label, name,
			set("visibility_timeout_seconds", 15*60),
			set("redrive_policy", terraform.JSON(terraform.Obj(
				"deadLetterTargetArn", terraform.Expr("aws_sqs_queue."+label+"_dead.arn"), "maxReceiveCount", 5,
			)))),
		terraform.Resource("aws_sqs_queue_policy", label,
			set("queue_url", terraform.Expr("aws_sqs_queue."+label+".id")),
			set("policy", render.Policy(
				render.Statement{
					Sid: "Asked", Principal: terraform.Obj("AWS", terraform.Expr("aws_iam_role.subjects.arn")),
					Action: []string{"sqs:SendMessage"}, Resource: []any{arn},
				},
				render.Statement{
					Sid: "Done", Principal: serviceRole(svc),
					Action: []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}, Resource: []any{arn},
				},
				render.Statement{
					Sid: "OnlyTLS", Effect: "Deny", Principal: "*", Action: []string{"sqs:*"}, Resource: []any{arn},
					Condition: []render.Condition{{Operator: "Bool", Key: "aws:SecureTransport", Value: "false"}},
				},
			)),
		).For(subject).From("services." + svc.Name),
		answer(p, svc),
	}
}

// answer is what a service needs to do its part: to read its queue under the
// queue's key, to put an export where exports lie, and to say that it is done.
func answer(p *platform.Platform, svc *platform.Service) render.Resource {
	bucket := "arn:aws:s3:::" + render.BucketName(p, "exports")
	label := "subjects_" + render.Label(svc.Name)
	st := []render.Statement{
		{Sid: "Tasks", Action: []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}, Resource: []any{terraform.Expr("aws_sqs_queue." + label + ".arn")}},
		{Sid: "Answer", Action: []string{"states:SendTaskSuccess", "states:SendTaskFailure"}, Resource: []any{terraform.Expr("aws_sfn_state_machine.subjects.arn")}},
		{Sid: "Export", Action: []string{"s3:PutObject"}, Resource: []any{bucket + "/*/" + svc.Name + "/*.json"}},
		{
			Sid: "Seal", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []any{render.KeyARN("stores")},
			Condition: []render.Condition{{Operator: "StringEquals", Key: "kms:ViaService", Value: via(p.Region, "s3", "sqs")}},
		},
	}
	if svc.SessionTags {
		for i := range st {
			st[i].Condition = append(st[i].Condition,
				render.Condition{Operator: "StringEquals", Key: "aws:PrincipalTag/kubernetes-namespace", Value: svc.Namespace},
				render.Condition{Operator: "StringEquals", Key: "aws:PrincipalTag/kubernetes-service-account", Value: svc.Name},
			)
		}
	}
	return terraform.Resource("aws_iam_role_policy", label,
		terraform.Set("name", "subjects"),
		terraform.Set("role", render.ServiceRole(svc.Name)+".id"),
		terraform.Set("policy", render.Policy(st...)),
	).For(subject, "identity.least-privilege").From("services."+svc.Name, "data")
}

// exports is where the answers to "what do you know of me" lie for a week.
func exports(p *platform.Platform, list []asking) []render.Resource {
	arn := "arn:aws:s3:::" + render.BucketName(p, "exports")
	var roles terraform.List
	for _, svc := range askedServices(list) {
		roles = append(roles, render.ServiceRole(svc.Name)+".arn")
	}
	return render.Bucket{
		Label: "exports", What: "exports", Key: "stores", Days: 7,
		Statements: []render.Statement{{
			Sid: "WrittenByServices", Effect: "Deny", Principal: "*", Action: []string{"s3:PutObject"}, Resource: []any{arn + "/*"},
			Condition: []render.Condition{{Operator: "ArnNotEquals", Key: "aws:PrincipalArn", Value: roles}},
		}, {
			Sid: "ReadByFew", Effect: "Deny", Principal: "*", Action: []string{"s3:GetObject", "s3:GetObjectVersion"}, Resource: []any{arn + "/*"},
			Condition: []render.Condition{{Operator: "ArnNotLike", Key: "aws:PrincipalArn", Value: []string{
				render.RoleARN(p, breakGlass), "arn:aws:iam::" + p.Account + ":role/aws-service-role/macie.amazonaws.com/*",
			}}},
		}},
		Tags:     terraform.Obj("Name", render.BucketName(p, "exports"), render.TagClass, string(platform.Personal)),
		Controls: []string{subject, "data.retention"}, Paths: []string{"data"},
	}.Blocks(p)
}
