package gateway

import (
	"github.com/prometheus/client_golang/prometheus"

	"fathom/layer/edge/gateway/overload"
)

// limiterMetrics shows what the limiter of each origin is doing, when metrics are
// read.
type limiterMetrics map[string]*overload.Limiter

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("fathom_gateway_"+name, help, append([]string{"origin"}, labels...), nil)
}

var (
	limitDesc    = describe("limit", "Requests that an origin may have at once, as found by its answers.")
	usedDesc     = describe("limit_used", "Requests that an origin has now.")
	waitingDesc  = describe("waiting", "Requests that wait for a place before an origin.", "class")
	grantedDesc  = describe("granted_total", "Requests that got a place before an origin.", "class")
	shedDesc     = describe("shed_total", "Requests that got none.", "class", "reason")
	roomOpenDesc = describe("room_open", "1 while waiting rooms before an origin are open.")
)

// Describe lists the metrics.
func (limiterMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{limitDesc, usedDesc, waitingDesc, grantedDesc, shedDesc, roomOpenDesc} {
		out <- d
	}
}

// Collect reads each limiter once.
func (m limiterMetrics) Collect(out chan<- prometheus.Metric) {
	for origin, l := range m {
		s := l.State()
		gauge := func(d *prometheus.Desc, v float64, labels ...string) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append([]string{origin}, labels...)...)
		}
		count := func(d *prometheus.Desc, v uint64, labels ...string) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), append([]string{origin}, labels...)...)
		}
		gauge(limitDesc, float64(s.Limit))
		gauge(usedDesc, float64(s.InFlight))
		open := 0.0
		if s.Open {
			open = 1
		}
		gauge(roomOpenDesc, open)
		for c := range s.Waiting {
			class := overload.Class(c).String()
			gauge(waitingDesc, float64(s.Waiting[c]), class)
			count(grantedDesc, s.Granted[c], class)
			for r, n := range s.Refused[c] {
				if n > 0 {
					count(shedDesc, n, class, overload.Reason(r).String())
				}
			}
		}
	}
}
