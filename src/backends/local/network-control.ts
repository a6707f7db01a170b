import type { NetworkControl } from '../../contracts/cluster.ts';
import { ClusterError } from '../../std/errors.ts';
import { runOk } from '../../std/exec.ts';
import { enter, labPath } from './enter.ts';
import {
  applyScript,
  applyText,
  chainsOf,
  clearScript,
  clearText,
  holdsScript,
} from '../../machine/packet-rules.ts';
import type { LabRecord } from './record.ts';

const timeoutMs = 10_000;

/** Packet rules inside one member's network namespace; the host's own are out of reach. */
export function networkControl(record: LabRecord, node: string): NetworkControl {
  const inNode = (script: string, ...args: readonly string[]) =>
    runOk(
      [...enter(record, node), 'env', `PATH=${labPath(record)}`, 'sh', '-c', script, 'sh', ...args],
      (message) => new ClusterError(`${node}: packet rules: ${message}`),
      { timeoutMs },
    );
  return {
    apply: async (tag, rules) => {
      const { body, hooks } = applyText(record.layout, node, tag, rules);
      await inNode(applyScript, chainsOf(tag).in, body, hooks);
    },
    clear: async (tag) => {
      await inNode(clearScript, chainsOf(tag).in, clearText(tag));
    },
    holds: async (tag) => (await inNode(holdsScript, chainsOf(tag).in)).trim() === 'yes',
  };
}
