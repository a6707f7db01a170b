import { isIPv6 } from 'node:net';
import type { NetworkControl, Rule } from '../contracts/cluster.ts';
import { ClusterError } from '../std/errors.ts';
import type { Layout } from './layout.ts';
import { chainsOf, clearText, type IpVersion, newChains, rulesText } from './packet-rules.ts';
import { matchesAny } from './require-match.ts';
import { connectionsWith, resetConnections } from './tcp-connections.ts';
import { runScript, type ShelledMachine } from './run-script.ts';

/** A connection that no cut may touch: ours, which leads to the machine. */
export interface SparedConnection {
  /** The other end, as the machine sees it. */
  readonly address: string;
  /** The machine's own port. */
  readonly port: number;
}

/** What packet rules of a machine in a real network need to know. */
export interface Surroundings {
  readonly layout: Layout;
  readonly spared: readonly SparedConnection[];
  /** It has a global address of version 6, so a cut from everything needs ip6tables too. */
  readonly hasV6: boolean;
}

const what = 'packet rules';

/**
 * Packet rules on a machine that is not ours: in chains of our own, reached before any other rule, for both versions of IP.
 * `surroundings` is asked once something is to be cut; removing needs none of it.
 */
export function hostNetworkControl(
  machine: ShelledMachine,
  surroundings: () => Promise<Surroundings>,
): HostNetworkControl {
  const inTag = (tag: string, script: string, ...args: readonly string[]) =>
    runScript(machine, what, [script, ...args, chainsOf(tag).in, chainsOf(tag).out]);
  return {
    apply: async (tag, rules) => {
      const around = await surroundings();
      const texts = ([4, 6] as const).map((version) =>
        textOf(machine.name, tag, { rules, version, around }),
      );
      await inTag(tag, applyBoth, ...texts);
    },
    clear: async (tag) => {
      await inTag(tag, clearBoth, clearText(tag));
    },
    connections: async (peers, service) => {
      const { layout, spared } = await surroundings();
      const found = await connectionsWith(machine, layout, { peers, service });
      return found.filter(({ remoteAddress, localPort }) =>
        spared.every(({ address, port }) => address !== remoteAddress || port !== localPort),
      );
    },
    reset: (connections) => resetConnections(machine, connections),
    holds: async (tag) => (await inTag(tag, holdsBoth)).trim() === 'yes',
    lost: async (tag) => Number(await inTag(tag, lostScript)),
  };
}

export interface HostNetworkControl extends Omit<NetworkControl, 'prove'> {
  /** Packets that the tag's rules have met within a second or before. */
  lost(tag: string): Promise<number>;
}

interface Wanted {
  readonly rules: readonly Rule[];
  readonly version: IpVersion;
  readonly around: Surroundings;
}

/** '' where this version of IP has nothing to cut. Errors: ClusterError for a rule without an address or a port. */
function textOf(node: string, tag: string, { rules, version, around }: Wanted): string {
  const { layout, spared, hasV6 } = around;
  for (const rule of rules) requireMatch(node, tag, { rule, layout });
  const lines = rulesText(layout, node, tag, rules, version);
  if (lines.length === 0 || (version === 6 && !hasV6)) return '';
  const chains = chainsOf(tag);
  return [
    ...newChains(chains),
    `-A ${chains.in} -i lo -j RETURN`,
    `-A ${chains.out} -o lo -j RETURN`,
    // Without neighbour discovery the machine loses version 6 altogether, our way in included.
    ...(version === 6
      ? [133, 134, 135, 136].flatMap((type) =>
          [chains.in, chains.out].map(
            (chain) => `-A ${chain} -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j RETURN`,
          ),
        )
      : []),
    ...spared
      .filter(({ address }) => isIPv6(address) === (version === 6))
      .flatMap(({ address, port }) => [
        `-A ${chains.in} -p tcp -s ${address} --dport ${port} -j RETURN`,
        `-A ${chains.out} -p tcp -d ${address} --sport ${port} -j RETURN`,
      ]),
    ...lines,
  ].join('\n');
}

/** A rule that matches nothing would be a cut that is none. */
function requireMatch(
  node: string,
  tag: string,
  { rule, layout }: { readonly rule: Rule; readonly layout: Layout },
): void {
  if (matchesAny(node, tag, rule, layout)) return;
  const { peer, service } = rule;
  if (peer.kind === 'dcs' || service === 'dcs') {
    throw new ClusterError(
      `${node}: nothing to cut from the DCS: the cluster file names none of its members elsewhere; add dcs: [host:port]`,
    );
  }
  throw new ClusterError(`${node}: nothing to cut: no address of ${JSON.stringify(peer)} is known`);
}

// The last two arguments are the tag's chains. A rule at the head of INPUT: most firewalls let established connections pass
// in their first one.
/** Shell: text for version 4, text for version 6 (each may be empty), chains -> in force, one atomic step for each version. */
const applyBoth = `set -eu
apply() {
  [ -n "$2" ] || return 0
  if $1 -w -S "$3" >/dev/null 2>&1; then hooks=; else hooks="-I INPUT 1 -j $3
-I OUTPUT 1 -j $4"; fi
  printf '%s\\n%s\\nCOMMIT\\n' "$2" "$hooks" | $1-restore -w --noflush
}
apply iptables "$1" "$3" "$4"
apply ip6tables "$2" "$3" "$4"`;

/** Shell: removal of a tag (clearText), chains -> gone; harmless if it was not there. */
const clearBoth = `status=0
for tool in iptables ip6tables; do
  command -v $tool >/dev/null 2>&1 || continue
  $tool -w -S "$2" >/dev/null 2>&1 || continue
  printf '%s' "$1" | $tool-restore -w --noflush || status=1
done
exit $status`;

/**
 * Shell: chains -> 'yes' if every version that has them leads to them, and nothing but chains of ours comes before; no
 * version has them: 'no'.
 */
const holdsBoth = `
found=no
for tool in iptables ip6tables; do
  command -v $tool >/dev/null 2>&1 || continue
  rules=$($tool -w -S 2>/dev/null) || continue
  case $rules in *"-N $1"*) found=yes ;; *) continue ;; esac
  for hook in "INPUT -j $1" "OUTPUT -j $2"; do
    printf '%s\\n' "$rules" | awk -v hook="-A $hook" -v chain="-A \${hook%% *} " '
      $0 == hook { found = 1; exit }
      index($0, chain) == 1 && !/ -j FP-[0-9a-f]+-[IO]$/ { exit }
      END { exit !found }' || { echo no; exit; }
  done
done
echo $found`;

/** Shell: chains -> packets that their random rules have dropped, after a second of traffic. */
const lostScript = `sleep 1
for tool in iptables ip6tables; do
  for chain in "$1" "$2"; do $tool -w -nvxL "$chain" 2>/dev/null; done
done | awk '$3 == "DROP" || $3 == "REJECT" { sum += $1 } END { print sum + 0 }'`;
