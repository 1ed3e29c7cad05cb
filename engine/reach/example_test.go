package reach_test

import (
	"fmt"
	"os"
	"testing/fstest"

	"fathom/engine/reach"
	"fathom/estate/read"
)

var shop = fstest.MapFS{"shop.yaml": {Data: []byte(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: web, ports: [{containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders, namespace: shop}
spec:
  template:
    metadata: {labels: {app: orders}}
    spec: {containers: [{name: main, image: orders, ports: [{containerPort: 8080}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: []
`)}}

func ExampleNetwork_Ask() {
	e, _ := read.Paths(shop, []string{"shop.yaml"}, read.Options{})
	n := reach.New(e)
	web, _ := n.Find("svc/web", reach.From)
	orders, _ := n.Find("svc/orders", reach.To)
	for _, conn := range n.Ports(orders) {
		a := n.Ask(web, orders, conn)
		fmt.Println(reach.Word(a.Reaches), a.From, "→", a.To, "on", a.Conn)
	}
	// Output: yes svc/web → svc/orders on TCP 8080
}

func ExampleNetwork_Explain() {
	e, _ := read.Paths(shop, []string{"shop.yaml"}, read.Options{})
	n := reach.New(e)
	web, _ := n.Find("svc/web", reach.To)
	orders, _ := n.Find("svc/orders", reach.From)
	if err := n.Explain(orders, web).WriteText(os.Stdout, reach.TextOptions{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// no: svc/orders does not reach svc/web on TCP 8080
	//
	// stopped
	//   ✓ no NetworkPolicy restricts what shop/orders may call
	//   ✗ NetworkPolicy shop/web lets in nothing  shop.yaml:23
	//
	// the smallest change that would open it
	//   → add an ingress rule for TCP 8080 from pods with app=orders to NetworkPolicy shop/web  shop.yaml:23
}

func ExampleNetwork_Workloads() {
	e, _ := read.Paths(shop, []string{"shop.yaml"}, read.Options{})
	m := reach.New(e).Workloads(reach.MatrixOptions{})
	if err := m.WriteText(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// svc/orders → svc/orders  all traffic
	// svc/web    → svc/orders  all traffic
	// 2 of 2 × 2 pairs are connected, or may be
}
