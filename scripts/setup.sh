#!/bin/sh
# Installs what is missing of the parts named: go, cc, terraform. It does
# nothing for a part that is there, so that it can be run as often as one likes.
set -eu
cd "$(dirname "$0")/.."

TERRAFORM=v1.5.7 # the last version that builds as a plain module

say() { echo "setup: $*" >&2; }

# debian PACKAGE...: installs Debian packages as root, or says what to do.
debian() {
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		say "installing $*"
		apt-get install -y -q "$@" >/dev/null 2>&1 || { apt-get update -q >/dev/null && apt-get install -y -q "$@" >/dev/null; }
	else
		say "please install the Debian packages $* (apt-get install $*), then run this again"
		exit 1
	fi
}

need_go() {
	if ! command -v go >/dev/null; then
		say "Go is missing; install Go 1.26 or newer from https://go.dev/dl"
		exit 1
	fi
	version=$(go env GOVERSION)
	minor=$(echo "$version" | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
	if [ -n "$minor" ] && [ "$minor" -lt 26 ] && [ "$(go env GOTOOLCHAIN)" = local ]; then
		say "$version is too old; Fathom needs Go 1.26 or newer"
		exit 1
	fi
}

need_cc() { # the race detector is a C library
	command -v gcc >/dev/null || command -v cc >/dev/null || debian gcc libc6-dev
}

need_terraform() {
	mkdir -p .cache/bin
	if [ "$(cat .cache/bin/terraform.version 2>/dev/null)" != "$TERRAFORM" ] || [ ! -x .cache/bin/terraform ]; then
		say "building terraform $TERRAFORM (about three minutes, once)"
		GOBIN="$PWD/.cache/bin" GOFLAGS= CGO_ENABLED=0 go install "github.com/hashicorp/terraform@$TERRAFORM"
		echo "$TERRAFORM" >.cache/bin/terraform.version
	fi
}

for part in "$@"; do "need_$part"; done
