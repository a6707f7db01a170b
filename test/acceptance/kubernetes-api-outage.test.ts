import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { UnseenStretch } from '../../src/contracts/result.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { apiProxy } from '../helpers/api-proxy.ts';
import { latestResult, startCli } from '../helpers/cli.ts';
import { endRuns, eventsOf } from '../helpers/held-lab.ts';
import { hasKubernetes, sayWhySkipped } from '../helpers/kubernetes.ts';
import { type KubernetesServer, startKubernetesServer } from '../helpers/kubernetes-server.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

sayWhySkipped();
afterEach(endRuns);

const scenario = (name: string, faults: string) => `name: ${name}
claim: A run goes on without the API server, and says what it did not see.
load: { clients: 4, rate: 40/s, duration: 60s }
cluster: { topology: single, nodes: 1, converge: 120s }
faults: [${faults}]
expect: { lost: 0, unexpected: 0 }
`;

/** A machine that is overloaded makes shorter ones of its own. */
const isOurs = ({ fromMs, untilMs }: UnseenStretch) =>
  untilMs !== null && untilMs - fromMs > 10_000;

describe.skipIf(!hasKubernetes)('an API server that goes away in the middle of a run', () => {
  const reports = temporaryReports();
  const owned = ownedBySuite();
  owned.use(reports);
  let cluster: KubernetesServer;
  beforeAll(async () => {
    // A server that needs no API server itself.
    cluster = owned.use(await startKubernetesServer('api-outage'));
  }, 400_000);

  const typesOf = (name: string) => eventsOf(reports.folder, name).map(({ type }) => type);
  /** The run, with a way to the API server that is cut for 12 s once an event of this type is there, and restored. */
  const runWithOutage = async (name: string, text: string, since: 'injected' | 'healed') => {
    const file = cluster.writeText(`${name}.yaml`, text);
    await using proxy = await apiProxy(cluster.namespace.config, path.dirname(file));
    const given = cluster.write(`${name}.cluster.yaml`, { kubeconfig: proxy.kubeconfig });
    const run = startCli(['run', file, '--quiet', '--cluster', given], { reports: reports.folder });
    let hasEnded = false;
    void run.done.then(() => (hasEnded = true));
    const isThere = () => hasEnded || typesOf(name).includes(since);
    await waitUntil(`${since} in ${name}`, isThere, { timeoutMs: 200_000 });
    // A timer that was heard last while the fault was in force may have healed it.
    if (since === 'healed') await sleep(8_000);
    proxy.cut();
    await sleep(12_000);
    proxy.restore();
    return await run.done;
  };

  test('costs nothing where no fault was in force: the run is judged in full, and says what it did not see', async () => {
    const cut = '{ id: cut, at: 3s, fault: partition, target: server, from: clients, for: 3s }';
    const text = scenario('away-later', cut);
    const { exitCode, stderr } = await runWithOutage('away-later', text, 'healed');
    expect([exitCode, stderr]).toEqual([0, '']);
    const { notes, unseen } = latestResult(reports.folder, 'away-later');
    expect(unseen?.find(isOurs)).toMatchObject({
      source: 'the API server of Kubernetes',
      replaced: [],
    });
    expect(notes.join('\n')).toMatch(
      /the API server of Kubernetes gave no answer from \d+\.\d s to \d+\.\d s: a pod that was replaced/,
    );
  }, 400_000);

  test('leaves no fault in force: the timer at the pod heals, and what needs its end is unknown', async () => {
    const cut = '{ id: cut, at: 3s, fault: partition, target: server, from: clients, for: 8s }';
    const text = scenario('away-in-cut', cut);
    const { exitCode } = await runWithOutage('away-in-cut', text, 'injected');
    expect(exitCode).toBe(2);
    const { problems, unseen, writes, checks } = latestResult(reports.folder, 'away-in-cut');
    expect(problems.join('\n')).toMatch(/dead-man timer/);
    expect(unseen?.some(isOurs)).toBe(true);
    // What was acknowledged is there all the same: it was read back from every node.
    expect(writes.lost).toBe(0);
    expect(checks.find(({ check }) => check === 'lost')?.status).toBe('pass');
    await cluster.login();
  }, 400_000);
});
