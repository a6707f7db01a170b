import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import local from '../../src/backends/local.ts';
import type { Cluster } from '../../src/contracts/cluster.ts';
import type { Result } from '../../src/contracts/result.ts';
import type { SalvageSummary } from '../../src/contracts/salvage.ts';
import { schemaOf } from '../../src/load/workload-context.ts';
import { connect } from '../../src/pg/connect.ts';
import { loadRegistry } from '../../src/registry.ts';
import { runPlan } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/parse/parse.ts';
import { planScenario } from '../../src/scenario/plan/plan.ts';
import { primaryOf } from '../../src/std/units/leadership.ts';
import { lostWrites } from '../../src/std/units/lost-writes.ts';
import { temporaryReports } from '../helpers/local-lab.ts';

const text = `
name: lost-and-found
claim: What a forced failover loses is found in the old primary's data.
cluster: { nodes: 3, patroni: { ttl: 20, loop_wait: 1, retry_timeout: 5, maximum_lag_on_failover: 104857600 } }
load: { clients: 4, rate: 100/s, duration: 10s }
faults:
  - { at: 2s, id: cut, fault: partition, target: leader, from: peers, service: postgres, for: 6s }
  - { after: cut + 1s, fault: failover }
hold: rejoin
expect: { lost: ">= 1" }
`;

/** Rows on the primary before salvage.sql, after it, and after it once more. */
async function countsAround(
  cluster: Cluster,
  runId: string,
  sql: string,
): Promise<readonly number[]> {
  const primary = primaryOf(await cluster.topology(AbortSignal.timeout(10_000)));
  const { observer } = cluster.nodes.find(({ name }) => name === primary?.node)!;
  await using session = await connect(observer, cluster.credentials, { connectTimeoutMs: 5_000 });
  const count = async () => {
    const found = `SELECT count(*)::int AS rows FROM ${schemaOf(runId)}.ledger`;
    const [row] = await session.rows<{ rows: number }>(found);
    return row?.rows ?? 0;
  };
  const counts = [await count()];
  for (const _ of [1, 2]) {
    await session.rows(sql);
    counts.push(await count());
  }
  return counts;
}

test('every lost row comes back from the old primary, as it was sent, and only once', async () => {
  using _reports = temporaryReports();
  const registry = await loadRegistry();
  const scenario = parseScenario(text, { file: 'lost-and-found.yaml', registry });
  const plan = planScenario(scenario, { seed: 1, backend: 'local', registry });
  const { cluster: spec } = plan.scenario;
  const log = () => undefined;
  let counts: readonly number[] = [];
  let result: Result | undefined;
  let summary: SalvageSummary | undefined;
  const { error } = await runPlan(plan, {
    registry,
    signal: new AbortController().signal,
    log,
    reproduce: 'this test',
    overrides: [],
    openCluster: (id, directory, signal) =>
      local.boot({ id, spec, needs: ['patroni', 'rewind'], directory, signal, log }),
    beforeTeardown: async ({ directory, result: judged }, cluster) => {
      result = judged;
      const read = (name: string) => readFileSync(path.join(directory, 'evidence', name), 'utf8');
      summary = JSON.parse(read('salvage.json')) as SalvageSummary;
      counts = await countsAround(cluster, judged.runId, read('salvage.sql'));
    },
  });
  expect(error).toBeUndefined();
  const lost = lostWrites(result!.writes)!;
  expect(lost).toBeGreaterThan(0);
  expect(summary).toMatchObject({
    lost,
    salvaged: lost,
    putBack: lost,
    notAsSent: 0,
    problems: [],
    conflicts: { absent: lost },
  });
  const [before = 0] = counts;
  expect(counts).toEqual([before, before + lost, before + lost]);
}, 180_000);
