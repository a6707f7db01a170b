import type { NetworkControl } from '../contracts/cluster.ts';
import type { Layout } from './layout.ts';
import {
  applyScript,
  applyText,
  chainsOf,
  clearScript,
  clearText,
  holdsScript,
} from './packet-rules.ts';
import { requireMatches } from './require-match.ts';
import { connectionsWith, resetConnections } from './tcp-connections.ts';
import { runScript, type ShelledMachine } from './run-script.ts';

const what = 'packet rules';

/** Packet rules inside one machine's network namespace, by its own iptables; it cannot reach any other. */
export function networkControl(machine: ShelledMachine, layout: Layout): NetworkControl {
  const inTag = (tag: string, script: string, ...args: readonly string[]) =>
    runScript(machine, what, [script, chainsOf(tag).in, ...args]);
  return {
    apply: async (tag, rules) => {
      requireMatches(machine.name, tag, rules, layout);
      const { body, hooks } = applyText(layout, machine.name, tag, rules);
      await inTag(tag, applyScript, body, hooks);
    },
    clear: async (tag) => {
      await inTag(tag, clearScript, clearText(tag));
    },
    connections: (peers, service) => connectionsWith(machine, layout, { peers, service }),
    reset: (connections) => resetConnections(machine, connections),
    holds: async (tag) => (await inTag(tag, holdsScript)).trim() === 'yes',
  };
}
