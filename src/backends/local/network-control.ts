import type { NetworkControl } from '../../contracts/cluster.ts';
import { ClusterError } from '../../errors.ts';
import { runOk } from '../../exec.ts';
import { enter, labPath } from './enter.ts';
import { applyText, chainsOf, clearText } from './packet-rules.ts';
import type { LabRecord } from './record.ts';

const timeoutMs = 10_000;

// $1 is one of the tag's chains: it exists exactly when the tag is in force.
const applyScript = `
  if iptables -w -S "$1" >/dev/null 2>&1; then hooks=; else hooks=$3; fi
  printf '%s\\n%s\\nCOMMIT\\n' "$2" "$hooks" | iptables-restore -w --noflush`;
const clearScript = `
  iptables -w -S "$1" >/dev/null 2>&1 || exit 0
  printf '%s' "$2" | iptables-restore -w --noflush`;

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
  };
}
