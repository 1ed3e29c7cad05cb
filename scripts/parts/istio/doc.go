// Command istio reads a stream of manifests from standard input and holds every
// object of Istio in it to Istio's own validation: the one that istiod's webhook
// runs, which knows what the schemas of the CRDs cannot say.
//
// It prints a line of JSON for each problem and each warning, with the object's
// kind, namespace and name. It exits with 0 if there are no problems, though
// there may be warnings, with 3 if there are, and with 1 if the stream can't be
// read. Objects that are not Istio's are passed over: the API server looks at
// those.
package main
