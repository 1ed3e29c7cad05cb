# make up    sets up, builds and audits the example estate
# make test  sets up and passes every test
# make fuzz  looks longer: 10 million policy comparisons, a minute for each fuzz target
# make bench measures
# make flood puts twenty times the load before checkout and counts what comes through
# make bench-gateway measures the gateway beside nginx
# make examples renders the declared examples again

BIN := .cache/bin
FUZZTIME ?= 5s

.PHONY: up test bench flood bench-gateway examples setup build fmt check unit fuzz-short fuzz clean

up: build
	$(BIN)/fathom audit examples/shopnow-before --fail-on none

build:
	@sh scripts/setup.sh go
	@mkdir -p $(BIN)
	go build -o $(BIN)/fathom ./cmd/fathom

# setup installs what the tests need: a C compiler for the race detector,
# Chromium, Redis, the real terraform, and a real kube-apiserver with etcd, the CRDs
# and Istio's validation. All but the first three is built from modules, once.
setup:
	@sh scripts/setup.sh go cc browser redis terraform etcd apiserver istio crds

test: setup check unit fuzz-short
	@echo "make test: all passed"

check:
	go vet ./...
	go tool staticcheck ./...
	@files=$$(git ls-files "*.go" | xargs go tool gofumpt -l); if [ -n "$$files" ]; then echo "not formatted, run make fmt:"; echo "$$files"; exit 1; fi

# What measures the estate once for every control, or simulates minutes of load,
# runs by itself and without the race detector, under which it takes a quarter of an hour.
FOREVERY := Defeat|Foretell|Foretold|Simulated|CRSRegression|EvalAndGatewayAgree

unit:
	go test -race -timeout 40m -skip '$(FOREVERY)' ./...
	go test -timeout 40m -run '$(FOREVERY)' ./layer/...

# fuzz-short runs every fuzz target for a short while, and fails when there is none.
fuzz-short:
	@FUZZTIME=$(FUZZTIME) sh scripts/fuzz.sh

# fuzz compares the symbolic IAM engine with the concrete one in ten million
# cases, and runs every fuzz target for a minute.
fuzz:
	@sh scripts/setup.sh go
	FATHOM_CASES=10000000 go test -timeout 1h -count 1 -run 'TestCompareAgreesWithEvaluation$$' ./engine/iam/permit
	@FUZZTIME=60s sh scripts/fuzz.sh

bench:
	@sh scripts/setup.sh go
	@sh scripts/bench.sh

# flood takes about a minute; it exits 3 where the aim of edge.overload is missed.
# It is built, not run by go run, which has an exit code of its own.
flood:
	@sh scripts/setup.sh go
	@mkdir -p $(BIN)
	go build -o $(BIN)/flood ./scripts/flood
	$(BIN)/flood

bench-gateway:
	@sh scripts/setup.sh go nginx wrk
	@mkdir -p $(BIN)
	go build -o $(BIN)/bench-gateway ./scripts/nginx
	$(BIN)/bench-gateway

examples: build
	$(BIN)/fathom render examples/shopnow/platform.yaml -o examples/shopnow/rendered
	$(BIN)/fathom render examples/bazaar/platform.yaml -o examples/bazaar/rendered

fmt:
	git ls-files "*.go" | xargs go tool gofumpt -w

clean:
	rm -rf .cache
