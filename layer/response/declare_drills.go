package response

import (
	"strconv"
	"strings"
	"time"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// drills renders what proves, again and again, that guards, alarms and runbooks
// still work: faults in AWS, and an attack that has to be noticed.
func (d *declaration) drills() {
	p := d.p
	if len(p.Services) > 0 {
		d.stop()
		d.experiment(nodeLoss(p))
	}
	for i := range p.Stores {
		if s := &p.Stores[i]; s.Engine == platform.Postgres || s.Engine == platform.MySQL {
			d.experiment(failover(p, s))
		}
	}
	d.attack()
}

// experiment is a fault that is made on purpose.
type experiment struct {
	name, says, when, from string
	action, key, kind      string
	target                 []terraform.Entry
	may                    []render.Statement
}

// nodeLoss ends one node, as the loss of a machine would.
func nodeLoss(p *platform.Platform) experiment {
	cluster := string(render.Cluster) + ".name"
	return experiment{
		name: "lose-a-node", says: "One node of the cluster is lost; nobody may notice", from: "cluster",
		when:   "cron(0 10 ? * TUE#1 *)",
		action: "aws:ec2:terminate-instances", key: "Instances", kind: "aws:ec2:instance",
		target: []terraform.Entry{
			set("selection_mode", "COUNT(1)"),
			nest("resource_tag", set("key", "eks:cluster-name"), set("value", terraform.Expr(cluster))),
			nest("filter", set("path", "State.Name"), set("values", []string{"running"})),
		},
		may: []render.Statement{
			{
				Sid: "LoseANode", Action: []string{"ec2:TerminateInstances"}, Resource: []any{"arn:aws:ec2:" + p.Region + ":" + p.Account + ":instance/*"},
				Condition: []render.Condition{{Operator: "StringEquals", Key: "aws:ResourceTag/eks:cluster-name", Value: terraform.Expr(cluster)}},
			},
			{Sid: "FindIt", Action: []string{"ec2:DescribeInstances"}, Resource: []any{"*"}},
		},
	}
}

// failover makes a database fail over.
func failover(_ *platform.Platform, s *platform.Store) experiment {
	arn := terraform.Expr(render.StoreAddress(s) + ".arn")
	return experiment{
		name: "fail-over-" + s.Name, says: "The database " + s.Name + " fails over; its services carry on", from: "stores." + s.Name,
		// not all on one hour
		when:   "cron(0 " + strconv.Itoa(9+spread(s.Name, 6)) + " ? * WED#2 *)",
		action: "aws:rds:failover-db-cluster", key: "Clusters", kind: "aws:rds:cluster",
		target: []terraform.Entry{set("selection_mode", "ALL"), set("resource_arns", []terraform.Expr{arn})},
		may: []render.Statement{
			{Sid: "FailOver", Action: []string{"rds:FailoverDBCluster"}, Resource: []any{arn}},
			{Sid: "FindIt", Action: []string{"rds:DescribeDBClusters"}, Resource: []any{"*"}},
		},
	}
}

// spread is a number below n that depends on a name.
func spread(name string, n int) int {
	sum := 0
	for _, c := range []byte(name) {
		sum = (sum*31 + int(c)) % 65521
	}
	return sum % n
}

// stopAlarm ends a drill that hurts.
const stopAlarm = terraform.Expr("aws_cloudwatch_metric_alarm.drill_stop")

// stop is the alarm that ends a drill that customers notice.
func (d *declaration) stop() {
	d.add(terraform.Resource("aws_cloudwatch_metric_alarm", "drill_stop",
		set("alarm_name", render.Name(d.p, "drill-stop")),
		set("alarm_description", "Customers meet errors: drills stop, and whoever is on call looks"),
		set("namespace", "AWS/ApplicationELB"),
		set("metric_name", "HTTPCode_Target_5XX_Count"),
		set("dimensions", obj("LoadBalancer", render.LoadBalancer+".arn_suffix")),
		set("statistic", "Sum"),
		set("period", 60),
		set("evaluation_periods", 2),
		set("comparison_operator", "GreaterThanOrEqualToThreshold"),
		set("threshold", 50),
		set("treat_missing_data", "notBreaching"),
		set("alarm_actions", []terraform.Expr{render.OnCallTopic}),
	).For("response.drills").From("notify.oncall"))
}

func (d *declaration) experiment(x experiment) {
	p := d.p
	label := "drill_" + render.Label(x.name)
	template := terraform.Expr("aws_fis_experiment_template." + label)
	d.add(
		render.Role(p, label, "drill-"+x.name, render.TrustService(p, "fis.amazonaws.com")).For("response.drills").From(x.from),
		render.RolePolicy(label, x.may...).For("response.drills").From(x.from),
		terraform.Resource("aws_fis_experiment_template", label,
			set("description", x.says),
			set("role_arn", terraform.Expr("aws_iam_role."+label+".arn")),
			nest("stop_condition", set("source", "aws:cloudwatch:alarm"), set("value", stopAlarm+".arn")),
			nest("action",
				set("name", x.name), set("action_id", x.action),
				nest("target", set("key", x.key), set("value", "chosen"))),
			nest("target", append([]terraform.Entry{set("name", "chosen"), set("resource_type", x.kind)}, x.target...)...),
			set("tags", obj("Name", render.Name(p, x.name))),
		).For("response.drills").From(x.from),
		render.Role(p, label+"_start", "drill-"+x.name+"-start", render.TrustService(p, "scheduler.amazonaws.com")).For("response.drills").From(x.from),
		render.RolePolicy(label+"_start", render.Statement{
			Sid: "Start", Action: []string{"fis:StartExperiment"},
			Resource: []any{
				terraform.Template("arn:aws:fis:" + p.Region + ":" + p.Account + ":experiment-template/${" + string(template) + ".id}"),
				"arn:aws:fis:" + p.Region + ":" + p.Account + ":experiment/*",
			},
		}, render.Statement{ // the first experiment of an account makes it
			Sid: "RoleOfTheService", Action: []string{"iam:CreateServiceLinkedRole"},
			Resource:  []any{"arn:aws:iam::" + p.Account + ":role/aws-service-role/fis.amazonaws.com/AWSServiceRoleForFIS"},
			Condition: []render.Condition{{Operator: "StringEquals", Key: "iam:AWSServiceName", Value: "fis.amazonaws.com"}},
		}).For("response.drills").From(x.from),
		terraform.Resource("aws_scheduler_schedule", label,
			set("name", render.Name(p, x.name)),
			set("description", x.says),
			set("schedule_expression", x.when),
			nest("flexible_time_window", set("mode", "FLEXIBLE"), set("maximum_window_in_minutes", 60)),
			nest("target",
				set("arn", "arn:aws:scheduler:::aws-sdk:fis:startExperiment"),
				set("role_arn", terraform.Expr("aws_iam_role."+label+"_start.arn")),
				set("input", terraform.JSON(obj(
					"ClientToken", "<aws.scheduler.execution-id>",
					"ExperimentTemplateId", template+".id",
				)))),
		).For("response.drills").From(x.from),
	)
}

// attack renders the weekly attack: GuardDuty is made to report exfiltration, and
// the runbook has to have started within the time the team wants to detect in.
func (d *declaration) attack() {
	p := d.p
	const file = "drill.yml"
	detect := p.Objectives.KPI.Detect
	if detect == 0 {
		detect = time.Hour
	}
	d.add(
		render.Role(p, "drill", "drill", trustWorkflow(p, file)).For("response.drills").From("pipeline"),
		render.RolePolicy("drill",
			render.Statement{Sid: "Attack", Action: []string{"guardduty:CreateSampleFindings"}, Resource: []any{terraform.Expr("aws_guardduty_detector.main.arn")}},
			render.Statement{Sid: "FindTheDetector", Action: []string{"guardduty:ListDetectors"}, Resource: []any{"*"}},
			render.Statement{Sid: "SeeTheRunbookStart", Action: []string{"ssm:DescribeAutomationExecutions"}, Resource: []any{"*"}},
		).For("response.drills").From("pipeline"),
		&render.Text{Path: workflowsDir + file, Content: strings.NewReplacer(
			"BRANCH", p.Pipeline.Branch,
			"ROLE", render.RoleARN(p, "drill"),
			"REGION", p.Region,
			"SIGNIN", awsSignIn,
			"DOCUMENT", render.Name(p, "s3-exfiltration"),
			"SECONDS", strconv.Itoa(int(detect.Seconds())),
			"TIMEOUT", strconv.Itoa(int(detect.Minutes())+15),
		).Replace(drillWorkflow)},
	)
}

const drillWorkflow = `# Every week: would it be noticed? GuardDuty reports an exfiltration that is none
# (its samples name the user GeneratedFindingUserName), and the runbook has to have
# started within the goal for detection. The runbook tells on-call that it was a
# drill, and touches nothing.
# control: response.drills, response.kpis
# from: pipeline, objectives.kpi.detect
name: drill
on:
  schedule:
  - cron: "40 9 * * 1"
  workflow_dispatch: {}
permissions: {}
concurrency: drill
jobs:
  exfiltration:
    if: github.ref == 'refs/heads/BRANCH'
    runs-on: ubuntu-24.04
    timeout-minutes: TIMEOUT
    permissions:
      id-token: write
    steps:
    - uses: SIGNIN
      with:
        role-to-assume: ROLE
        aws-region: REGION
    - name: "purple team: exfiltration is noticed and contained in time"
      run: |
        start=$(date -u +%Y-%m-%dT%H:%M:%SZ)
        end=$(( $(date +%s) + SECONDS ))
        detector=$(aws guardduty list-detectors --query 'DetectorIds[0]' --output text)
        aws guardduty create-sample-findings --detector-id "$detector" \
          --finding-types Exfiltration:S3/AnomalousBehavior
        while [ "$(date +%s)" -lt "$end" ]; do
          started=$(aws ssm describe-automation-executions \
            --filters "Key=DocumentNamePrefix,Values=DOCUMENT" "Key=StartTimeAfter,Values=$start" \
            --query 'length(AutomationExecutionMetadataList)' --output text)
          if [ "$started" -gt 0 ]; then
            echo "noticed with $(( end - $(date +%s) )) seconds to spare"
            exit 0
          fi
          sleep 20
        done
        echo "nothing happened within SECONDS seconds: detection does not work" >&2
        exit 1
`
