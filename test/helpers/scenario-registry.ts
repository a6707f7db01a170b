import { z } from 'zod';
import type { ClusterBackend } from '../../src/contracts/backend.ts';
import type { Check } from '../../src/contracts/evidence.ts';
import type { Fault } from '../../src/contracts/fault.ts';
import type { Json } from '../../src/contracts/json.ts';
import type { Workload } from '../../src/contracts/workload.ts';
import type { ScenarioRegistry } from '../../src/contracts/registry.ts';
import { comparison, duration } from '../../src/std/units/units.ts';

const cut: Fault<{ from: string; warmup: number }> = {
  summary: 'Cuts.',
  params: z.strictObject({
    from: z.enum(['all', 'peers']).default('all'),
    warmup: duration.prefault('0s'),
  }),
  targets: 'nodes',
  needs: () => ['network'],
  problems: ({ warmup }) =>
    warmup > 60_000 ? [{ path: ['warmup'], message: 'must be at most 1m' }] : [],
  inject: () => Promise.resolve(null),
};

const handover: Fault<object & Json> = {
  summary: 'Hands over.',
  params: z.strictObject({}),
  targets: 'none',
  needs: () => ['patroni'],
  inject: () => Promise.resolve(null),
};

const quiet: Fault<object & Json> = {
  ...handover,
  summary: 'Keeps the leader.',
  effects: { keepsLeader: true },
  needs: () => [],
};

const kill: Fault<object & Json> = {
  summary: 'Kills.',
  params: z.strictObject({}),
  targets: 'nodes',
  needs: () => [],
  processes: () => ({ of: 'node', become: 'dead' }),
  inject: () => Promise.resolve(null),
};

const freeze: Fault<object & Json> = {
  summary: 'Freezes.',
  params: z.strictObject({}),
  targets: 'nodes',
  needs: () => [],
  processes: () => ({ of: 'postgres', become: 'frozen' }),
  inject: () => Promise.resolve(null),
};

const unheard = (): never => {
  throw new Error('parsing and planning run nothing');
};

const ledger: Workload<{ tables: number }> = {
  tracking: 'rows',
  summary: 'Rows.',
  params: z.strictObject({ tables: z.int().min(1).default(1) }),
  setup: unheard,
  writer: unheard,
  table: unheard,
};

function check(params: Check['params']): Check {
  return { summary: 'A number.', params, check: unheard };
}

function backend(
  options: Pick<ClusterBackend, 'offers' | 'topologies' | 'sites' | 'parameters' | 'params'>,
): ClusterBackend {
  const nodeNames: ClusterBackend['nodeNames'] = ({ nodes }) =>
    Array.from({ length: nodes }, (_, index) => `pg${index + 1}`);
  return { summary: 'Nowhere.', nodeNames, ...options, preflight: unheard, boot: unheard };
}

/** A few extensions that do nothing, to read and plan scenarios with. */
export const scenarioRegistry: ScenarioRegistry = {
  faults: new Map<string, Fault>([
    ['cut', cut],
    ['handover', handover],
    ['quiet', quiet],
    ['kill', kill],
    ['freeze', freeze],
  ]),
  workloads: new Map([['ledger', ledger]]),
  checks: new Map([
    ['lost', check(comparison('count'))],
    ['outage', check(comparison('duration'))],
    ['replicas', check(z.enum(['agree', 'any']))],
  ]),
  backends: new Map([
    [
      'local',
      backend({
        offers: ['process', 'network', 'patroni'],
        topologies: ['patroni', 'single'],
        sites: ['clients', 'minority'],
        parameters: () => ({ max_connections: '300' }),
      }),
    ],
    ['external', backend({ offers: ['patroni'], topologies: ['patroni'], sites: ['clients'] })],
  ]),
};

/** The shortest valid scenario, with additions by the test. */
export function scenarioText(more = ''): string {
  return `name: x\nclaim: It holds.\nload: { duration: 30s }\nexpect: { lost: 0 }\n${more}`;
}
