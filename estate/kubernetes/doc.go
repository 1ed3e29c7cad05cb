// Package kubernetes reads Kubernetes objects from files into the estate:
// plain manifests, kustomizations and Helm charts, as they would be deployed.
//
// It takes a mixed tree and decides what in it is Kubernetes. What a chart or
// a kustomization uses belongs to it and is not read a second time on its own.
// Every object keeps its manifest with the file, line and column of each
// value, also when a kustomization or a template made it:
//
//   - A kustomization's object has the positions of the manifest it began as.
//     A value that a patch set has the patch's position; one that only the
//     kustomization can have set has the kustomization's.
//   - A chart's object has the positions of the template text that printed it,
//     in the template or in what it includes. A value that came out of an
//     expression has the position of that expression.
//
// Nothing is fetched: a remote base or a dependency that is not vendored is a
// Problem and a Gap, and the rest is read. Nothing here uses the clock, the
// network, the environment or random numbers, so the same files give the same
// estate: template functions that would (now, randAlphaNum, genCA) return
// fixed stand-ins. All work is bounded, whatever the files say.
//
//	r := kubernetes.Read(os.DirFS("."), []string{"k8s/orders.yaml"}, kubernetes.Options{})
//	e := estate.New(r.Resources, r.Gaps, r.Unmodelled, r.Files)
//
// Problems name what to mend. What a Problem hides is a Gap too, so that
// nothing unknown passes for absent.
//
// It does not judge what it reads, and it asks no cluster.
package kubernetes
