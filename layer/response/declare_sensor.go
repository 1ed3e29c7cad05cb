package response

import (
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// sensorNamespace is where the sensor runs that watches the nodes; nobody else's
// pods do.
const sensorNamespace = "falco"

// containerLog is the log group into which the cluster's agent for CloudWatch
// writes what containers print.
func containerLog(p *platform.Platform) string {
	return "/aws/containerinsights/" + p.Name + "/application"
}

// heardOf are the priorities of Falco's that on-call hears of, as its JSON writes
// them: below them are hints that a theft leaves many of, and every day does.
var heardOf = []string{"Emergency", "Alert", "Critical", "Error", "Warning"}

// sensorPattern matches what the sensor prints. The agent puts a line of JSON
// under log_processed. That it is the sensor's own line is told by its namespace:
// any pod can print one that looks the same.
func sensorPattern() string {
	var any []string
	for _, p := range heardOf {
		any = append(any, `($.log_processed.priority = "`+p+`")`)
	}
	return `{ ($.kubernetes.namespace_name = "` + sensorNamespace + `") && (` + strings.Join(any, " || ") + `) }`
}

// sensor renders who hears of what the sensor in the cluster sees: it prints it,
// and the cluster's agent for CloudWatch collects what is printed.
func (d *declaration) sensor() {
	p := d.p
	const label, metric = "container_suspect", "container-suspect"
	space := p.Name + "/detections"
	d.add(
		// By the name of the cluster, and not by a reference to it: the group has to be
		// there before the agent, which would make one without a key and an end.
		render.LogGroup(p, "containers", containerLog(p)).For("response.detections", "data.at-rest", "data.retention").From("logs.keep").
			Note("what containers print, and with it what the sensor on each node sees"),
		terraform.Resource("aws_cloudwatch_log_metric_filter", label,
			set("name", render.Name(p, metric)),
			set("log_group_name", terraform.Expr("aws_cloudwatch_log_group.containers.name")),
			set("pattern", quoted(sensorPattern())),
			nest("metric_transformation", set("name", metric), set("namespace", space), set("value", "1")),
		).For("response.detections", "supply.runtime-detection"),
		terraform.Resource("aws_cloudwatch_metric_alarm", label,
			set("alarm_name", render.Name(p, metric)),
			set("alarm_description", "Falco saw in a container what no service of the platform does: its log, in "+containerLog(p)+", says which pod"),
			set("namespace", space),
			set("metric_name", metric),
			set("statistic", "Sum"),
			set("period", 60),
			set("evaluation_periods", 1),
			set("comparison_operator", "GreaterThanOrEqualToThreshold"),
			set("threshold", 1),
			set("treat_missing_data", "notBreaching"),
			set("alarm_actions", []terraform.Expr{render.OnCallTopic}),
		).For("response.detections", "response.notify", "supply.runtime-detection").From("notify.oncall"),
	)
}
