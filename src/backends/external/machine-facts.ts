import type { Shell } from '../../contracts/shell.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import type { SparedConnection } from '../../machine/host-network.ts';

/** What a machine says about itself, as its shell sees it. Nothing is changed. */
export interface MachineFacts {
  readonly uid: number;
  /** Its kernel's boot and its network namespace: equal for two names of one machine. */
  readonly identity: string;
  /** Global addresses. */
  readonly addresses: readonly string[];
  /** Of these, the card that has each. */
  readonly cards: Readonly<Record<string, string>>;
  /** The connection by which our commands arrive, if it is one of ssh. */
  readonly way: SparedConnection | undefined;
  readonly hasBash: boolean;
}

const timeoutMs = 30_000;

// sudo drops SSH_CONNECTION, so the processes above are asked; where these cannot be read, sshWay below asks without sudo.
const script = `
echo "uid $(id -u)"
echo "identity $(cat /proc/sys/kernel/random/boot_id) $(readlink /proc/self/ns/net)"
command -v bash >/dev/null && echo "bash yes"
pid=$$
while [ "\${pid:-0}" -gt 1 ]; do
  found=$({ tr '\\0' '\\n' < "/proc/$pid/environ"; } 2>/dev/null | sed -n 's/^SSH_CONNECTION=//p')
  [ -z "$found" ] || { echo "way $found"; break; }
  pid=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d ' ' -f 2)
done
awk '/32 host LOCAL/ { print "address " last } { last = $2 }' /proc/net/fib_trie 2>/dev/null
[ ! -e /proc/net/if_inet6 ] || awk '$4 == "00" { gsub(/..../, "&:", $1); sub(/:$/, "", $1); print "address " $1 }' /proc/net/if_inet6
! command -v ip >/dev/null || ip -o addr show | awk '{ sub(/\\/.*/, "", $4); print "card " $4 " " $2 }'
true`;

/** Errors: EnvironmentError, one sentence with what came back and what to do. */
export async function readFacts(shell: Shell): Promise<MachineFacts> {
  const { exitCode, stdout, stderr } = await shell
    .run(['sh', '-c', script], { timeoutMs })
    .catch((error: unknown) => {
      const said = messageOf(error);
      // This host has no such program: the message names it.
      const remedy = said.includes('ENOENT')
        ? '; install it on this host, or give another shell in the cluster file'
        : '';
      throw new EnvironmentError(`${said}${remedy}`, { cause: error });
    });
  if (exitCode !== 0) throw notARoot(shell, exitCode, (stderr || stdout).trim());
  const lines = stdout.split('\n').map((line) => line.trim().split(' '));
  const all = (key: string) => lines.filter(([word]) => word === key).map((line) => line.slice(1));
  const [uid] = all('uid');
  const [identity] = all('identity');
  if (uid?.[0] === undefined || identity?.[1] === undefined) {
    throw new EnvironmentError(
      `${shell.description}: runs commands, but without their output; a shell passes it on as it is`,
    );
  }
  return {
    uid: Number(uid[0]),
    identity: identity.join(' '),
    addresses: [...new Set(all('address').flat())].filter((one) => !/^(127\.|::1$)/.test(one)),
    cards: Object.fromEntries(all('card').map(([address = '', card = '']) => [address, card])),
    way: wayOf(all('way')[0]),
    hasBash: all('bash').length > 0,
  };
}

/** The same connection, asked of the login alone: behind sudo in a container the processes above cannot be read. */
export async function sshWay(login: Shell): Promise<SparedConnection | undefined> {
  const { stdout } = await login.run(['sh', '-c', 'echo "$SSH_CONNECTION"'], { timeoutMs });
  return wayOf(stdout.trim().split(' '));
}

/** Shape: client's address and port, server's address and port. Source: ssh(1), ENVIRONMENT. */
function wayOf(words: readonly string[] | undefined): SparedConnection | undefined {
  const [address, , , port] = words ?? [];
  if (address === undefined || port === undefined) return undefined;
  return { address: address.replace(/^::ffff:/, ''), port: Number(port) };
}

function notARoot(shell: Shell, exitCode: number, said: string): EnvironmentError {
  const what = `${shell.description}: exit code ${exitCode}: ${said || 'no output'}`;
  if (exitCode === 124) {
    return new EnvironmentError(
      `${what}; no answer in ${timeoutMs / 1000} s: a shell must not ask for anything`,
    );
  }
  const remedy = remedies.find(([pattern]) => pattern.test(said))?.[1] ?? otherRemedy;
  return new EnvironmentError(`${what}${remedy}`);
}

const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /password is required|terminal is required|askpass/,
    '; sudo asks for a password there: allow its user NOPASSWD in sudoers, and write sudo -n',
  ],
  [/must have a tty/, '; sudoers demands a terminal: Defaults:USER !requiretty'],
  [/not allowed to execute|may not run sudo|not in the sudoers/, '; sudoers does not allow it'],
];

const otherRemedy = '; it must run commands as root there: try it by hand with `id` at its end';
