#!/usr/bin/env bash
# The node: runs below the first process of the namespaces that `.ci/kubernetes start` makes.
# Variables: PROGRAMS, STATE, RUN, PORT, NODE_ADDRESS.
set -uo pipefail
tools=$PROGRAMS/tools
export PATH=$PROGRAMS/bin:$tools/usr/bin:$tools/usr/sbin:$PATH LD_LIBRARY_PATH=$tools/usr/lib/x86_64-linux-gnu
pki=$RUN/pki log=$RUN/log
group=/forkpoint-kube-$PORT

# Linux shares CPU among sessions, and the whole control plane is one; a cluster's has machines of its own.
echo -10 > /proc/self/autogroup 2>/dev/null || :

mount --make-rshared /
mount -t tmpfs tmpfs /run
mkdir -p /run/{lock,netns,containerd,pinned,etcd}
hostname lab

# The kubelet sets these, which are the whole machine's. It finds files that hold what it wants already.
pin() {
  local file=/run/pinned/${1//\//.}
  echo "$2" > "$file"
  mount --bind "$file" "/proc/sys/$1"
}
pin vm/overcommit_memory 1
pin vm/panic_on_oom 0
pin kernel/panic 10
pin kernel/panic_on_oops 1
pin kernel/keys/root_maxkeys 1000000
pin kernel/keys/root_maxbytes 25000000
[ -e /dev/kmsg ] || ln -s /dev/null /dev/kmsg
if [ ! -s /etc/machine-id ]; then
  echo 00000000000000000000000000000001 > /run/machine-id
  touch /etc/machine-id
  mount --bind /run/machine-id /etc/machine-id
fi

# A link with itself carries the node's address: not every kernel has a dummy interface.
ip link set lo up
ip link add node0 type veth peer name node0p
ip address add "$NODE_ADDRESS/32" dev node0
ip address add 10.96.0.10/32 dev node0
ip link set node0p up
ip link set node0 up
# So that the node itself reaches the addresses of services.
ip route add default dev node0
echo 1 > /proc/sys/net/ipv4/ip_forward
iptables -P FORWARD ACCEPT

socat "UNIX-LISTEN:$RUN/api.sock,fork,mode=600" "TCP:127.0.0.1:$PORT" &
# In memory: no fsync, and gone with the lab.
mount -t tmpfs -o size=512m tmpfs /run/etcd
etcd --data-dir /run/etcd/data --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
  --initial-cluster default=http://127.0.0.1:2380 > "$log/etcd.log" 2>&1 &
issuer=https://kubernetes.default.svc.cluster.local
kube-apiserver --advertise-address="$NODE_ADDRESS" --secure-port="$PORT" --etcd-servers=http://127.0.0.1:2379 \
  --service-cluster-ip-range=10.96.0.0/16 --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
  --client-ca-file="$pki/ca.crt" --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
  --kubelet-client-certificate="$pki/admin.crt" --kubelet-client-key="$pki/admin.key" \
  --kubelet-certificate-authority="$pki/ca.crt" --kubelet-preferred-address-types=InternalIP \
  --allow-privileged=true --feature-gates=EphemeralContainers=true --service-account-issuer=$issuer \
  --api-audiences=$issuer --service-account-key-file="$pki/accounts.pub" \
  --service-account-signing-key-file="$pki/accounts.key" --profiling=false --cert-dir=/run/apiserver \
  > "$log/apiserver.log" 2>&1 &

# No right to change another process's score for the OOM killer is needed: restrict_oom_score_adj.
cat > "$RUN/etc/containerd.toml" <<TOML
version = 2
root = "$RUN/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "lab.local/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  tolerate_missing_hugetlb_controller = true
  disable_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$tools/usr/lib/cni"
    conf_dir = "$RUN/etc/cni"
TOML
mkdir -p "$RUN/etc/cni"
cat > "$RUN/etc/cni/10-lab.conflist" <<'JSON'
{ "cniVersion": "0.4.0", "name": "lab", "plugins": [
  { "type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true,
    "ipam": { "type": "host-local", "dataDir": "/run/cni-ipam", "ranges": [[{ "subnet": "10.244.0.0/16" }]] } },
  { "type": "portmap", "capabilities": { "portMappings": true } } ] }
JSON
containerd -c "$RUN/etc/containerd.toml" > "$log/containerd.log" 2>&1 &

echo 'nameserver 10.96.0.10' > /run/resolv.conf
cat > "$RUN/etc/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: $pki/ca.crt } }
authorization: { mode: Webhook }
tlsCertFile: $pki/kubelet-server.crt
tlsPrivateKeyFile: $pki/kubelet-server.key
cgroupDriver: cgroupfs
cgroupRoot: $group
enforceNodeAllocatable: [none]
failSwapOn: false
oomScoreAdj: 0
maxOpenFiles: 1024
evictionHard: { memory.available: 50Mi, nodefs.available: '0%', nodefs.inodesFree: '0%', imagefs.available: '0%' }
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
resolvConf: /run/resolv.conf
nodeStatusUpdateFrequency: 1s
serializeImagePulls: false
featureGates: { EphemeralContainers: true }
YAML

until [ -S /run/containerd/containerd.sock ]; do sleep 0.05; done
ctr() { command ctr -a /run/containerd/containerd.sock -n k8s.io "$@"; }
for archive in "$STATE"/images/*.tar; do
  # One that was imported in an earlier life is known by its archive.
  mark=$RUN/containerd/imported.$(basename "$archive").$(stat -c %s.%Y "$archive")
  [ ! -e "$mark" ] || continue
  ctr images import "$archive" >> "$log/import.log" 2>&1 && touch "$mark"
done
until curl -skf --max-time 1 "https://127.0.0.1:$PORT/readyz" >/dev/null; do sleep 0.1; done

kubelet --config="$RUN/etc/kubelet.yaml" --kubeconfig="$pki/kubelet.conf" --hostname-override=lab \
  --node-ip="$NODE_ADDRESS" --root-dir="$RUN/kubelet" --cert-dir=/run/kubelet-pki --container-runtime=remote \
  --container-runtime-endpoint=unix:///run/containerd/containerd.sock > "$log/kubelet.log" 2>&1 &
kube-controller-manager --kubeconfig="$pki/controller-manager.conf" --leader-elect=false \
  --use-service-account-credentials --service-account-private-key-file="$pki/accounts.key" \
  --root-ca-file="$pki/ca.crt" --cluster-cidr=10.244.0.0/16 --cluster-signing-cert-file="$pki/ca.crt" \
  --cluster-signing-key-file="$pki/ca.key" --cert-dir=/run/controllers > "$log/controller-manager.log" 2>&1 &
kube-scheduler --kubeconfig="$pki/scheduler.conf" --leader-elect=false --cert-dir=/run/scheduler > "$log/scheduler.log" 2>&1 &
# It must not set conntrack's limits, which are the machine's.
kube-proxy --kubeconfig="$pki/proxy.conf" --hostname-override=lab --cluster-cidr=10.244.0.0/16 --conntrack-max-per-core=0 \
  --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0 > "$log/proxy.log" 2>&1 &
kube-dns "$pki/admin.conf" 10.96.0.10:53 > "$log/dns.log" 2>&1 &
touch "$RUN/ready"
# If one of them ends, the rest goes on, so that a test can see it.
wait
