import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import local from '../../src/backends/local.ts';
import type { Cluster } from '../../src/contracts/cluster.ts';
import type { Observation } from '../../src/contracts/observation.ts';
import type { Result } from '../../src/contracts/result.ts';
import { readStoredRun } from '../../src/evidence/store/read-run.ts';
import { judgeRun } from '../../src/judge/judge.ts';
import { schemaOf } from '../../src/load/workload-context.ts';
import { connect } from '../../src/pg/connect.ts';
import { loadExtensionsOf } from '../../src/registry.ts';
import { readRunBack } from '../../src/run/read-back.ts';
import { runPlan } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/parse/parse.ts';
import { planScenario } from '../../src/scenario/plan/plan.ts';
import { temporaryReports } from '../helpers/local-lab.ts';

const extensions = path.resolve(import.meta.dirname, '../../docs/examples/extensions');
const text = `
name: transfers
claim: A switchover under transfers loses none and leaves none half done.
cluster: { nodes: 3, patroni: { ttl: 20, loop_wait: 2, retry_timeout: 9 } }
load: { workload: transfers, accounts: 20, clients: 4, rate: 100/s, duration: 12s, readers: 2, reads: 30/s }
faults:
  - { at: 4s, fault: switchover }
expect: { lost: 0, unexpected: 0, invariants: hold, total: constant }
`;
const signal = new AbortController().signal;

const shown = ({ invariants = [], checks }: Result) => ({
  invariants: invariants.map(({ node, name, status, breaches }) => [node, name, status, breaches]),
  check: checks.find(({ check }) => check === 'invariants')?.status,
  total: checks.find(({ check }) => check === 'total')?.status,
});

/** What the readers of a run saw. */
async function observed(directory: string): Promise<readonly Observation[]> {
  const { observations } = await readStoredRun(directory);
  expect(observations?.missing).toEqual([]);
  return observations?.observations ?? [];
}

/** Adds what no reader saw to the file of the only worker. */
function plantWrongTotal(directory: string): void {
  const file = path.join(directory, 'observations/0.jsonl');
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((each) => each.includes('"20000"'));
  appendFileSync(file, `${line?.replace('"20000"', '"19999"')}\n`);
}

/** Takes money from an account, in a commit that no witness has. */
async function steal(cluster: Cluster, runId: string): Promise<void> {
  const { members } = await cluster.topology(AbortSignal.timeout(10_000));
  const name = members.find(({ role }) => role === 'primary')?.node;
  const { observer } = cluster.nodes.find((node) => node.name === name)!;
  await using session = await connect(observer, cluster.credentials, { connectTimeoutMs: 5_000 });
  await session.rows(`UPDATE ${schemaOf(runId)}.account SET balance = balance - 7 WHERE id = 1`);
}

test('transactions are judged by their witness rows, and an invariant that is broken is named with the node', async () => {
  using _reports = temporaryReports();
  const { registry } = await loadExtensionsOf(extensions);
  const scenario = parseScenario(text, { file: 'transfers.yaml', registry });
  const plan = planScenario(scenario, { seed: 1, backend: 'local', registry });
  const { cluster: spec } = plan.scenario;
  const log = () => undefined;
  let whole: Result | undefined;
  let damaged: Result | undefined;
  let seen: readonly Observation[] = [];
  const { error } = await runPlan(plan, {
    registry,
    signal,
    log,
    reproduce: 'this test',
    overrides: [],
    openCluster: (id, directory, stop) =>
      local.boot({ id, spec, needs: ['patroni'], directory, signal: stop, log }),
    beforeTeardown: async ({ directory, result: first }, cluster) => {
      whole = first;
      seen = await observed(directory);
      plantWrongTotal(directory);
      await steal(cluster, first.runId);
      const { members } = await cluster.topology(AbortSignal.timeout(10_000));
      const primary = members.find(({ role }) => role === 'primary');
      await readRunBack(cluster, {
        runId: first.runId,
        directory,
        plan,
        registry,
        signal,
        convergence: { ok: true, ms: 0, primary: primary!.node, timeline: primary!.timeline! },
      });
      damaged = await judgeRun(directory, registry);
    },
  });
  expect(error).toBeUndefined();
  expect(whole?.writes.acknowledged).toBeGreaterThan(50);
  const names = ['pg1', 'pg2', 'pg3'];
  const all = (status: string, breaches: number) =>
    names.flatMap((node) => [
      [node, 'money', status, breaches],
      [node, 'whole-transfers', 'holds', 0],
    ]);
  expect(whole && { ...shown(whole), status: whole.status }).toEqual({
    invariants: all('holds', 0),
    check: 'pass',
    total: 'pass',
    status: 'pass',
  });
  // 12 s at 30 reads per second, of which some fail around the switchover.
  const answered = seen.filter(({ value }) => value !== undefined);
  expect(answered.length).toBeGreaterThan(150);
  expect(new Set(answered.map(({ node }) => node))).toEqual(new Set(names));
  expect(new Set(answered.map(({ value }) => JSON.stringify(value)))).toEqual(
    new Set(['{"found":"20000","expected":20000}']),
  );
  expect(damaged && { ...shown(damaged), status: damaged.status }).toEqual({
    invariants: all('broken', 1),
    check: 'fail',
    total: 'fail',
    status: 'fail',
  });
  const summary = damaged?.checks.find(({ check }) => check === 'invariants')?.summary;
  expect(summary).toContain(
    'money is broken on pg2 (transfers neither make nor destroy money): 1 row, the first {"found":"19993","expected":20000}',
  );
});
