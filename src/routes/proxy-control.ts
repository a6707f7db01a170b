import type { ProxyControl } from '../contracts/cluster.ts';
import { pgbouncerPort } from './proxies.ts';

/**
 * Every machine with Patroni has Python; not every one has socat. `socket` and the site's packages would cost more than the question.
 * HAProxy answers a command that it carried out with nothing.
 */
const ask = `
import sys, _socket
admin = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
admin.settimeout(20)
admin.connect(sys.argv[1])
admin.sendall((sys.argv[2] + "\\n").encode())
answer = b""
while True:
    chunk = admin.recv(65536)
    if not chunk:
        break
    answer += chunk
answer = answer.decode()
if answer.strip() and not sys.argv[2].startswith("show "):
    sys.exit(answer.strip())
print(answer)
`.trim();

/**
 * The password is read on the machine, from PgBouncer's own list of users, whose first line is ours. A RESUME of what is not paused is
 * harmless.
 */
const console = `
user=$(sed -n '1s/^"\\(.*\\)" ".*"$/\\1/p' "$1")
PGPASSWORD=$(sed -n '1s/^".*" "\\(.*\\)"$/\\1/p' "$1")
export PGPASSWORD
psql -X -w -h 127.0.0.1 -p "$2" -U "$user" -d pgbouncer -Atc "$3" 2>"$1.err" && exit 0
cat "$1.err" >&2
[ "$3" = RESUME ] && grep -q 'not paused' "$1.err"
`.trim();

/** HAProxy by its admin socket. */
export function haproxyControl(adminSocket: string): ProxyControl {
  return {
    kind: 'haproxy',
    adminCommand: (command) => ['python3', '-I', '-S', '-c', ask, adminSocket, command],
  };
}

/** PgBouncer by its admin console. */
export function pgbouncerControl(userlist: string): ProxyControl {
  return {
    kind: 'pgbouncer',
    adminCommand: (command) => {
      return ['sh', '-c', console, 'sh', userlist, String(pgbouncerPort), command];
    },
  };
}

/** The control of a proxy in a lab, by its name there. */
export function proxyControl(
  place: string,
  files: { adminSocket(place: string): string; userlist(place: string): string },
): ProxyControl {
  return place.startsWith('haproxy')
    ? haproxyControl(files.adminSocket(place))
    : pgbouncerControl(files.userlist(place));
}
