import type { Node } from '../contracts/cluster.ts';
import { ScenarioError } from '../std/errors.ts';
import { waitUntil } from '../std/wait.ts';
import { http, jsonOf } from './http.ts';
import type { EtcdMember } from './lock-state.ts';
import { dcsPrefix } from './member-config.ts';

/** Patroni's message when it drops a whole configuration. Source: Patroni, config.py, set_dynamic_configuration. */
const dropped = 'Exception when setting dynamic_configuration';
const leasesTimeoutMs = 30_000;
const answerTimeoutMs = 1_000;
const linesOfTraceback = 60;

export interface InForceOptions {
  /** Absent: another DCS, where the length of a lease is not seen. */
  readonly etcd?: readonly EtcdMember[];
  readonly nodes: readonly Node[];
  /** Path of a member's own Patroni log. */
  readonly logOf: (node: string) => string;
  /** The ttl of the scenario, in seconds. */
  readonly ttl: number;
  /** Default: that of the cluster that takes writes. */
  readonly prefix?: string;
  readonly signal: AbortSignal;
}

/**
 * Resolves when every member behaves as configured. Patroni stores and echoes a configuration that it drops, so GET
 * /config proves nothing. But its log reports a dropped configuration, and the lease of its key in etcd is as long as the
 * ttl that it runs with.
 * Errors: ScenarioError with Patroni's message; ClusterError naming the members with another ttl.
 */
export async function untilInForce(options: InForceOptions): Promise<void> {
  const { etcd, nodes, ttl, signal, prefix = dcsPrefix } = options;
  const dropping = await waitUntil(
    `every member runs with ttl ${ttl}`,
    async () => {
      const found = await whoDropped(options);
      if (found !== undefined) return found;
      if (!etcd) return 'none';
      const leases = await Promise.any(etcd.map((member) => readLeases(member, prefix, signal)));
      const wrong = nodes.flatMap(({ name }) => {
        const seconds = leases.get(name);
        return seconds === ttl ? [] : [`${name} with ${seconds ?? 'none'}`];
      });
      if (wrong.length > 0) throw new Error(`not yet: ${wrong.join(', ')}`);
      return 'none';
    },
    { timeoutMs: leasesTimeoutMs, signal, everyMs: 100 },
  );
  if (dropping === 'none') return;
  throw new ScenarioError(
    `cluster.patroni: Patroni on ${dropping.node} dropped the whole dynamic configuration: ${dropping.reason}`,
  );
}

async function whoDropped({ nodes, logOf, signal }: InForceOptions) {
  const argv = ['grep', '-a', '-m', '1', '-A', String(linesOfTraceback), dropped];
  const logs = await Promise.all(
    nodes.map(async (node) => {
      const said = await node.shell?.run([...argv, logOf(node.name)], { signal });
      return { node: node.name, stdout: said?.stdout ?? '' };
    }),
  );
  const found = logs.find(({ stdout }) => stdout.includes(dropped));
  return found && { node: found.node, reason: reasonIn(found.stdout) };
}

/** Shape: the line, `Traceback ...`, indented lines, then the error in a line of its own. */
export function reasonIn(log: string): string {
  const lines = log.split('\n');
  const after = lines.slice(lines.findIndex((line) => line.includes(dropped)) + 1);
  const reason = after.find((line) => /^\S/.test(line) && !line.startsWith('Traceback'));
  return reason?.trim() ?? 'its log has no reason';
}

/** The lease of each member's key, in seconds. */
async function readLeases(
  member: EtcdMember,
  ofCluster: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const prefix = `${ofCluster}members/`;
  const ask = async (path: string, body: Readonly<Record<string, string>>) => {
    const request = { method: 'POST', path, body, timeoutMs: answerTimeoutMs, signal } as const;
    return jsonOf(await http(member.target, request));
  };
  const answer = await ask('/v3/kv/range', {
    key: base64(prefix),
    range_end: base64(`${prefix.slice(0, -1)}0`),
  });
  const { kvs = [] } = answer as { readonly kvs?: readonly KeyWithLease[] };
  const granted = kvs.map(async ({ key, lease = '0' }) => {
    const found = (await ask('/v3/lease/timetolive', { ID: lease })) as { grantedTTL?: string };
    const name = Buffer.from(key, 'base64').toString().slice(prefix.length);
    return [name, Number(found.grantedTTL ?? NaN)] as const;
  });
  return new Map(await Promise.all(granted));
}

interface KeyWithLease {
  readonly key: string;
  readonly lease?: string;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
