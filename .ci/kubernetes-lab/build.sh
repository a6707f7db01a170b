#!/usr/bin/env bash
# Builds the programs of a Kubernetes node from Debian bookworm's source package. Usage: build.sh PROGRAMS WORK
# PROGRAMS gets bin/ (one multi-call binary: kubelab) and tools/ (what Debian has as binary packages); nothing is installed.
# Variables: DEBIAN_MIRROR (default: the one that apt uses here), JOBS (default: 2).
set -euo pipefail
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
programs=$1 work=$2
tools=$programs/tools bin=$programs/bin
mkdir -p "$tools" "$bin" "$work"/{packages,state/lists/partial,cache/archives/partial,go/src/k8s.io}
step() { printf '== %s (%ss)\n' "$1" "$SECONDS"; }

step 'a configuration of apt that leaves this host alone'
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
  grep -v -- '-security' | head -n 1 || true)}
[ -n "$mirror" ] || { echo 'apt names no mirror here; name one of Debian with DEBIAN_MIRROR' >&2; exit 4; }
mirror=${mirror%/}
printf 'deb %s bookworm main\ndeb-src %s bookworm main\n' "$mirror" "$mirror" > "$work/sources.list"
cat > "$work/apt.conf" <<CONF
Dir::State "$work/state"; Dir::State::status "/var/lib/dpkg/status"; Dir::Cache "$work/cache";
Dir::Etc::sourcelist "$work/sources.list"; Dir::Etc::sourceparts "/dev/null";
Acquire::Languages "none"; APT::Sandbox::User "root";
CONF
export APT_CONFIG=$work/apt.conf
apt-get -qq update

step "Go, the container runtime, etcd and kubectl: Debian's packages, unpacked"
fetch() { (cd "$work/packages" && apt-get -qq download "$@"); }
fetch golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev containerd runc containernetworking-plugins \
  busybox-static socat libwrap0 conntrack etcd-server kubernetes-client
for package in golang-1.19-go golang-1.19-src; do dpkg -x "$work/packages/$package"_*.deb "$work/toolchain"; done
for package in containerd runc containernetworking-plugins busybox-static socat libwrap0 conntrack etcd-server kubernetes-client; do
  dpkg -x "$work/packages/$package"_*.deb "$tools"
done

step 'the source, where Go of 2016 would look for it: its code generator needs that'
source=$work/go/src/k8s.io/kubernetes
if [ ! -d "$source" ]; then
  (cd "$work" && apt-get -qq source --download-only kubernetes)
  mkdir "$source"
  tar -xf "$work"/kubernetes_1.20*.orig.tar.gz -C "$source" --strip-components=1
fi
export GOROOT=$work/toolchain/usr/lib/go-1.19 GOPATH=$work/go GOCACHE=$work/go-cache CGO_ENABLED=0 GO111MODULE=off \
  GOFLAGS='' GOPROXY=off GOGC=400
export PATH=$GOROOT/bin:$PATH
cd "$source"

# The vendored reflect2 1.0.1 reads maps of Go 1.18 and later wrongly: the API server dies some seconds after its start.
dpkg -x "$work"/packages/golang-github-modern-go-reflect2-dev_*.deb "$work/reflect2"
reflect=vendor/github.com/modern-go/reflect2
rm -f $reflect/*.go $reflect/*.s
cp "$work"/reflect2/usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} $reflect/
rm -f $reflect/*_test.go
# No registry is asked for images, so no cloud's credentials are needed: 36 packages less.
sed -i '/credentialprovider\//d' cmd/kubelet/app/plugins.go

step 'the one generated file that the source package lacks'
generated=pkg/generated/openapi
if [ ! -e $generated/zz_generated.openapi.go ]; then
  nice go build -o "$work/openapi-gen" k8s.io/kubernetes/vendor/k8s.io/kube-openapi/cmd/openapi-gen
  inputs=$(grep -rl --include='*.go' '+k8s:openapi-gen=' pkg staging/src/k8s.io |
    grep -vE '_test.go|/sample-|_examples/|zz_generated|/testdata/|code-generator|/gengo/' |
    xargs -n 1 dirname | sort -u | sed 's#^staging/src/#k8s.io/kubernetes/vendor/#; s#^pkg/#k8s.io/kubernetes/pkg/#' | paste -sd ,)
  nice "$work/openapi-gen" -i "$inputs" -p k8s.io/kubernetes/$generated -O zz_generated.openapi \
    -h hack/boilerplate/boilerplate.generatego.txt -r "$work/openapi.report"
fi

step 'one binary for all components'
mkdir -p cmd/kubelab
cp "$here"/{main,dns}.go cmd/kubelab/
version='-s -w'
for package in component-base/version client-go/pkg/version; do
  for pair in gitVersion=v1.20.2 gitMajor=1 gitMinor=20 gitTreeState=clean gitCommit=debian; do
    version+=" -X k8s.io/kubernetes/vendor/k8s.io/$package.$pair"
  done
done
nice go build -trimpath -p "${JOBS:-2}" -tags 'providerless dockerless selinux' -ldflags "$version" \
  -o "$bin/kubelab" k8s.io/kubernetes/cmd/kubelab
for name in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kube-dns; do
  ln -sf kubelab "$bin/$name"
done
nice go build -trimpath -ldflags '-s -w' -o "$bin/pause" "$here/pause/main.go"
step 'built'
