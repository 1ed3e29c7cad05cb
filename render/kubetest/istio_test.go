package kubetest_test

import (
	"strings"
	"testing"

	"fathom/render/kubetest"
)

func TestIstioValidate(t *testing.T) {
	for _, tt := range []struct {
		name, manifests string
		want            []string // the beginning of each line
	}{
		{
			"good", `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: a, namespace: b, labels: {a: b}}
spec: {selector: {matchLabels: {app: a}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: STRICT}}}
`, nil,
		},
		{
			"ports without selector", `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: a, namespace: b}
spec: {mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}
`, []string{"PeerAuthentication b/a: mesh/namespace peer authentication cannot have port level mTLS"},
		},
		{
			"unknown fields", `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: a, namespace: b}
spec: {mtls: {mod: STRICT}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: c, namespace: b, label: {a: b}}
spec: {host: c}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: d, namespace: b}
specs: {}
`, []string{
				`PeerAuthentication b/a: unknown field "mod" in istio.security.v1beta1.PeerAuthentication.MutualTLS`,
				`DestinationRule b/c: error unmarshaling JSON: while decoding JSON: json: unknown field "label"`,
				`Telemetry b/d: error unmarshaling JSON: while decoding JSON: json: unknown field "specs"`,
			},
		},
		{
			"repeated field", `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: a, namespace: b}
spec:
  mtls: {mode: STRICT}
  mtls: {mode: PERMISSIVE}
`, []string{"PeerAuthentication b/a: error converting YAML to JSON: yaml: unmarshal errors:"},
		},
		{
			"unknown kind", `
apiVersion: security.istio.io/v1
kind: PeerAuthorization
metadata: {name: a, namespace: b}
`, []string{"PeerAuthorization b/a: "},
		},
		{
			"several problems of one object", `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a, namespace: b}
spec: {hosts: ["*"], ports: [{number: 99999, name: tcp, protocol: TCP}], resolution: DNS}
`, []string{"ServiceEntry b/a: invalid host *", "ServiceEntry b/a: port number 99999", "ServiceEntry b/a: hosts must be FQDN"},
		},
		{
			"warning", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: b}
spec:
  hosts: [a.example]
  http:
    - route: [{destination: {host: a}}]
    - route: [{destination: {host: b}}]
`, []string{"warning: VirtualService b/a: virtualService rule #1 not used"},
		},
		{
			"not Istio's", `
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: b}
spec: {nonsense: true}
---
# nothing
`, nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := kubetest.IstioValidate(t, []byte(tt.manifests))
			ok := len(got) == len(tt.want)
			for i := 0; ok && i < len(got); i++ {
				ok = strings.HasPrefix(got[i], tt.want[i])
			}
			if !ok {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}
