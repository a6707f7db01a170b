import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import local from '../../src/backends/local.ts';
import type { TakenEvidence } from '../../src/contracts/evidence.ts';
import { readEvidence } from '../../src/evidence/forensics/read-evidence.ts';
import { readRunEvents } from '../../src/evidence/store/read-run.ts';
import { loadRegistry } from '../../src/registry.ts';
import { runPlan } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/parse/parse.ts';
import { planScenario } from '../../src/scenario/plan/plan.ts';
import { temporaryReports } from '../helpers/local-lab.ts';

const loopWaitMs = 1_000;
/** What a taking may delay the run by, docs/forensics.md; more, and its copy is skipped. */
const mostDisturbedMs = 500;
/** Patroni acts, and the topology is read, once a loop: the same rejoin takes up to this much longer. */
const granularityMs = 2 * loopWaitMs;

const text = (evidence: 'on' | 'off') => `
name: rejoin-with-evidence-${evidence}
claim: An old primary rejoins as soon with its evidence taken as without.
cluster: { nodes: 3, patroni: { ttl: 20, loop_wait: 1, retry_timeout: 5, maximum_lag_on_failover: 104857600 } }
load: { clients: 4, rate: 100/s, duration: 14s }
faults:
  - { at: 2s, id: cut, fault: partition, target: leader, from: peers, service: postgres, for: 4s }
  - { after: cut + 1s, fault: failover }
${evidence === 'off' ? 'evidence: off' : ''}
expect: { lost: ">= 1", rejoined: rewound }
`;

interface Rejoin {
  /** From the heal, which comes while evidence is taken, until the old primary streams on the new timeline. */
  readonly rejoinMs: number;
  readonly taken: readonly TakenEvidence[];
}

async function rejoinWith(evidence: 'on' | 'off'): Promise<Rejoin> {
  const registry = await loadRegistry();
  const scenario = parseScenario(text(evidence), { file: 'rejoin.yaml', registry });
  const plan = planScenario(scenario, { seed: 1, backend: 'local', registry });
  const { cluster: spec } = plan.scenario;
  const log = () => undefined;
  let found: Rejoin | undefined;
  const { error } = await runPlan(plan, {
    registry,
    signal: new AbortController().signal,
    log,
    reproduce: 'this test',
    overrides: [],
    openCluster: (id, directory, signal) =>
      local.boot({ id, spec, needs: ['patroni'], directory, signal, log }),
    beforeTeardown: async ({ directory }) => {
      found = { rejoinMs: rejoinIn(directory), taken: await readEvidence(directory) };
    },
  });
  expect(error).toBeUndefined();
  return found!;
}

function rejoinIn(directory: string): number {
  const events = readRunEvents(directory);
  const cut = events.find((event) => event.type === 'inject' && event.id === 'cut');
  const healed = events.find((event) => event.type === 'healed' && event.id === 'cut');
  const old = cut?.type === 'inject' ? cut.targets[0] : undefined;
  const back = events.find((event) => {
    if (event.type !== 'topology' || !healed || event.atMs < healed.atMs) return false;
    const member = event.topology.members.find(({ node }) => node === old);
    return member?.timeline === 2 && member.isStreaming === true;
  });
  if (!healed || !back) {
    const lines = readFileSync(path.join(directory, 'events.jsonl'), 'utf8').slice(-2_000);
    throw new Error(`${String(old)} was not seen to rejoin: ${lines}`);
  }
  return Math.round(back.atMs - healed.atMs);
}

test('an old primary rejoins as soon with its evidence taken as without', async () => {
  using _reports = temporaryReports();
  const [withIt, without]: [Rejoin[], Rejoin[]] = [[], []];
  // By turns, for a machine that gets busier gets busier for both.
  for (let turn = 0; turn < 2; turn++) {
    without.push(await rejoinWith('off'));
    withIt.push(await rejoinWith('on'));
  }
  const fastest = (all: readonly Rejoin[]) => Math.min(...all.map(({ rejoinMs }) => rejoinMs));
  const times = {
    with: withIt.map(({ rejoinMs }) => rejoinMs),
    without: without.map(({ rejoinMs }) => rejoinMs),
  };
  expect(without.flatMap(({ taken }) => taken)).toEqual([]);
  for (const { taken } of withIt) {
    expect(taken.length).toBeGreaterThan(0);
    // Delayed by more, a taking has given its copy up.
    const slow = taken.filter(({ disturbedMs = 0 }) => disturbedMs >= mostDisturbedMs);
    expect(slow.filter(({ copyBytes }) => copyBytes !== null)).toEqual([]);
  }
  expect(fastest(withIt) - fastest(without), JSON.stringify(times)).toBeLessThan(
    mostDisturbedMs + granularityMs,
  );
}, 600_000);
