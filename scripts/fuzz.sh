#!/bin/sh
# Runs every fuzz target for FUZZTIME. Fails when a target finds something,
# and when there are no targets at all.
set -eu
cd "$(dirname "$0")/.."
n=0
for pkg in $(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do
	for target in $(go test -list '^Fuzz' "$pkg" | grep '^Fuzz'); do
		echo "fuzz $pkg $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-5s}" "$pkg" | tail -n 3
		n=$((n + 1))
	done
done
[ "$n" -gt 0 ] || { echo "there is no fuzz target" >&2; exit 1; }
echo "fuzz: $n targets passed"
