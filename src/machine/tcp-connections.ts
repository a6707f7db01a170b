import type { Peer, Service, TcpConnection } from '../contracts/cluster.ts';
import { ClusterError } from '../std/errors.ts';
import type { Layout } from './layout.ts';
import { isWith } from './packet-rules.ts';
import { runScript, type ShelledMachine } from './run-script.ts';

/** Established ones of the machine's network namespace. A machine without version 6 of IP lacks the second file. */
const script = `
for file in /proc/self/net/tcp /proc/self/net/tcp6; do
  [ ! -e "$file" ] || while read -r _ local remote state _; do
    [ "$state" != 01 ] || echo "$local $remote"
  done < "$file"
done`;

/** Of a machine with these peers, loopback left out: each connection would be there twice. */
export async function connectionsWith(
  machine: ShelledMachine,
  layout: Layout,
  { peers, service }: { readonly peers: readonly Peer[]; readonly service: Service },
): Promise<readonly TcpConnection[]> {
  const all = readConnections(await runScript(machine, 'look for TCP connections', [script]));
  const where = { layout, node: machine.name };
  return all.filter(
    (one) =>
      one.localAddress !== one.remoteAddress &&
      !/^(127\.|::1$)/.test(one.remoteAddress) &&
      peers.some((peer) => isWith(one, where, { peer, service })),
  );
}

/**
 * `ss -K` ends the sockets that its filter, $1, names, prints them, and leaves them alone without a word where the kernel cannot.
 * One call for many: a busy machine takes a while to start one.
 */
const resetScript = `
ss -HtnK state established "$1" || exit 1
left=$(ss -Htn state established "$1") || exit 1
[ -z "$left" ] && exit 0
echo "ss -K does not end connections here (a kernel without CONFIG_INET_DIAG_DESTROY): $left" >&2
exit 1`;

/** An argument of a command has at most 128 kB. */
const resetAtOnce = 500;

/** Returns those that were there. */
export async function resetConnections(
  machine: ShelledMachine,
  connections: readonly TcpConnection[],
): Promise<readonly TcpConnection[]> {
  const reset: TcpConnection[] = [];
  for (let at = 0; at < connections.length; at += resetAtOnce) {
    const some = connections.slice(at, at + resetAtOnce);
    const filter = some.map((one) => `( src ${localOf(one)} and dst ${remoteOf(one)} )`);
    const argv = [resetScript, filter.join(' or ')] as const;
    const said = await runScript(machine, 'reset TCP connections', [...argv]);
    reset.push(...some.filter((one) => isNamed(one, said)));
  }
  return reset;
}

function localOf({ localAddress, localPort }: TcpConnection): string {
  return `[${localAddress}]:${localPort}`;
}

function remoteOf({ remoteAddress, remotePort }: TcpConnection): string {
  return `[${remoteAddress}]:${remotePort}`;
}

/** Shape: `0 0 10.0.0.1:5432 [::ffff:10.0.0.9]:50000`, a line for each. */
function isNamed(one: TcpConnection, said: string): boolean {
  return said.split('\n').some((line) => {
    const [local = '', remote = ''] = line.trim().split(/\s+/).slice(2);
    const isRemote = remote
      .replaceAll(/[[\]]/g, '')
      .endsWith(`${one.remoteAddress}:${one.remotePort}`);
    return isRemote && local.endsWith(`:${one.localPort}`);
  });
}

/**
 * Shape: a line for each, as /proc/net/tcp has local and remote end: `0B004D0A:1538 0100000A:C350`. Each four bytes of an address
 * are in the order of the kernel's machine, which is little-endian wherever PostgreSQL is run with this.
 * Errors: ClusterError for any other line.
 */
export function readConnections(text: string): readonly TcpConnection[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const fields =
        /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8,32}):([0-9A-F]{4})$/.exec(
          line.trim(),
        );
      if (!fields) throw new ClusterError(`not a line about a connection: ${line}`);
      const [, local = '', localPort = '', remote = '', remotePort = ''] = fields;
      return {
        localAddress: addressOf(local),
        localPort: parseInt(localPort, 16),
        remoteAddress: addressOf(remote),
        remotePort: parseInt(remotePort, 16),
      };
    });
}

const mapped = '00000000000000000000ffff';

function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).map(
    (word) => word.match(/../g)?.toReversed().join('') ?? '',
  );
  const all = bytes.join('').toLowerCase();
  const isOfFour = all.length === 8 || all.startsWith(mapped);
  if (isOfFour) {
    return (all.slice(-8).match(/../g) ?? []).map((byte) => parseInt(byte, 16)).join('.');
  }
  const groups = (all.match(/.{4}/g) ?? []).map((group) => parseInt(group, 16).toString(16));
  return compressed(groups);
}

/** As people and the kernel write it: the longest run of zero groups, the first of equals, is `::`. Source: RFC 5952. */
function compressed(groups: readonly string[]): string {
  const runs = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)];
  const longest = runs.toSorted((a, b) => b[0].length - a[0].length || a.index - b.index)[0];
  const text = groups.join(':');
  if (!longest) return text;
  const before = text.slice(0, longest.index).replace(/:$/, '');
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}
