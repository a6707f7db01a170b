import { ports } from '../../machine/layout.ts';
import { runScript } from '../../machine/run-script.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { observerPort } from './layout.ts';

const baseScript = `printf '%s' "$1" | iptables-restore -w --noflush`;

/** Connections that no fault can block: a node's to itself, and the harness's. Faults' own chains come after. */
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
  const machine = { name: box.name, shell: access.shell(box) };
  await runScript(machine, 'packet rules', [baseScript, lines.join('\n')]);
}
