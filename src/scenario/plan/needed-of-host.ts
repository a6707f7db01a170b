import type { CapabilityName } from '../../contracts/cluster.ts';
import type { Fault } from '../../contracts/fault.ts';
import type { LeastPostgres } from '../../contracts/least-postgres.ts';
import type { RouteSpec } from '../../contracts/route.ts';
import type { ClusterSpec, Scenario } from '../../contracts/scenario.ts';
import { leastPostgres, neededCapabilities } from './needed-capabilities.ts';

export interface NeededOfHost {
  readonly spec: ClusterSpec;
  readonly needs: readonly CapabilityName[];
  readonly routes: readonly RouteSpec[];
  /** Undefined: any will do. */
  readonly leastPostgres: LeastPostgres | undefined;
  /** Bytes that a machine must have more of than this; 0: any will do. */
  readonly memoryAbove: number;
}

/** What a host must have for a scenario, before anything boots. */
export function neededOfHost(scenario: Scenario, faults: ReadonlyMap<string, Fault>): NeededOfHost {
  const memory = scenario.faults.map(({ fault, params }) => {
    return faults.get(fault)?.memoryAbove?.(params) ?? 0;
  });
  return {
    spec: scenario.cluster,
    needs: neededCapabilities(scenario, faults),
    routes: scenario.load.routes ?? [],
    leastPostgres: leastPostgres(scenario),
    memoryAbove: Math.max(0, ...memory),
  };
}
