import { z } from 'zod';
import type { Machine, Rule, TcpConnection } from '../../src/contracts/cluster.ts';
import type { FaultContext } from '../../src/contracts/fault.ts';
import type { Json } from '../../src/contracts/json.ts';
import { ClusterError, lacks } from '../../src/std/errors.ts';
import { allDone } from '../../src/std/wait.ts';
import { applyRules, type Cut, cutKeys, endsOf } from './cut.ts';

/** The keys of faults that act on connections as they are at the injection. */
export const connectionKeys = {
  from: cutKeys.from,
  service: cutKeys.service,
  count: z
    .int('must be a whole number')
    .min(1)
    .max(10_000)
    .optional()
    .describe('How many connections of each target, drawn from the seed; absent: every one.'),
};

export interface ConnectionChoice extends Pick<Cut, 'from' | 'service'> {
  readonly count?: number | undefined;
}

/** Puts rules for chosen connections in force, on all targets; new connections pass. Returns what events.jsonl should record. */
export async function injectOnConnections(
  targets: readonly Machine[],
  { choice, rules }: Choosing,
  context: FaultContext,
): Promise<Json> {
  const chosen = await allDone(targets.map((node) => chosenOn(node, { targets, choice }, context)));
  const all = targets.map((node, at) => [node, (chosen[at] ?? []).flatMap(rules)] as const);
  await applyRules(new Map(all), context);
  const shown = targets.map(
    ({ name }, at) => [name, (chosen[at] ?? []).map(describeConnection)] as const,
  );
  return { connections: Object.fromEntries(shown) };
}

interface Choosing {
  readonly choice: ConnectionChoice;
  readonly rules: (connection: TcpConnection) => readonly Rule[];
}

/** Errors: ClusterError where there are fewer than asked for. */
export async function chosenOn(
  node: Machine,
  { targets, choice }: { readonly targets: readonly Machine[]; readonly choice: ConnectionChoice },
  context: FaultContext,
): Promise<readonly TcpConnection[]> {
  const { nodes, proxies = [] } = context.cluster;
  const peers = endsOf(node, choice, { targets, nodes, proxies });
  const found = await (node.network ?? lacks(node, 'network')).connections(peers, choice.service);
  const { count = Math.max(1, found.length) } = choice;
  if (found.length < count) {
    const fewer =
      found.length === 0 ? 'no connection' : `${found.length}, not ${count}, connections`;
    const far = choice.from === undefined ? 'others' : JSON.stringify(choice.from);
    throw new ClusterError(`${node.name}: ${fewer} with ${far} of service ${choice.service} there`);
  }
  const drawn = found.map((one) => [context.random(), one] as const).toSorted(([a], [b]) => a - b);
  return drawn.slice(0, count).map(([, one]) => one);
}

/** A rule of each direction for one connection. */
export function rulesOn(
  connection: TcpConnection,
  action: Rule['action'],
  directions: readonly Rule['direction'][],
): readonly Rule[] {
  return directions.map((direction): Rule => ({
    action,
    direction,
    peer: { kind: 'all' },
    service: 'all',
    connection,
  }));
}

export function describeConnection({
  localPort,
  remoteAddress,
  remotePort,
}: TcpConnection): string {
  return `:${localPort} ${remoteAddress}:${remotePort}`;
}
