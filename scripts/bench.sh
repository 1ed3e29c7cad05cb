#!/bin/sh
# Prints the figures: whole processes first, then the packages' benchmarks.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .cache/bin
go build -o .cache/bin/fathom ./cmd/fathom
go run ./scripts/bench
go test -run '^$' -bench . -benchtime 3x ./estate/...
