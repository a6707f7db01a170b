/*
 * What runs in the undo pod, beside the dead-man timer that waits for the harness' silence there. Each change is a file: its
 * method, its path, and behind them the body.
 */

export const undoFolder = '/tmp/forkpoint-undo';
/** Of the timer there, which holds a lock on it while the harness lives. */
export const undoMark = '/tmp/forkpoint.healed';

/**
 * Bash: `send FILE` prints the HTTP status, and leaves the answer in $answer. The token is in no command line. Two changes may be held
 * at the same time, so each process has files of its own.
 */
const send = `
answer=/tmp/forkpoint-answer.$$ sent=/tmp/forkpoint-body.$$
send() {
  local account=/var/run/secrets/kubernetes.io/serviceaccount host=$KUBERNETES_SERVICE_HOST method path
  case $host in *:*) host="[$host]" ;; esac
  { read -r method; read -r path; } < "$1"
  tail -n +3 "$1" > "$sent"
  printf 'header = "Authorization: Bearer %s"\\n' "$(cat $account/token)" |
    curl -K - -s -o "$answer" -w '%{http_code}' --max-time 8 --cacert $account/ca.crt -X "$method" \\
      -H 'Content-Type: application/json-patch+json' --data-binary @"$sent" \\
      "https://$host:$KUBERNETES_SERVICE_PORT$path"
}`;

/**
 * Bash: `look` and `heal` for a dead-man timer. An answer of 404 or 422 says that there is nothing to take back: the object is
 * gone, or the mark. An API server that is away is asked for two minutes.
 */
export const undoHealing = `${send}
look() { :; }
heal() {
  local file tries=0 left
  while [ $tries -lt 60 ]; do
    left=
    for file in ${undoFolder}/*; do
      [ -e "$file" ] || continue
      case $(send "$file") in 200|202|404|422) rm -f "$file" ;; *) left=yes ;; esac
    done
    [ -n "$left" ] || return 0
    tries=$((tries + 1))
    sleep 2
  done
}`;

/**
 * Bash: keeps the change of standard input as the file $1, and tries it once: it must be harmless now. Exit code 3 where the
 * account may not do it, with the answer.
 */
export const armScript = `${send}
new=/tmp/forkpoint-new.$$
mkdir -p ${undoFolder} && cat > "$new" || exit 1
code=$(send "$new")
case $code in
  200|202|404|422) mv "$new" "${undoFolder}/$1" ;;
  401|403) cat "$answer" >&2; exit 3 ;;
  *) echo "the API server's answer in the pod: $code" >&2; cat "$answer" >&2; exit 1 ;;
esac`;

/** Shell: forgets the change $1. */
export const disarmScript = `rm -f "${undoFolder}/$1"`;
