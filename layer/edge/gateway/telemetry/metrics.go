package telemetry

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are a gateway's, in a registry of its own.
type Metrics struct {
	registry *prometheus.Registry
	// Requests counts answers by route and class of status (2xx), Actions what the
	// web ACL did by action and rule, Refused what was refused before by reason.
	Requests, Actions, Refused *prometheus.CounterVec
	// Seconds is how long requests took by route, Origin how long an origin took.
	Seconds, Origin *prometheus.HistogramVec
	// Evaluate is how long the web ACL took, the reading of bodies included.
	Evaluate prometheus.Histogram
	// Reloads counts by result: ok, failed.
	Reloads *prometheus.CounterVec
	// Undecidable counts requests whose verdict was not certain.
	Undecidable prometheus.Counter
	InFlight    prometheus.Gauge
	Servers     *prometheus.GaugeVec
}

var seconds = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// NewMetrics makes the metrics, and those of the process and of Go.
func NewMetrics() *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fathom_gateway_" + name, Help: help}, labels)
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "fathom_gateway_" + name, Help: help, Buckets: seconds}, labels)
	}
	m := &Metrics{
		registry:    prometheus.NewRegistry(),
		Requests:    counter("requests_total", "Requests answered.", "route", "status"),
		Actions:     counter("waf_actions_total", "What the web ACL did with requests.", "action", "rule"),
		Refused:     counter("refused_total", "Requests and connections refused before the web ACL.", "reason"),
		Seconds:     histogram("request_seconds", "Time from the head of a request to the end of its answer.", "route"),
		Origin:      histogram("origin_seconds", "Time until an origin answered.", "origin"),
		Evaluate:    prometheus.NewHistogram(prometheus.HistogramOpts{Name: "fathom_gateway_waf_seconds", Help: "Time that the web ACL took, the reading of bodies included.", Buckets: append([]float64{.00001, .000025, .00005, .0001, .00025}, seconds...)}),
		Reloads:     counter("reloads_total", "Reloads of the configuration.", "result"),
		Undecidable: prometheus.NewCounter(prometheus.CounterOpts{Name: "fathom_gateway_waf_undecidable_total", Help: "Requests whose verdict an undecidable rule could have changed."}),
		InFlight:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "fathom_gateway_in_flight", Help: "Requests that are being answered."}),
		Servers:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "fathom_gateway_origin_up", Help: "1 where a server of an origin is in use."}, []string{"server"}),
	}
	m.registry.MustRegister(m.Requests, m.Actions, m.Refused, m.Seconds, m.Origin, m.Evaluate, m.Reloads, m.Undecidable, m.InFlight, m.Servers,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Gauge adds a number that is asked for when metrics are read.
func (m *Metrics) Gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "fathom_gateway_" + name, Help: help}, value))
}

// Counter is Gauge for numbers that only grow.
func (m *Metrics) Counter(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "fathom_gateway_" + name, Help: help}, value))
}

// Register adds collectors of another package.
func (m *Metrics) Register(cs ...prometheus.Collector) {
	for _, c := range cs {
		m.registry.MustRegister(c)
	}
}

// Handler answers /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Timeout: 10 * time.Second})
}
