package netpol_test

import (
	"fmt"
	"testing/fstest"

	"fathom/engine/reach/flow"
	"fathom/engine/reach/netpol"
	"fathom/estate"
	"fathom/estate/kubernetes"
)

const shop = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: payments, namespace: shop}
spec:
  podSelector: {matchLabels: {app: payments}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: orders}}}]
    ports: [{port: 8080}]
---
apiVersion: v1
kind: Pod
metadata: {name: orders, namespace: shop, labels: {app: orders}}
spec: {containers: [{name: main}]}
---
apiVersion: v1
kind: Pod
metadata: {name: payments, namespace: shop, labels: {app: payments}}
spec: {containers: [{name: main}]}
---
apiVersion: v1
kind: Pod
metadata: {name: search, namespace: shop, labels: {app: search}}
spec: {containers: [{name: main}]}
`

func Example() {
	r := kubernetes.Read(fstest.MapFS{"shop.yaml": {Data: []byte(shop)}}, []string{"shop.yaml"}, kubernetes.Options{})
	c := netpol.New(estate.New(r.Resources, r.Gaps, r.Unmodelled, r.Files), netpol.Options{})
	orders, payments, search := netpol.Peer{Pod: c.Pods()[0]}, netpol.Peer{Pod: c.Pods()[1]}, netpol.Peer{Pod: c.Pods()[2]}

	yes, _ := c.Conns(orders, payments)
	fmt.Println("orders -> payments:", yes)
	for _, h := range c.Hops(search, payments, flow.Conn{Protocol: flow.TCP, Port: 8080}) {
		fmt.Println(h.Says)
		if h.Pass == estate.No {
			fmt.Println(h.Open)
		}
	}
	// Output:
	// orders -> payments: TCP 8080
	// no NetworkPolicy restricts what shop/search may call
	// NetworkPolicy shop/payments lets in TCP 8080 only from pods with app=orders; search has app=search
	// add pods with app=search to "from" of ingress rule 1 of NetworkPolicy shop/payments
}
