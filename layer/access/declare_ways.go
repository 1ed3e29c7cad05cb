package access

import (
	"strconv"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// The tag that carries a grant: its value is the name of the person. Only the
// state machine that asked an approver sets it.
const grantTag = "grant"

// longest is the longest session of a role, in seconds: who is granted more gets
// new credentials every hour.
const longest = 3600

// role renders the role of a way in, which nobody can assume until it is granted.
//
// People come from IAM Identity Center, whose roles are called
// AWSReservedSSO_SET_…, where SET is the permission set of the group. IAM does not
// set aws:MultiFactorAuthPresent for them, so that the identity provider has to
// say that it asked for a second factor: it sends the attribute AccessControl:mfa,
// which becomes a session tag (IAM Identity Center User Guide, "Attributes for
// access control").
func (d *declaration) role(w way) *terraform.Block {
	p := d.p
	trust := render.Policy(render.Statement{
		Sid:       "WhomItIsGrantedTo",
		Principal: obj("AWS", "arn:aws:iam::"+p.Account+":root"),
		Action:    []string{"sts:AssumeRole"},
		Condition: []render.Condition{
			is("ArnLike", "aws:PrincipalArn", "arn:aws:iam::"+p.Account+":role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_"+setName(p, w.who)+"_*"),
			is("StringEquals", "aws:PrincipalTag/mfa", "true"),
			is("StringEquals", "iam:ResourceTag/"+grantTag, "${sts:RoleSessionName}"),
			is("StringLike", "aws:userid", "*:${sts:RoleSessionName}"),
		},
	})
	return render.Role(p, w.label, w.name, trust,
		set("description", "For "+w.says+": "+w.who+", when "+w.approve+" agrees"),
		set("max_session_duration", longest),
		nest("lifecycle", set("ignore_changes", []terraform.Expr{
			terraform.Expr(`tags["` + grantTag + `"]`), terraform.Expr(`tags_all["` + grantTag + `"]`),
		})).Remark("the tag is the grant: "+w.label+"'s state machine sets and removes it"),
	).For(w.controls...).From(w.from).
		Note("It can be assumed only by the person whom its tag \"" + grantTag + "\" names, under that very name, from a session with a second factor: nobody has it for longer than it is granted")
}

// granted is the condition of permissions that end with the grant, also for
// credentials that are still valid: a role's tags are those of its sessions.
func granted() render.Condition {
	return is("StringLike", "aws:userid", "*:${aws:PrincipalTag/"+grantTag+"}")
}

// approval renders what asks for a way in: a state machine that waits until an
// approver agrees, grants the role to one person, and takes it back.
func (d *declaration) approval(w way) {
	p := d.p
	label := "approve_" + w.label
	role := terraform.Expr("aws_iam_role." + w.label)
	d.add(
		render.Role(p, label, "approve-"+w.name, render.TrustService(p, "states.amazonaws.com")).For(w.controls...).From(w.from),
		render.RolePolicy(label,
			render.Statement{Sid: "Ask", Action: []string{"sns:Publish"}, Resource: []any{topicOf(w.approve)}},
			render.Statement{
				Sid: "SealTheQuestion", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []any{render.KeyARN("logs")},
				Condition: []render.Condition{is("StringEquals", "kms:ViaService", "sns."+p.Region+".amazonaws.com")},
			},
			render.Statement{
				Sid: "GrantAndTakeBack", Action: []string{"iam:TagRole", "iam:UntagRole"}, Resource: []any{role + ".arn"},
				Condition: []render.Condition{
					is("ForAllValues:StringEquals", "aws:TagKeys", []string{grantTag}),
					is("Null", "aws:TagKeys", "false"),
				},
			},
		).For(w.controls...).From(w.from),
		terraform.Resource("aws_sfn_state_machine", label,
			set("name", render.Name(p, "approve", w.name)),
			set("role_arn", terraform.Expr("aws_iam_role."+label+".arn")),
			set("definition", terraform.Call{Name: "templatefile", Args: []any{
				terraform.Template("${path.module}/" + approvalFile),
				obj("role", role+".name", "topic", topicOf(w.approve), "minutes", strconv.Itoa(w.minutes), "seconds", strconv.Itoa(w.minutes*60)),
			}}),
		).For(w.controls...).From(w.from+".approve").
			Note("Who needs the role starts it with {\"user\": NAME, \"reason\": TEXT}; an approver answers with the token in the message. One person has it at a time. Whoever is in both groups could agree with themselves: keep them apart"),
	)
}

// approvalFile is the definition of all state machines that ask.
const approvalFile = "approval/grant.asl.json.tftpl"

// approvalText is a template of Terraform, in the language of Step Functions.
const approvalText = `{
  "Comment": "Grants the role ${role} to one person for ${minutes} minutes, when an approver agrees within half an hour",
  "QueryLanguage": "JSONata",
  "StartAt": "Ask",
  "States": {
    "Ask": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sns:publish.waitForTaskToken",
      "Arguments": {
        "TopicArn": "${topic}",
        "Subject": "Somebody asks for access",
        "Message": "{% $states.input.user & ' asks for ${role} for ${minutes} minutes: ' & $states.input.reason & '. To agree: aws stepfunctions send-task-success --task-output {} --task-token ' & $states.context.Task.Token %}"
      },
      "TimeoutSeconds": 1800,
      "Assign": {
        "user": "{% $states.input.user %}"
      },
      "Catch": [
        {
          "ErrorEquals": ["States.ALL"],
          "Next": "Refused"
        }
      ],
      "Next": "Grant"
    },
    "Grant": {
      "Type": "Task",
      "Resource": "arn:aws:states:::aws-sdk:iam:tagRole",
      "Arguments": {
        "RoleName": "${role}",
        "Tags": [
          {
            "Key": "grant",
            "Value": "{% $user %}"
          }
        ]
      },
      "Catch": [
        {
          "ErrorEquals": ["States.ALL"],
          "Next": "TakeBack"
        }
      ],
      "Next": "Hold"
    },
    "Hold": {
      "Type": "Wait",
      "Seconds": ${seconds},
      "Next": "TakeBack"
    },
    "TakeBack": {
      "Type": "Task",
      "Resource": "arn:aws:states:::aws-sdk:iam:untagRole",
      "Arguments": {
        "RoleName": "${role}",
        "TagKeys": ["grant"]
      },
      "Retry": [
        {
          "ErrorEquals": ["States.ALL"],
          "IntervalSeconds": 5,
          "BackoffRate": 2,
          "MaxAttempts": 8
        }
      ],
      "End": true
    },
    "Refused": {
      "Type": "Fail",
      "Error": "Refused",
      "Cause": "An approver refused, or none agreed in time"
    }
  }
}
`

// setName is the name of a group's permission set: at most 32 characters.
func setName(p *platform.Platform, group string) string { return render.Short(32, p, slug(group)) }

// topicOf is the topic by which the approvers of a group are asked.
func topicOf(group string) terraform.Expr {
	return terraform.Expr("aws_sns_topic.approvers_" + groupLabel(group) + ".arn")
}
