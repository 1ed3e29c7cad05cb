package data

import (
	"strconv"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// workflow is the state machine that exports or erases one person's data. It
// fails when half of the time that there is for it has passed without an answer,
// so that the other half is left for people.
func workflow(p *platform.Platform, list []asking) []render.Resource {
	set, nest := terraform.Set, terraform.Nest
	var queues terraform.List
	for _, svc := range askedServices(list) {
		queues = append(queues, terraform.Expr("aws_sqs_queue.subjects_"+render.Label(svc.Name)+".arn"))
	}
	logs := render.LogGroup(p, "subjects", "/aws/vendedlogs/states/"+render.Name(p, "subjects")).
		For("data.retention").From("data", "logs")
	table := terraform.Expr("aws_dynamodb_table.erasures.arn")
	return append([]render.Resource{
		logs,
		render.Role(p, "subjects", "subjects", render.TrustService(p, "states.amazonaws.com")).For(subject).From("data"),
		render.RolePolicy("subjects",
			render.Statement{Sid: "Ask", Action: []string{"sqs:SendMessage"}, Resource: queues},
			render.Statement{Sid: "Ledger", Action: []string{"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Scan"}, Resource: []any{table}},
			render.Statement{Sid: "Again", Action: []string{"states:StartExecution"}, Resource: []any{machineARN(p, "subjects")}},
			render.Statement{
				Sid: "Seal", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []any{render.KeyARN("stores")},
				Condition: []render.Condition{{Operator: "StringEquals", Key: "kms:ViaService", Value: via(p.Region, "sqs", "dynamodb")}},
			},
			render.Statement{
				Sid: "Logs",
				Action: []string{
					"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
					"logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
				},
				Resource: []any{"*"},
			},
		).For(subject).From("data"),
		machine(p, "subjects", definition(p, list), logs).
			Note("Input: {\"task\": \"erase\" or \"export\", \"subject\": a pseudonym that the services know}. Each service gets {task, subject, store, reply, token}: it erases, or writes an export to the bucket of exports under reply, and answers with SendTaskSuccess" + lockedNote(p)),
		terraform.Resource("aws_cloudwatch_event_rule", "subjects_failed",
			set("name", render.Name(p, "subjects-failed")),
			set("event_pattern", terraform.JSON(terraform.Obj(
				"source", []string{"aws.states"},
				"detail-type", []string{"Step Functions Execution Status Change"},
				"detail", terraform.Obj(
					"stateMachineArn", terraform.List{terraform.Expr("aws_sfn_state_machine.subjects.arn"), terraform.Expr("aws_sfn_state_machine.subjects_again.arn")},
					"status", []string{"FAILED", "TIMED_OUT", "ABORTED"},
				),
			))),
		).For(subject).From("notify.privacy"),
		terraform.Resource("aws_cloudwatch_event_target", "subjects_failed",
			set("rule", terraform.Expr("aws_cloudwatch_event_rule.subjects_failed.name")),
			set("arn", render.PrivacyTopic),
		).For(subject).From("notify.privacy"),
	}, restored(p, nest)...)
}

// restored tells that erasures have to be made again.
func restored(p *platform.Platform, nest func(string, ...terraform.Entry) terraform.Entry) []render.Resource {
	set := terraform.Set
	return []render.Resource{
		terraform.Resource("aws_cloudwatch_event_rule", "restored",
			set("name", render.Name(p, "restored")),
			set("event_pattern", terraform.JSON(terraform.Obj(
				"source", []string{"aws.backup"},
				"detail-type", []string{"Restore Job State Change"},
				"detail", terraform.Obj("status", []string{"COMPLETED"}),
			))),
		).For(subject).From("notify.privacy"),
		terraform.Resource("aws_cloudwatch_event_target", "restored",
			set("rule", terraform.Expr("aws_cloudwatch_event_rule.restored.name")),
			set("arn", render.PrivacyTopic),
			nest("input_transformer",
				set("input_paths", terraform.Obj("what", "$.detail.createdResourceArn")),
				set("input_template", `"<what> was restored from a backup. Unless it is a test: start `+render.Name(p, "subjects-again")+` when the services use it and before it serves anybody, so that whoever was erased stays erased."`)),
		).For(subject).From("notify.privacy"),
	}
}

// lockedNote names what is not erased, and why.
func lockedNote(p *platform.Platform) string {
	out := ""
	for i := range p.Stores {
		s := &p.Stores[i]
		if within(p, s) > 0 && locked(s) {
			out += ". " + s.Name + " is exported and not erased: its objects are locked for " + strconv.Itoa(days(s.Lock.Keep)) + " days, so there has to be a duty to keep them (GDPR 17(3)(b))"
		}
	}
	return out
}

func machineARN(p *platform.Platform, name string) string {
	return "arn:aws:states:" + p.Region + ":" + p.Account + ":stateMachine:" + render.Name(p, name)
}

// machine is a state machine with its logs, which hold no data of executions.
func machine(p *platform.Platform, name string, definition terraform.Call, logs *terraform.Block) *terraform.Block {
	set, nest := terraform.Set, terraform.Nest
	return terraform.Resource("aws_sfn_state_machine", render.Label(name),
		set("name", render.Name(p, name)),
		set("role_arn", terraform.Expr("aws_iam_role.subjects.arn")),
		set("definition", definition),
		nest("logging_configuration",
			set("level", "ALL"), set("include_execution_data", false), set("log_destination", terraform.Template("${"+logs.Address()+".arn}:*"))),
		set("depends_on", terraform.Expr("[aws_iam_role_policy.subjects]")),
	).For(subject).From("data")
}

// Step Functions in JSONata: what the execution was started with, and when.
const (
	input   = "$states.context.Execution.Input"
	started = "$states.context.Execution.StartTime"
)

// definition is the workflow in the Amazon States Language.
func definition(p *platform.Platform, list []asking) terraform.Call {
	obj := terraform.Obj
	var erased, kept terraform.List
	half := int(deadline(p).Seconds()) / 2
	for _, a := range list {
		branch := ask(a, half)
		if a.erased {
			erased = append(erased, branch)
		} else {
			kept = append(kept, branch)
		}
	}
	note := func(next, state string, more ...any) terraform.Object {
		o := obj(
			"Type", "Task",
			"Resource", "arn:aws:states:::dynamodb:updateItem",
			"Arguments", obj(
				"TableName", terraform.Expr("aws_dynamodb_table.erasures.name"),
				"Key", obj("subject", obj("S", "{% "+input+".subject %}")),
				"UpdateExpression", "SET #state = :state, asked = if_not_exists(asked, :asked), #until = :until",
				"ExpressionAttributeNames", obj("#state", "state", "#until", "until"),
				"ExpressionAttributeValues", obj(
					":state", obj("S", state),
					":asked", obj("S", "{% "+started+" %}"),
					":until", obj("N", "{% $string($floor($toMillis("+started+") / 1000) + "+strconv.Itoa(int(remembered(p).Seconds()))+") %}"),
				),
			),
		)
		if next == "" {
			return append(o, obj("End", true)...)
		}
		return append(o, obj("Next", next)...)
	}
	is := func(task string) string { return "{% " + input + ".task = '" + task + "' %}" }
	choose := func(otherwise string, pairs ...string) terraform.Object {
		var choices terraform.List
		for i := 0; i < len(pairs); i += 2 {
			choices = append(choices, obj("Condition", is(pairs[i]), "Next", pairs[i+1]))
		}
		return obj("Type", "Choice", "Choices", choices, "Default", otherwise)
	}
	export := "Ask"
	if len(kept) > 0 {
		export = "Ask what is kept"
	}
	states := obj(
		"Task", choose("Unknown task", "erase", "Write down", "export", export),
		"Write down", note("Ask", "asked"),
		"Ask", obj("Type", "Parallel", "Branches", erased, "Next", "Erased?"),
	)
	if len(kept) > 0 {
		states = append(states, obj(export, obj("Type", "Parallel", "Branches", kept, "Next", "Ask"))...)
	}
	return terraform.JSON(obj(
		"Comment", p.Name+": one person's data is exported or erased in every store",
		"QueryLanguage", "JSONata",
		"TimeoutSeconds", int(deadline(p).Seconds()),
		"StartAt", "Task",
		"States", append(states, obj(
			"Erased?", choose("Done", "erase", "Write off"),
			"Write off", note("Done", "erased"),
			"Unknown task", obj("Type", "Fail", "Error", "UnknownTask", "Cause", "task is neither erase nor export"),
			"Done", obj("Type", "Succeed"),
		)...),
	))
}

// ask is one branch of the workflow: it asks a service about a store, and waits.
func ask(a asking, seconds int) terraform.Object {
	obj := terraform.Obj
	return obj(
		"StartAt", a.store.Name,
		"States", obj(a.store.Name, obj(
			"Type", "Task",
			"Resource", "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
			"TimeoutSeconds", seconds,
			"Arguments", obj(
				"QueueUrl", terraform.Expr("aws_sqs_queue.subjects_"+render.Label(a.by.Name)+".url"),
				"MessageBody", obj(
					"task", "{% "+input+".task %}", "subject", "{% "+input+".subject %}", "store", a.store.Name,
					"reply", "{% $states.context.Execution.Name & '/"+a.by.Name+"/"+a.store.Name+".json' %}", "token", "{% $states.context.Task.Token %}",
				),
			),
			"Retry", terraform.List{obj("ErrorEquals", []string{"States.TaskFailed"}, "IntervalSeconds", 300, "BackoffRate", 2, "MaxAttempts", 5)},
			"End", true,
		)),
	)
}

// replay is the state machine that erases again whoever is in the ledger.
func replay(p *platform.Platform) []render.Resource {
	obj := terraform.Obj
	return []render.Resource{
		machine(p, "subjects-again", terraform.JSON(obj(
			"Comment", p.Name+": after a restore, whoever was erased is erased again",
			"QueryLanguage", "JSONata",
			"StartAt", "Read",
			"States", obj(
				"Read", obj(
					"Type", "Task",
					"Resource", "arn:aws:states:::aws-sdk:dynamodb:scan",
					"Arguments", "{% $merge([{'TableName': '"+render.Name(p, "erasures")+"'}, $exists($states.input.next) ? {'ExclusiveStartKey': $states.input.next} : {}]) %}",
					"Assign", obj("next", "{% $exists($states.result.LastEvaluatedKey) ? $states.result.LastEvaluatedKey : null %}"),
					"Output", obj("subjects", "{% [$states.result.Items.subject.S] %}"),
					"Next", "Erase",
				),
				"Erase", obj(
					"Type", "Map",
					"Items", "{% $states.input.subjects %}",
					"MaxConcurrency", 10,
					"ItemProcessor", obj("StartAt", "Again", "States", obj("Again", obj(
						"Type", "Task",
						"Resource", "arn:aws:states:::states:startExecution",
						"Arguments", obj(
							"StateMachineArn", terraform.Expr("aws_sfn_state_machine.subjects.arn"),
							"Input", obj("task", "erase", "subject", "{% $states.input %}"),
						),
						"End", true,
					))),
					"Next", "More?",
				),
				"More?", obj(
					"Type", "Choice",
					"Choices", terraform.List{obj("Condition", "{% $next != null %}", "Output", obj("next", "{% $next %}"), "Next", "Read")},
					"Default", "Done",
				),
				"Done", obj("Type", "Succeed"),
			),
		)), terraform.Resource("aws_cloudwatch_log_group", "subjects")).
			From("stores").Note("Start it after a restore, before what was restored serves anybody"),
	}
}
