#!/bin/sh
# Installs what is missing of the parts named: go, cc, browser, redis,
# terraform, etcd, apiserver, istio, crds. It does nothing for a part that is there, so that it can be run as
# often as one likes. Everything goes into .cache.
set -eu
cd "$(dirname "$0")/.."

TERRAFORM=v1.5.7 # the last version that builds as a plain module

# Where the CustomResourceDefinitions come from. What is built has its versions
# in scripts/parts/*/go.mod.
ISTIO_API=istio.io/api@v1.31.1
KYVERNO_API=github.com/kyverno/api@v0.0.1-alpha.3.0.20260723090831-fb2785727f98 # of Kyverno 1.19
CERT_MANAGER=github.com/cert-manager/cert-manager@v1.21.2
VPC_CONTROLLER=github.com/aws/amazon-vpc-resource-controller-k8s@v1.8.2
AWSPCA=github.com/cert-manager/aws-privateca-issuer@v1.9.2 # the last for any Go 1.26; later ones only add fields

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

# quietly PACKAGE...: installs Debian packages without starting the services that
# they bring (invoke-rc.d asks policy-rc.d; 101 is no).
quietly() {
	policy=/usr/sbin/policy-rc.d
	if [ "$(id -u)" = 0 ] && [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod +x $policy
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT INT TERM
		debian "$@"
		rm -f $policy
		trap - EXIT INT TERM
	else
		debian "$@"
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

need_browser() { command -v chromium >/dev/null || debian chromium; }

# The tests start a server of their own on a socket; the service that Debian
# starts does not matter to them.
need_redis() { command -v redis-server >/dev/null || debian redis-server; }

# nginx with ModSecurity and the Core Rule Set, to compare the gateway with.
need_nginx() {
	if ! command -v nginx >/dev/null || [ ! -e /usr/lib/nginx/modules/ngx_http_modsecurity_module.so ] || [ ! -d /usr/share/modsecurity-crs/rules ]; then
		quietly nginx libnginx-mod-http-modsecurity modsecurity-crs
	fi
}

need_wrk() { command -v wrk >/dev/null || debian wrk; }

need_terraform() {
	mkdir -p .cache/bin
	if [ "$(cat .cache/bin/terraform.version 2>/dev/null)" != "$TERRAFORM" ] || [ ! -x .cache/bin/terraform ]; then
		say "building terraform $TERRAFORM (about three minutes, once)"
		GOBIN="$PWD/.cache/bin" GOFLAGS= CGO_ENABLED=0 go install "github.com/hashicorp/terraform@$TERRAFORM"
		echo "$TERRAFORM" >.cache/bin/terraform.version
	fi
}

# part NAME FOLDER PACKAGE TIME [LDFLAGS]: builds a package of the module in
# scripts/parts/FOLDER as .cache/bin/NAME, if what it is built from has changed.
part() {
	folder=scripts/parts/$2
	stamp=$(cat "$folder"/* | cksum)
	if [ "$(cat ".cache/bin/$1.version" 2>/dev/null)" != "$stamp" ] || [ ! -x ".cache/bin/$1" ]; then
		mkdir -p .cache/bin
		say "building $1 (about $4, once)"
		bin=$PWD/.cache/bin/$1
		(cd "$folder" && GOFLAGS= CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w ${5-}" -o "$bin" "$3")
		echo "$stamp" >".cache/bin/$1.version"
	fi
}

need_etcd() { part etcd kubernetes go.etcd.io/etcd/server/v3 "two minutes"; }

# The API server is told its version by the linker; otherwise it calls itself
# v0.0.0.
need_apiserver() {
	release=$(sed -n 's|.*k8s.io/kubernetes v\([0-9.]*\).*|\1|p' scripts/parts/kubernetes/go.mod)
	major=${release%%.*} rest=${release#*.}
	at=k8s.io/component-base/version
	part kube-apiserver kubernetes k8s.io/kubernetes/cmd/kube-apiserver "five minutes" \
		"-X $at.gitVersion=v$release -X $at.gitMajor=$major -X $at.gitMinor=${rest%%.*}"
}

need_istio() { part istio-validate istio . "three minutes"; }

# crds MODULE@VERSION FILE...: copies files of a module.
crds() {
	module=$1
	shift
	dir=$(GOFLAGS= go mod download -json "$module" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
	[ -n "$dir" ] || { say "cannot fetch $module" && exit 1; }
	for file in "$@"; do
		name=$(echo "$module" | sed 's|@.*||; s|.*github.com/||; s|/|-|g')
		# The pattern is for the folder of the module.
		for from in "$dir"/$file; do cat "$from" >".cache/crds.new/$name-${from##*/}"; done
	done
}

need_crds() {
	stamp=$(cksum <scripts/setup.sh)
	[ "$(cat .cache/crds/version 2>/dev/null)" = "$stamp" ] && return
	say "fetching the CustomResourceDefinitions of Istio, Kyverno, cert-manager and the VPC controller"
	rm -rf .cache/crds.new && mkdir -p .cache/crds.new
	crds "$ISTIO_API" kubernetes/customresourcedefinitions.gen.yaml
	crds "$KYVERNO_API" 'config/crds/*validatingpolicies.yaml' config/crds/policies.kyverno.io_policyexceptions.yaml
	crds "$CERT_MANAGER" 'deploy/crds/*.yaml'
	crds "$AWSPCA" 'config/crd/bases/*.yaml'
	crds "$VPC_CONTROLLER" config/crd/bases/vpcresources.k8s.aws_securitygrouppolicies.yaml
	echo "$stamp" >.cache/crds.new/version
	rm -rf .cache/crds && mv .cache/crds.new .cache/crds
}

for part in "$@"; do "need_$part"; done
