package mesh_test

import (
	"fmt"
	"testing/fstest"

	"fathom/engine/reach/mesh"
	"fathom/estate"
	"fathom/estate/kubernetes"
)

const shop = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: search, namespace: shop}
spec:
  selector: {matchLabels: {app: search}}
  rules:
  - from: [{source: {principals: [cluster.local/ns/shop/sa/orders]}}]
    to: [{operation: {methods: [GET], paths: [/products/*]}}]
---
apiVersion: v1
kind: Pod
metadata: {name: orders, namespace: shop}
spec: {serviceAccountName: orders, containers: [{name: main}]}
---
apiVersion: v1
kind: Pod
metadata: {name: search, namespace: shop, labels: {app: search}}
spec: {serviceAccountName: search, containers: [{name: main}]}
---
apiVersion: v1
kind: Service
metadata: {name: search, namespace: shop}
spec: {selector: {app: search}, ports: [{name: http, port: 80, targetPort: 8080}]}
`

func Example() {
	r := kubernetes.Read(fstest.MapFS{"shop.yaml": {Data: []byte(shop)}}, []string{"shop.yaml"}, kubernetes.Options{})
	e := estate.New(r.Resources, r.Gaps, r.Unmodelled, r.Files)
	workloads := estate.All[*estate.Workload](e)
	orders, search := workloads[0], workloads[1]

	m := mesh.New(e)
	v := m.Admits(mesh.Caller{Workload: orders}, search, 8080, mesh.Detect)
	fmt.Println("orders:", v.What, "over", v.Transport)

	v = m.AdmitsRequest(mesh.Caller{Workload: orders}, search, 8080, mesh.Request{Method: "DELETE", Path: "/products/1", Host: "search"})
	fmt.Println("DELETE:", v.Admits == estate.Yes)

	v = m.Admits(mesh.Caller{Workload: search}, search, 8080, mesh.Detect)
	for _, h := range v.Hops {
		if h.Refuses {
			fmt.Println(h.Says)
			fmt.Println(h.Open)
		}
	}
	// Output:
	// orders: GET /products/* over mutual TLS
	// DELETE: false
	// AuthorizationPolicy shop/search refuses: no rule allows principal cluster.local/ns/shop/sa/search
	// add principal cluster.local/ns/shop/sa/search to rule 1 of AuthorizationPolicy shop/search
}
