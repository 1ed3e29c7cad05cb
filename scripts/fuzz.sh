#!/bin/sh
# Runs every fuzz target for FUZZTIME. Fails when a target finds something or
# has no seeds, and when there are no targets at all.
set -eu

# outoftime LOG: the end of FUZZTIME is all that the run complains of. Go reports
# it as a failure when the time ends inside a worker's call, see
# https://go.dev/issue/75804; a finding is always written to a file and named.
outoftime() {
	grep -q '^    context deadline exceeded$' "$1" &&
		grep -q 'now fuzzing with' "$1" &&
		! grep -q -e 'Failing input written to' -e 'panic' -e 'terminated unexpectedly' "$1"
}

cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
n=0
for pkg in $(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do
	for target in $(go test -list '^Fuzz' "$pkg" | grep '^Fuzz'); do
		if ! go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-5s}" -fuzzminimizetime 10x "$pkg" >"$log" 2>&1 && ! outoftime "$log"; then
			cat "$log"
			echo "fuzz: $pkg $target failed" >&2
			exit 1
		fi
		if grep -q 'gathering baseline coverage: 0/0' "$log"; then
			echo "fuzz: $pkg $target has no seeds" >&2
			exit 1
		fi
		echo "fuzz $pkg $target passed"
		n=$((n + 1))
	done
done
[ "$n" -gt 0 ] || {
	echo "fuzz: there is no fuzz target" >&2
	exit 1
}
echo "fuzz: $n targets passed"
