import type { Rule } from '../contracts/cluster.ts';
import { ClusterError } from '../std/errors.ts';
import type { Layout } from './layout.ts';
import { rulesText } from './packet-rules.ts';

/** Whether a rule matches any packet, of either version of IP. One that matches none would be a cut that is none. */
export function matchesAny(node: string, tag: string, rule: Rule, layout: Layout): boolean {
  return ([4, 6] as const).some(
    (version) => rulesText(layout, node, tag, [rule], version).length > 0,
  );
}

/** Errors: ClusterError for a rule without an address or a port. */
export function requireMatches(
  node: string,
  tag: string,
  rules: readonly Rule[],
  layout: Layout,
): void {
  const empty = rules.find((rule) => !matchesAny(node, tag, rule, layout));
  if (!empty) return;
  const { peer, service } = empty;
  throw new ClusterError(
    `${node}: nothing to cut: there is no traffic of service ${service} with ${JSON.stringify(peer)}`,
  );
}
