package all

import (
	"fmt"
	"strings"
	"testing"

	"fathom/control"
)

// promised are the controls that Fathom promises, outside in: id, threats,
// phase (Quick win, Mid-term, Long-term).
const promised = `
edge.front-door 35 Q
edge.origin-secret 35 Q
edge.tls 13 Q
edge.waf-attached 235 Q
edge.waf-managed 23 Q
edge.waf-enforcing 235 Q
edge.rate-limit 15 Q
edge.geo 15 Q
edge.bots 5 M
edge.client-proof 15 M
edge.challenge 15 M
edge.waf-canary 5 M
edge.waf-logging 35 Q
edge.shield 5 L
edge.overload 5 L
edge.failover 56 L
network.no-open-ingress 23 Q
network.private-data 3 Q
network.sg-chain 23 M
network.egress-deny 34 M
network.endpoints 3 M
network.pod-policy 2 M
network.payments-isolation 23 L
network.no-ssh 12 Q
network.flow-logs 23 Q
network.cluster-private 12 Q
mesh.mtls-strict 23 L
mesh.authorization 2 L
mesh.private-ca 2 L
mesh.short-certs 2 L
mesh.revocation 2 L
mesh.store-tls 3 M
mesh.telemetry 2 L
identity.irsa 23 M
identity.trust-exact 2 M
identity.least-privilege 123 M
identity.node-role 2 M
identity.session-tags 2 M
identity.role-monitoring 12 M
identity.mfa 1 Q
identity.no-long-keys 14 Q
identity.guardrails 16 M
identity.policy-lint 12 M
supply.ci-oidc 4 M
supply.scan-on-push 4 M
supply.code-gates 4 M
supply.signed-images 4 M
supply.sbom 4 L
supply.admission 4 M
supply.pod-hardening 24 M
supply.immutable-tags 4 M
supply.runtime-detection 24 L
supply.immutable-nodes 24 L
data.at-rest 3 Q
data.key-policy 36 M
data.envelope 3 M
data.field-encryption 3 M
data.s3-private 3 Q
data.object-lock 6 M
data.discovery 3 Q
data.card-tokens 3 M
data.classes 3 M
data.retention 3 M
data.subject-rights 3 L
data.backups 6 L
data.residency 3 L
data.secrets 134 Q
access.ssm-only 12 Q
access.mfa-session 1 Q
access.just-in-time 12 M
access.session-audit 13 Q
access.scoped 2 M
access.break-glass 16 M
response.trail 136 Q
response.guardduty 123 Q
response.posture 13 M
response.detections 123456 M
response.runbooks 36 M
response.drift 23 M
response.drills 123456 L
response.kpis 123456 M
response.retention 36 Q
response.compliance 123456 M
response.rollout 123456 Q
response.notify 123456 M
`

func TestEveryPromisedControlIsListed(t *testing.T) {
	var got strings.Builder
	got.WriteByte('\n')
	for _, l := range Layers() {
		for i := range l.Controls {
			c := &l.Controls[i]
			if c.Layer() != l.Name {
				t.Errorf("%s is in layer %s", c.ID, l.Name)
			}
			fmt.Fprintf(&got, "%s %s %c\n", c.ID, threats(c), "QML"[c.Phase])
		}
	}
	if got.String() != promised {
		a, b := strings.Split(promised, "\n"), strings.Split(got.String(), "\n")
		for i := range max(len(a), len(b)) {
			var x, y string
			if i < len(a) {
				x = a[i]
			}
			if i < len(b) {
				y = b[i]
			}
			if x != y {
				t.Errorf("line %d: promised %q, listed %q", i, x, y)
			}
		}
	}
}

func threats(c *control.Control) string {
	out := ""
	for _, t := range c.Threats {
		out += fmt.Sprint(uint8(t))
	}
	if out == "" {
		return "-"
	}
	return out
}

func TestControlFindsByID(t *testing.T) {
	layers := Layers()
	if c := Control(layers, "mesh.mtls-strict"); c == nil || c.ID != "mesh.mtls-strict" {
		t.Errorf("got %v", c)
	}
	if c := Control(layers, "mesh"); c != nil {
		t.Errorf("got %v", c)
	}
}
