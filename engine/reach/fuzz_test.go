package reach

import (
	"regexp"
	"strings"
	"testing"

	"fathom/estate"
)

// A name that is typed finds a place that finds itself, or gets an error that
// is a sentence.
func FuzzFind(f *testing.F) {
	for _, s := range []string{"internet", "store/orders-db", "10.0.0.0/8", "svc/shop/orders", "svc/", "/", "::1", `module.db["orders"].aws_rds_cluster.this`, "a/b/c/d", "\x00", "svc/örders", "0.0.0.0/0"} {
		f.Add(s)
	}
	n := New(estateOf(f, map[string]string{"main.tf": namedTF, "db/main.tf": namedDB, "k8s.yaml": namedPods}))
	f.Fuzz(func(t *testing.T, name string) {
		p, err := n.Find(name, To)
		if err != nil {
			if err.Error() == "" || strings.HasSuffix(err.Error(), ".") {
				t.Errorf("%q: %v", name, err)
			}
			return
		}
		if again, err := n.Find(p.String(), To); err != nil || again.String() != p.String() {
			t.Errorf("%q is %s, which finds %v, %v", name, p, again, err)
		}
	})
}

func FuzzGlob(f *testing.F) {
	f.Add("shop-*", "shop-logs")
	f.Add("*a*a*a*b", strings.Repeat("a", 50))
	f.Add("??", "ab")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 20 || len(text) > 50 || strings.ToValidUTF8(pattern+text, "") != pattern+text || strings.ContainsAny(pattern+text, "\n\r") || regexp.MustCompile(`[^\x00-\x7f]`).MatchString(pattern+text) {
			return
		}
		q := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		if want := regexp.MustCompile("(?s)^" + q + "$").MatchString(text); glob(pattern, text) != want {
			t.Errorf("glob(%q, %q) is %t", pattern, text, !want)
		}
	})
}

func TestEnforcement(t *testing.T) {
	const cluster = "resource \"aws_eks_cluster\" \"c\" {\n name = \"c\"\n vpc_config { subnet_ids = [] }\n}\n"
	addon := func(config string) string {
		return cluster + "resource \"aws_eks_addon\" \"a\" {\n cluster_name = aws_eks_cluster.c.name\n addon_name = \"vpc-cni\"\n configuration_values = " + config + "\n}\n"
	}
	for _, tt := range []struct {
		name, tf, k8s string
		want          estate.Truth
	}{
		{"no cluster is seen", "resource \"aws_vpc\" \"v\" { cidr_block = \"10.0.0.0/16\" }\n", "", estate.Yes},
		{"a cluster and nothing else", cluster, "", estate.Maybe},
		{"the add-on without the flag", addon("null"), "", estate.Maybe},
		{"the add-on with the flag off", addon(`jsonencode({enableNetworkPolicy = "false"})`), "", estate.Maybe},
		{"the add-on with the flag on", addon(`jsonencode({enableNetworkPolicy = "true"})`), "", estate.Yes},
		{"the flag is a boolean", addon(`jsonencode({enableNetworkPolicy = true})`), "", estate.Yes},
		{"the add-on is configured in YAML", addon(`yamlencode({enableNetworkPolicy = "true"})`), "", estate.Yes},
		{"the flag is off in YAML", addon(`yamlencode({enableNetworkPolicy = "false"})`), "", estate.Maybe},
		{"the configuration is not known", "variable \"x\" { type = string }\n" + addon("var.x"), "", estate.Maybe},
		{"Calico runs", cluster, "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node, namespace: calico-system}\nspec: {template: {metadata: {labels: {a: b}}, spec: {containers: []}}}\n", estate.Yes},
		{"Cilium is installed with Helm", cluster + "resource \"helm_release\" \"c\" {\n name = \"cilium\"\n chart = \"cilium\"\n}\n", "", estate.Yes},
	} {
		files := map[string]string{"main.tf": tt.tf}
		if tt.k8s != "" {
			files["k8s.yaml"] = tt.k8s
		}
		if got := enforcementOf(estateOf(t, files)); got.yes != tt.want || got.yes == estate.Maybe && got.why == "" {
			t.Errorf("%s: %s (%s), want %s", tt.name, Word(got.yes), got.why, Word(tt.want))
		}
	}
}
