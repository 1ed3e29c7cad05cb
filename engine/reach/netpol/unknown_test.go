package netpol

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// manifests puts the head of a NetworkPolicy before each of some documents.
func manifests(policies string) string {
	var b strings.Builder
	for _, doc := range strings.Split(policies, "\n---\n") {
		if strings.TrimSpace(doc) != "" {
			b.WriteString("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n" + strings.TrimSpace(doc) + "\n")
		}
	}
	return b.String()
}

// why is the reason of the one Maybe of a question.
func why(t *testing.T, c *Cluster, from, to, conn string) string {
	t.Helper()
	src, dst := end(t, c, from), end(t, c, to)
	if got := passes(t, c, src, dst, connOf(t, conn)); got != estate.Maybe {
		t.Errorf("%s -> %s is %s", from, to, truths[got])
	}
	var out []string
	for _, h := range c.Hops(src, dst, connOf(t, conn)) {
		if h.Why != "" {
			out = append(out, h.Why)
		}
	}
	return strings.Join(out, "; ")
}

func TestWhatMakesAnAnswerUnknown(t *testing.T) {
	const shop = `
		shop/a app=a
		shop/b app=b
		web/w app=w
	`
	deny := `
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}}`
	for _, c := range []struct{ name, objects, from, to, want string }{
		{
			"an AdminNetworkPolicy", "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: x}\n", "shop/a", "203.0.113.5",
			"AdminNetworkPolicy x (policy.networking.k8s.io) decides too, and policies of that kind are not evaluated",
		},
		{
			"a BaselineAdminNetworkPolicy", "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\n", "203.0.113.5", "shop/a",
			"BaselineAdminNetworkPolicy default (policy.networking.k8s.io) decides too, and policies of that kind are not evaluated",
		},
		{
			"a CiliumNetworkPolicy of the namespace", "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x, namespace: shop}\n", "web/w", "shop/a",
			"CiliumNetworkPolicy shop/x (cilium.io) decides too, and policies of that kind are not evaluated",
		},
		{
			"a GlobalNetworkPolicy of Calico", "---\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: x}\n", "shop/a", "203.0.113.5",
			"GlobalNetworkPolicy x (projectcalico.org) decides too, and policies of that kind are not evaluated",
		},
		{
			"a NetworkPolicy that cannot be read", manifests("metadata: {name: x, namespace: shop}\nspec: {podSelector: [1]}"), "203.0.113.5", "shop/a",
			"NetworkPolicy shop/x could not be read",
		},
		{
			"a namespace without an object", manifests("metadata: {name: x, namespace: shop}\nspec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: x}}}]}]}"), "web/w", "shop/a",
			"Namespace web is not in the files, so its labels are not known",
		},
		{
			"endPort without a port", manifests("metadata: {name: x, namespace: shop}\nspec: {podSelector: {}, ingress: [{ports: [{endPort: 9}]}]}"), "web/w", "shop/a",
			"the API server would refuse NetworkPolicy shop/x: ingress rule 1: endPort 9 stands without a port",
		},
		{
			"endPort with a named port", manifests("metadata: {name: x, namespace: shop}\nspec: {podSelector: {}, ingress: [{ports: [{port: http, endPort: 9}]}]}"), "web/w", "shop/a",
			"the API server would refuse NetworkPolicy shop/x: ingress rule 1: endPort 9 stands with a named port",
		},
		{
			"a range that runs backwards", manifests("metadata: {name: x, namespace: shop}\nspec: {podSelector: {}, ingress: [{ports: [{port: 9, endPort: 8}]}]}"), "web/w", "shop/a",
			"the API server would refuse NetworkPolicy shop/x: ingress rule 1: 9-8 is no range of ports",
		},
		{
			"an except outside its block", manifests("metadata: {name: x, namespace: shop}\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]}"), "web/w", "shop/a",
			"the API server would refuse NetworkPolicy shop/x: ingress rule 1: except 11.0.0.0/16 is not a part of 10.0.0.0/8",
		},
		{
			"an operator that does not exist", manifests("metadata: {name: x, namespace: shop}\nspec: {podSelector: {matchExpressions: [{key: a, operator: Like}]}}"), "web/w", "shop/a",
			`the API server would refuse NetworkPolicy shop/x: its podSelector is wrong: "Like" is not a valid label selector operator`,
		},
		{
			"an item that says nothing", manifests("metadata: {name: x, namespace: shop}\nspec: {podSelector: {}, ingress: [{from: [{}]}]}"), "web/w", "shop/a",
			"the API server would refuse NetworkPolicy shop/x: ingress rule 1: an item says neither podSelector, namespaceSelector nor ipBlock",
		},
		{
			"a refused policy beside one that denies", manifests(deny) + manifests("metadata: {name: x, namespace: shop}\nspec: {podSelector: {}, ingress: [{from: [{}]}]}"), "web/w", "shop/a",
			"the API server would refuse NetworkPolicy shop/x: ingress rule 1: an item says neither podSelector, namespaceSelector nor ipBlock",
		},
		{
			"an address of a pod", manifests("metadata: {name: x, namespace: shop}\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16}}]}]}"), "web/w", "shop/a",
			"no file tells whether the address of web/w is in 10.1.0.0/16",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl := New(read(t, pods(shop)+c.objects), Options{AsWritten: true})
			if diff := cmp.Diff(c.want, why(t, cl, c.from, c.to, "TCP/80")); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("and elsewhere nothing is", func(t *testing.T) {
		cl := New(read(t, pods(shop)+"---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x, namespace: shop}\n"), Options{})
		ask(t, cl, `
			web/w -> 203.0.113.5 TCP/80 yes
			203.0.113.5 -> web/w TCP/80 yes
			web/w -> shop/a TCP/80 maybe`)
	})
	t.Run("nor by what is only staged", func(t *testing.T) {
		cl := New(read(t, pods(shop)+"---\napiVersion: projectcalico.org/v3\nkind: StagedGlobalNetworkPolicy\nmetadata: {name: x}\n"), Options{})
		ask(t, cl, `web/w -> shop/a TCP/80 yes`)
	})
}

func TestLabelsThatAControllerSets(t *testing.T) {
	const set = `---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: main}]}
`
	c := New(read(t, spaces("shop")+pods("shop/web app=web")+set+manifests(`
metadata: {name: first-only, namespace: shop}
spec:
  podSelector: {matchLabels: {statefulset.kubernetes.io/pod-name: db-0}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]`)), Options{})
	ask(t, c, `
		shop/web -> shop/db TCP/5432 yes
		203.0.113.5 -> shop/db TCP/5432 maybe
		shop/db -> shop/db TCP/5432 maybe
		shop/db -> shop/web TCP/80 yes`)
	want := "whether NetworkPolicy shop/first-only selects shop/db depends on a label that its controller sets"
	if got := why(t, c, "203.0.113.5", "shop/db", "TCP/5432"); got != want {
		t.Error(got)
	}
}

// What parts of the files may hide can change every answer that no rule gives.
func TestHiddenPolicies(t *testing.T) {
	e := read(t, spaces("shop")+pods("shop/a app=a\nshop/b app=b\nshop/c app=c")+manifests(`
metadata: {name: b, namespace: shop}
spec: {podSelector: {matchLabels: {app: b}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 1}]}]}
---
metadata: {name: a, namespace: shop}
spec: {podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{}]}`))
	hidden := estate.New(e.Resources, []estate.Gap{{Of: "chart redis", Pos: diag.At("Chart.yaml", 3, 0), Why: "not vendored", Kubernetes: true}}, nil, nil)
	c := New(hidden, Options{})
	ask(t, c, `
		shop/a -> shop/b TCP/1 yes
		shop/a -> shop/b TCP/2 maybe
		shop/c -> shop/b TCP/1 maybe
		shop/a -> shop/c TCP/1 maybe`)
	if got, want := why(t, c, "shop/c", "203.0.113.5", "TCP/1"), "chart redis (Chart.yaml:3) could not be read and may hold it"; got != want {
		t.Error(got)
	}
	ask(t, New(hidden, Options{AsWritten: true}), `
		shop/a -> shop/b TCP/2 no
		shop/c -> shop/b TCP/1 yes`)
}

func TestPodAddrs(t *testing.T) {
	known, _ := flow.ParseAddrs("10.1.0.0/16")
	c := New(read(t, pods("shop/a app=a\nshop/b app=b")+manifests(`
metadata: {name: b, namespace: shop}
spec:
  podSelector: {matchLabels: {app: b}}
  ingress:
  - {from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 1}]}
  - {from: [{ipBlock: {cidr: 10.2.0.0/16}}], ports: [{port: 2}]}
  - {from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.7.0/24]}}], ports: [{port: 3}]}`)), Options{PodAddrs: known})
	ask(t, c, `
		shop/a -> shop/b TCP/1 yes
		shop/a -> shop/b TCP/2 no
		shop/a -> shop/b TCP/3 maybe`)
}

// Two policies that may be there and let different addresses in let none of
// them in together.
func TestUnsurePoliciesAndRanges(t *testing.T) {
	const set = `---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: main}]}
`
	c := New(read(t, set+manifests(`
metadata: {name: a, namespace: shop}
spec: {podSelector: {matchExpressions: [{key: apps.kubernetes.io/pod-index, operator: In, values: ["0"]}]}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/25}}]}]}
---
metadata: {name: b, namespace: shop}
spec: {podSelector: {matchExpressions: [{key: apps.kubernetes.io/pod-index, operator: In, values: ["0"]}]}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.128/25}}]}]}`)), Options{})
	ask(t, c, `203.0.113.0/24 -> shop/db TCP/5432 maybe`)
}
