import type { CapabilityName, Cluster, Machine } from '../contracts/cluster.ts';
import { EnvironmentError } from '../std/errors.ts';

const ofCluster = ['patroni', 'dcs', 'scale', 'chaos', 'sink', 'archive', 'standby'] as const;
const notOfNodes = [...ofCluster, 'consumers', 'proxy'] as const;

/**
 * What the plan's faults act through is there on every node, and on every proxy that is a target, before anything is written to the cluster.
 * Errors: one EnvironmentError with each control that a node lacks, and what its machine lacks where that is the reason.
 */
export async function requireControls(
  cluster: Pick<Cluster, 'id' | 'nodes' | 'proxies' | (typeof ofCluster)[number]>,
  needs: readonly CapabilityName[],
  {
    needsOf = () => [],
    findings = [],
  }: {
    readonly needsOf?: (proxy: string) => readonly CapabilityName[];
    /** Of machines' probes, which the faults cannot do without. */
    readonly findings?: readonly string[];
  } = {},
): Promise<void> {
  const missing = ofCluster
    .filter((need) => needs.includes(need) && !cluster[need])
    .map((need) => `cluster ${cluster.id}: no control over ${need}`);
  if (needs.includes('consumers') && !cluster.sink?.cutSource) {
    missing.push(`cluster ${cluster.id}: its consumers have no machine of their own`);
  }
  const proxies = cluster.proxies?.some(({ proxy }) => proxy) === true;
  if (needs.includes('proxy') && !proxies) {
    missing.push(`cluster ${cluster.id}: no control over the programs of its proxies`);
  }
  const perMachine = await Promise.all([
    ...cluster.nodes.map((node) => missingOn(node, needs, findings)),
    ...(cluster.proxies ?? []).map((proxy) => missingOn(proxy, needsOf(proxy.name), findings)),
  ]);
  const all = [...missing, ...perMachine.flat()];
  if (all.length === 0) return;
  throw new EnvironmentError(`this cluster cannot run the scenario:\n${all.join('\n')}`);
}

async function missingOn(
  node: Machine,
  needs: readonly CapabilityName[],
  wanted: readonly string[],
): Promise<readonly string[]> {
  const ofNode = needs.filter((need) => !notOfNodes.some((name) => name === need));
  if (ofNode.length === 0) return [];
  const findings = (await node.probe?.(ofNode)) ?? [];
  const absent = findings.filter(({ name, isAbsent }) => isAbsent && wanted.includes(name));
  const unable = absent.map(
    ({ name, detail, remedy }) =>
      `${node.name}: no ${name}: ${detail}${remedy ? ` (${remedy})` : ''}`,
  );
  const without = ofNode.flatMap((need) => {
    const reasons = findings
      .filter(({ isMissing, neededBy }) => isMissing && neededBy.includes(need))
      .map(({ name, detail, remedy }) => `${name}: ${detail}${remedy ? ` (${remedy})` : ''}`);
    const isThere = node[need as keyof Machine] !== undefined;
    if (isThere && reasons.length === 0) return [];
    const why = reasons.length > 0 ? reasons.join('; ') : 'it was not booted with it';
    return [`${node.name}: no control over ${need}: ${why}`];
  });
  return [...without, ...(without.length > 0 ? [] : unable)];
}
