package response

import (
	"cmp"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// people renders the topics by which people are told, each sealed, with a policy
// and who hears it.
func (d *declaration) people() {
	p := d.p
	home, global := region{name: p.Region}, region{"global", usEast1, render.ProviderGlobal}
	d.add(topic(p, home, "oncall", "oncall", p.Notify.OnCall, "notify.oncall")...)
	d.add(topic(p, global, "oncall_global", "oncall-global", p.Notify.OnCall, "notify.oncall")...)
	// whoever is on call hears what nobody else is declared for
	d.add(topic(p, home, "legal", "legal", cmp.Or(p.Notify.Legal, p.Notify.OnCall), "notify.legal")...)
	d.add(topic(p, home, "privacy", "privacy", cmp.Or(p.Notify.Privacy, p.Notify.OnCall), "notify.privacy")...)
	if p.Notify.Phone != "" {
		d.add(terraform.Resource("aws_account_alternate_contact", "security",
			set("alternate_contact_type", "SECURITY"), set("name", p.Name+" on call"), set("title", "On call"),
			set("email_address", p.Notify.Email), set("phone_number", p.Notify.Phone),
		).For("response.notify").From("notify.phone", "notify.email").
			Note("AWS writes and calls here when it sees the account abused, where it would otherwise write to the owner of the root user"))
	}
}

// topic is a topic that alarms and event rules of the account may publish to.
func topic(p *platform.Platform, r region, label, what, who, from string) []render.Resource {
	arn := terraform.Expr("aws_sns_topic." + label + ".arn")
	publish := []string{"sns:Publish"}
	for_ := []string{"response.notify"}
	policy := render.Policy(
		render.Statement{
			Sid: "Alarms", Principal: obj("Service", "cloudwatch.amazonaws.com"), Action: publish, Resource: []any{arn},
			Condition: []render.Condition{{Operator: "StringEquals", Key: "aws:SourceAccount", Value: p.Account}},
		},
		render.Statement{
			Sid: "Events", Principal: obj("Service", "events.amazonaws.com"), Action: publish, Resource: []any{arn},
			Condition: []render.Condition{{Operator: "ArnLike", Key: "aws:SourceArn", Value: "arn:aws:events:" + r.name + ":" + p.Account + ":rule/*"}},
		},
		render.Statement{
			Sid: "OnlyTLS", Effect: "Deny", Principal: "*", Action: publish, Resource: []any{arn},
			Condition: []render.Condition{{Operator: "Bool", Key: "aws:SecureTransport", Value: "false"}},
		},
	)
	out := []render.Resource{
		terraform.Resource("aws_sns_topic", label, r.in(
			set("name", render.Name(p, what)),
			set("kms_master_key_id", render.KeyARN(r.at("logs"))),
		)...).For(for_...).From(from),
		terraform.Resource("aws_sns_topic_policy", label, r.in(set("arn", arn), set("policy", policy))...).For(for_...).From(from),
	}
	if who == "" {
		return out
	}
	sub := []terraform.Entry{set("topic_arn", arn)}
	note := ""
	if strings.HasPrefix(who, "https://") {
		sub = append(sub, set("protocol", "https"), set("endpoint", who), set("endpoint_auto_confirms", true))
	} else {
		sub = append(sub, set("protocol", "email"), set("endpoint", who))
		note = "AWS sends a mail first, with a link that has to be followed once"
	}
	return append(out, terraform.Resource("aws_sns_topic_subscription", label, r.in(sub...)...).For(for_...).From(from).Note(note))
}
