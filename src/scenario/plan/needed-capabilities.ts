import type { CapabilityName } from '../../contracts/cluster.ts';
import type { DownstreamSpec } from '../../contracts/downstream.ts';
import type { LeastPostgres } from '../../contracts/least-postgres.ts';
import type { Fault } from '../../contracts/fault.ts';
import type { Scenario } from '../../contracts/scenario.ts';
import { isOfProxies, meantTarget } from '../words/targets.ts';

/** Every capability that a scenario's faults, its consumers, its archive and its hold use, each once. */
export function neededCapabilities(
  {
    faults: steps,
    cluster,
    downstream,
    hold,
  }: Pick<Scenario, 'faults' | 'downstream' | 'hold'> & Partial<Pick<Scenario, 'cluster'>>,
  faults: ReadonlyMap<string, Fault>,
): readonly CapabilityName[] {
  const needs = steps.flatMap(({ fault, params }) => faults.get(fault)?.needs(params) ?? []);
  const sink: readonly CapabilityName[] = downstream?.some(writesToSinkOfLab) ? ['sink'] : [];
  const fed: readonly CapabilityName[] = downstream?.some(isFed) ? ['sql'] : [];
  const archive: readonly CapabilityName[] = cluster?.archive ? ['archive'] : [];
  const rewind: readonly CapabilityName[] = hold === undefined ? [] : ['rewind'];
  return [...new Set([...needs, ...sink, ...fed, ...archive, ...rewind])].sort();
}

/** Failover slots are PostgreSQL 17's. */
export function leastPostgres({
  downstream,
}: Pick<Scenario, 'downstream'>): LeastPostgres | undefined {
  const consumer = downstream?.find(({ failover }) => failover);
  return consumer && { major: 17, key: `downstream.${consumer.name}.failover` };
}

/** Forkpoint makes the slot and the publication that it reads. */
export function isFed({ consumer }: Pick<DownstreamSpec, 'consumer'>): boolean {
  return consumer !== 'own';
}

export function writesToSinkOfLab({ consumer, writesTo }: DownstreamSpec): boolean {
  return consumer !== 'own' && writesTo !== 'file';
}

/** Findings of machines' probes that the faults cannot do without, beyond what their controls need. */
export function neededFindings(
  { faults: steps }: Pick<Scenario, 'faults'>,
  faults: ReadonlyMap<string, Fault>,
): readonly string[] {
  const names = steps.flatMap(({ fault, params }) => faults.get(fault)?.findings?.(params) ?? []);
  return [...new Set(names)];
}

/** Those of the faults whose target is this proxy, or all of them, in their own words or as the targets of another. */
export function capabilitiesAt(
  proxy: string,
  { faults: steps }: Pick<Scenario, 'faults'>,
  faults: ReadonlyMap<string, Fault>,
): readonly CapabilityName[] {
  const own = steps.filter(({ target }) =>
    isOfProxies(meantTarget(target, steps), { proxies: [proxy] }),
  );
  return neededCapabilities({ faults: own }, faults);
}
