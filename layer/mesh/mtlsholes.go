package mesh

import (
	"strconv"
	"strings"

	istionet "istio.io/api/networking/v1"
	"istio.io/api/networking/v1alpha3"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// modeAt is the line of a policy's mode.
func modeAt(p *estate.PeerAuthentication) diag.Pos { return p.At("spec", "mtls", "mode") }

// holes judges the annotations that lead ports around the sidecar ("Resource
// annotations"): what goes around it is plaintext and meets no policy.
func holes(w *estate.Workload) []control.Result {
	var out []control.Result
	for _, a := range []struct {
		name, says string
		severity   control.Severity
	}{
		{"traffic.sidecar.istio.io/excludeInboundPorts", "takes connections around its sidecar on", control.Medium},
		{"traffic.sidecar.istio.io/includeInboundPorts", "has its sidecar take only", control.Medium},
		{"traffic.sidecar.istio.io/excludeOutboundPorts", "connects around its sidecar to", control.Low},
		{"traffic.sidecar.istio.io/excludeOutboundIPRanges", "connects around its sidecar to", control.Low},
	} {
		v, there := w.PodAnnotations[a.name]
		if !there || v == "*" || v == "" && !strings.HasSuffix(a.name, "includeInboundPorts") {
			continue
		}
		what := "ports " + v
		if strings.HasSuffix(a.name, "IPRanges") {
			what = v
		}
		if v == "" {
			what = "no port at all"
		}
		at := atAnnotation(w, a.name)
		out = append(out, control.Partly(w, control.Mistake{
			At: at, Severity: a.severity,
			Summary:  w.ID.Addr + " " + a.says + " " + what + ", which no mutual TLS covers",
			Fix:      "remove the annotation " + a.name,
			Evidence: []control.Evidence{{At: at, Saw: a.name + ": " + strconv.Quote(v)}},
		}))
	}
	return out
}

// destinations judges DestinationRules that make clients speak plaintext to a
// service of the mesh.
func (s *seen) destinations() []control.Result {
	var out []control.Result
	for _, d := range estate.All[*estate.DestinationRule](s.e) {
		if !s.localHost(d.Spec.GetHost()) {
			continue // outside the mesh: mesh.store-tls
		}
		for _, path := range plaintext(d) {
			at := d.At(path...)
			out = append(out, control.Partly(d, control.Mistake{
				At:       at,
				Summary:  "DestinationRule " + d.Namespace + "/" + d.Name + " makes clients speak plaintext to " + d.Spec.GetHost() + " (tls.mode DISABLE)",
				Fix:      "remove the tls block: sidecars then use mutual TLS by themselves; or set mode: ISTIO_MUTUAL",
				Evidence: []control.Evidence{{At: at, Saw: "mode: DISABLE"}},
			}))
		}
	}
	return out
}

// plaintext returns the path of every tls.mode DISABLE of a DestinationRule:
// for all ports, for single ones, and for subsets.
func plaintext(d *estate.DestinationRule) [][]string {
	var out [][]string
	out = append(out, plaintextIn(d.Spec.GetTrafficPolicy(), "spec", "trafficPolicy")...)
	for i, sub := range d.Spec.GetSubsets() {
		out = append(out, plaintextIn(sub.GetTrafficPolicy(), "spec", "subsets", strconv.Itoa(i), "trafficPolicy")...)
	}
	return out
}

func plaintextIn(p *istionet.TrafficPolicy, path ...string) [][]string {
	var out [][]string
	disabled := func(t *v1alpha3.ClientTLSSettings) bool {
		return t != nil && t.GetMode() == v1alpha3.ClientTLSSettings_DISABLE
	}
	if disabled(p.GetTls()) {
		out = append(out, join(path, []string{"tls", "mode"}))
	}
	for i, port := range p.GetPortLevelSettings() {
		if disabled(port.GetTls()) {
			out = append(out, join(path, []string{"portLevelSettings", strconv.Itoa(i), "tls", "mode"}))
		}
	}
	return out
}
