package kubetest_test

import (
	"testing"

	"fathom/render/kubetest"
)

func TestPods(t *testing.T) {
	got, err := kubetest.Pods([]byte(deployment("shop", `{name: main, image: a}`) + `
---
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: shop}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec:
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: main, image: b}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	const want = `---
apiVersion: v1
kind: Pod
metadata:
  annotations:
    note: kept
  labels:
    app: shop
  name: shop-0
  namespace: shop
spec:
  containers:
  - image: a
    name: main
  securityContext:
    runAsNonRoot: true
    seccompProfile:
      type: RuntimeDefault
---
apiVersion: v1
kind: Pod
metadata:
  name: nightly-0
  namespace: shop
spec:
  containers:
  - image: b
    name: main
  restartPolicy: Never
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestThePodsOfADeploymentAreJudged(t *testing.T) {
	c := kubetest.Shared(t)
	namespace(t, c, "pods", true)
	for container, words := range map[string][]string{
		privileged: {"Pod pods/shop-0: ", "privileged=true"},
		modest:     nil,
	} {
		manifests := []byte(deployment("pods", container))
		accepted(t, c.Apply(manifests))
		pods, err := kubetest.Pods(manifests)
		if err != nil {
			t.Fatal(err)
		}
		if errs := c.DryRun(pods); words == nil {
			accepted(t, errs)
		} else {
			refused(t, errs, words...)
		}
	}
}
