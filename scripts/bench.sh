#!/bin/sh
# Prints the figures: whole processes first, then the packages' benchmarks.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .cache/bin
go build -o .cache/bin/fathom ./cmd/fathom
go run ./scripts/bench
go test -run '^$' -bench . -benchtime 3x ./estate/...
echo
echo "the IAM engine: decisions on the example's policies, AWS's labelled pairs, estates"
go test -run '^$' -bench . -benchtime 1s ./engine/iam/... ./cli
echo
echo "reachability: the matrix of 250, 500 and 1,000 workloads"
go test -run '^$' -bench . -benchtime 1x ./engine/reach/...
echo
echo "render: ShopNow, and platforms of 75, 150 and 300 services, in process and without writing"
go test -run '^$' -bench BenchmarkRender -benchtime 3x ./layer/all
echo
echo "depth: one depth with its proofs in 1,000 to 100,000 steps; all subsets beside hitting sets; the cheapest plan"
go test -run '^$' -bench . -benchtime 1x ./engine/depth
echo
echo "web ACLs: 30 rules on an ordinary GET, counters, fingerprints, transformations"
go test -run '^$' -bench . -benchtime 1s ./engine/webacl ./engine/webacl/rate ./engine/webacl/fingerprint ./engine/webacl/geo ./engine/webacl/waflog ./engine/webacl/regex ./engine/webacl/jsonbody
echo
echo "the Core Rule Set: Coraza as it is beside ours, and the usual managed groups"
go test -run '^$' -bench . -benchtime 2s ./engine/webacl/crs ./engine/webacl/managed
echo
echo "the gateway: one request, the client's part included (make bench-gateway compares with nginx, make flood with a flood)"
go test -run '^$' -bench . -benchtime 2s ./layer/edge/gateway ./layer/edge/gateway/overload ./layer/edge/gateway/token
