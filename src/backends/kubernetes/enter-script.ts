/**
 * POSIX shell, in a privileged helper with the host's process numbers: runs a command in the network of a pod. $1: the pod's uid;
 * $2: the id of its database's container, or ''; $3: a folder of the helper's for this pod; then the command.
 *
 * The network is reached through the pod's sandbox, which outlives its containers: rules can be removed when the database's
 * container has died. Each look at its processes is one program for all of them: a pod under load has hundreds. Programs are the
 * helper's: the database's image may have none. /run is the pod's own in the helper, and /run/pod-root leads to the container's
 * files. FORKPOINT_INIT is the container's first process, if it has processes of its own.
 */
export const enterScript = `uid=$1 container=$2 folder=$3; shift 3
pids=$(grep -ls -e "$uid" -e "$(printf %s "$uid" | tr - _)" /proc/[0-9]*/cgroup | cut -d / -f 3)
[ -n "$pids" ] || { echo "pod $uid has no process on this node" >&2; exit 69; }
with() {
  file=$1; shift
  for pid in $pids; do printf '/proc/%s/%s\\n' "$pid" "$file"; done | xargs grep -ls "$@" /dev/null | cut -d / -f 3
}
sandbox=$(with comm -x pause | tail -n 1)
sandbox=\${sandbox:-\${pids%%[!0-9]*}}
main= init=
if [ -n "$container" ]; then
  pids=$(with cgroup -e "$container")
  main=\${pids%%[!0-9]*}
  init=$(with status -e '^NSpid:.*[[:space:]]1$' | tail -n 1)
fi
mkdir -p "$folder"
FORKPOINT_INIT=$init exec nsenter -t "$sandbox" -n -- unshare -m sh -c '
mount --bind "$1" /run && { [ -z "$2" ] || ln -sfn "/proc/$2/root" /run/pod-root; }
shift 2
exec "$@"' sh "$folder" "\${init:-$main}" "$@"`;

/** Where the container's files are, for a command that the script runs. */
export const podRoot = '/run/pod-root';
