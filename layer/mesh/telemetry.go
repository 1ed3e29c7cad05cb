package mesh

import (
	"strings"

	"fathom/control"
	"fathom/estate"
)

var telemetry = control.Control{
	ID:       "mesh.telemetry",
	Title:    "Metrics of the proxies and traces of the calls are collected",
	Why:      "Calls between services that nobody made before are seen by nobody, and refused handshakes cannot be told from an attack",
	Threats:  []control.Threat{control.LateralMovement},
	Phase:    control.LongTerm,
	Severity: control.Low,
	World:    control.Kubernetes,
	Maps:     []string{"HIPAA 164.312(b)"},
	Check:    checkTelemetry,
	Aside:    "it shows calls afterwards, and stops none",
}

func checkTelemetry(e *estate.Estate) []control.Result {
	s := look(e)
	if len(s.services) < 2 {
		return nil
	}
	metrics, traces := s.collectors()
	switch {
	case metrics != nil && traces != nil:
		return []control.Result{
			control.Is(metrics, control.Evidence{At: metrics.Meta().Pos, Saw: metrics.Meta().ID.Addr + " collects metrics"}),
			control.Is(traces, control.Evidence{At: traces.Meta().Pos, Saw: traces.Meta().ID.Addr + " collects traces"}),
		}
	case metrics == nil && traces == nil:
		return control.NowhereInCluster(e, control.Mistake{
			Summary: "nothing collects metrics or traces of the calls between " + itoa(len(s.services)) + " services",
			Fix:     "add an OpenTelemetry collector, a Telemetry object with tracing for the mesh, and a PodMonitor of the proxies",
		})
	}
	have, lacks, fix := metrics, "traces", "add a Telemetry object with tracing, or an Instrumentation, that sends to an OpenTelemetry collector"
	if metrics == nil {
		have, lacks, fix = traces, "metrics of the proxies", "add a PodMonitor of the proxies' /stats/prometheus, or a Telemetry object with metrics"
	}
	out := control.NowhereInCluster(e, control.Mistake{
		Summary: "nothing collects " + lacks + " of the calls between services",
		Fix:     fix,
	})
	return append(out, control.Is(have, control.Evidence{At: have.Meta().Pos, Saw: have.Meta().ID.Addr}))
}

// collectors finds a resource that collects metrics, and one that collects
// traces; nil where there is none.
func (s *seen) collectors() (metrics, traces estate.Resource) {
	both := func(r estate.Resource) { metrics, traces = first(metrics, r), first(traces, r) }
	for _, o := range estate.All[*estate.Object](s.e) {
		group, _, _ := strings.Cut(o.APIVersion, "/")
		switch {
		case group == "telemetry.istio.io":
			if o.Manifest.At("spec", "metrics") != nil {
				metrics = first(metrics, o)
			}
			if tracing := o.Manifest.At("spec", "tracing"); tracing != nil && traced(o) {
				traces = first(traces, o)
			}
		case group == "opentelemetry.io" && o.Kind == "OpenTelemetryCollector":
			both(o)
		case group == "opentelemetry.io" && o.Kind == "Instrumentation":
			traces = first(traces, o)
		case o.Kind == "PodMonitor", o.Kind == "ServiceMonitor", o.Kind == "PodMonitoring":
			metrics = first(metrics, o)
		}
	}
	for _, w := range estate.All[*estate.Workload](s.e) {
		for i := range w.Pod.Containers {
			image := w.Pod.Containers[i].Image
			switch {
			case strings.Contains(image, "opentelemetry-collector"), strings.Contains(image, "aws-otel-collector"), strings.Contains(image, "otelcol"):
				both(w)
			case strings.Contains(image, "jaeger"), strings.Contains(image, "tempo"), strings.Contains(image, "aws-xray-daemon"):
				traces = first(traces, w)
			case strings.Contains(image, "/prometheus:"), strings.HasPrefix(image, "prometheus:"):
				metrics = first(metrics, w)
			}
		}
	}
	for _, a := range estate.All[*estate.EKSAddon](s.e) {
		if a.Addon.In("adot", "amazon-cloudwatch-observability") == estate.Yes {
			both(a)
		}
	}
	for _, h := range estate.All[*estate.HelmRelease](s.e) {
		switch chart := h.Chart.String(); {
		case strings.Contains(chart, "opentelemetry"):
			both(h)
		case strings.Contains(chart, "prometheus"):
			metrics = first(metrics, h)
		case strings.Contains(chart, "jaeger"), strings.Contains(chart, "tempo"):
			traces = first(traces, h)
		}
	}
	return metrics, traces
}

// traced says that a Telemetry object does not only switch tracing off.
func traced(o *estate.Object) bool {
	n := o.Manifest.At("spec", "tracing")
	for _, it := range n.Items {
		off, _ := it.At("disableSpanReporting").Literal()
		rate, set := it.At("randomSamplingPercentage").Literal()
		if off != "true" && !(set && (rate == "0" || rate == "0.0")) {
			return true
		}
	}
	return false
}

func first(a, b estate.Resource) estate.Resource {
	if a == nil {
		return b
	}
	return a
}
