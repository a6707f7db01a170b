import type { NetworkControl } from '../../contracts/cluster.ts';
import { ClusterError } from '../../std/errors.ts';
import {
  applyScript,
  applyText,
  chainsOf,
  clearScript,
  clearText,
  holdsScript,
} from '../../machine/packet-rules.ts';
import { type Layout, ports } from '../../machine/layout.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { observerPort } from './layout.ts';

const baseScript = `printf '%s' "$1" | iptables-restore -w --noflush`;

/** Packet rules inside one member's container, by the image's own iptables; the host's are out of reach. */
export function networkControl(access: Access, box: Box, layout: Layout): NetworkControl {
  return {
    apply: async (tag, rules) => {
      const { body, hooks } = applyText(layout, box.name, tag, rules);
      await inNode(access, box, [applyScript, 'sh', chainsOf(tag).in, body, hooks]);
    },
    clear: async (tag) => {
      await inNode(access, box, [clearScript, 'sh', chainsOf(tag).in, clearText(tag)]);
    },
    holds: async (tag) =>
      (await inNode(access, box, [holdsScript, 'sh', chainsOf(tag).in])).trim() === 'yes',
  };
}

/** What no fault can cut: a node's way to itself, and the harness's. Faults' own chains come after. */
export async function applyBaseRules(access: Access, box: Box, gateway: string): Promise<void> {
  const observed = [observerPort, ports.patroni];
  const lines = [
    '*filter',
    '-A INPUT -i lo -j ACCEPT',
    '-A OUTPUT -o lo -j ACCEPT',
    ...observed.flatMap((port) => [
      `-A INPUT -s ${gateway} -p tcp --dport ${port} -j ACCEPT`,
      `-A OUTPUT -d ${gateway} -p tcp --sport ${port} -j ACCEPT`,
    ]),
    'COMMIT\n',
  ];
  await inNode(access, box, [baseScript, 'sh', lines.join('\n')]);
}

async function inNode(access: Access, box: Box, script: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await access.shell(box).run(['sh', '-c', ...script]);
  if (exitCode === 0) return stdout;
  throw new ClusterError(`${box.name}: packet rules: exit code ${exitCode}: ${stderr.trim()}`);
}
