import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import docker from '../../src/backends/docker.ts';
import { openEngine } from '../../src/shells/docker/engine.ts';
import { runLabel } from '../../src/backends/docker/labels.ts';
import type { LiveCluster } from '../../src/contracts/backend.ts';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { latestResult, runCli } from '../helpers/cli.ts';
import { bootDocker, hasDocker } from '../helpers/docker.ts';
import { exampleParams } from '../../src/conformance/params.ts';
import { exampleOf, faultsUndoneAtTarget } from '../helpers/fault-examples.ts';
import {
  endRuns,
  liveLab,
  runUntilHarmed,
  type Step,
  untilWhole,
  residueOf,
} from '../helpers/held-lab.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

afterEach(endRuns);

const nodes = ['pg1', 'pg2', 'pg3'];
const steps = [...(await faultsUndoneAtTarget())]
  .filter(([, fault]) =>
    fault.needs(exampleParams(fault)).every((need) => docker.offers.includes(need)),
  )
  .map(([fault], index): Step => ({
    fault,
    params: exampleOf(fault),
    target: nodes[index % 3]!,
  }));

describe.skipIf(!hasDocker)('containers that another process holds', () => {
  const reports = temporaryReports();
  let cluster: Cluster;
  let lab: LiveCluster;
  const owned = ownedBySuite();
  owned.use(reports);
  beforeAll(async () => {
    cluster = owned.use(await bootDocker());
    lab = await liveLab(docker, cluster.id);
  });
  const harm = (name: string, step: Step) =>
    runUntilHarmed(reports.folder, name, [step], ['--attach', cluster.id]);

  test.each(steps)('are healed within 5 s of SIGKILL during $fault', async (step) => {
    const child = await harm(`killed-${step.fault}`, step);
    expect(await residueOf(lab, nodes)).not.toEqual([]);
    child.kill();
    await untilWhole(lab, nodes);
  });

  test('are healed when the harness hangs, and again by `heal`', async () => {
    const child = await harm('hung', { fault: 'partition', target: 'pg3' });
    process.kill(child.pid, 'SIGSTOP');
    await untilWhole(lab, nodes, 8_000);
    child.kill();
    await child.done;
    for (const said of ['  partition#1: clearRules on pg3: done', 'nothing to heal']) {
      const healed = await runCli(['heal', 'hung'], { reports: reports.folder });
      expect([healed.exitCode, healed.stderr]).toEqual([0, '']);
      expect(healed.stdout).toContain(said);
    }
  });

  test('are not disturbed by the timers of a run that ends normally', async () => {
    const child = await harm('well', { fault: 'partition', target: 'pg3' });
    child.interrupt();
    expect((await child.done).exitCode).toBe(130);
    expect(await residueOf(lab, nodes)).toEqual([]);
    const { problems } = latestResult(reports.folder, 'well');
    expect(problems.join()).not.toContain('dead-man');
  });
});

describe.skipIf(!hasDocker)('containers entered through the engine only', () => {
  test('are healed within 5 s of SIGKILL, because the engine ends what the harness held', async () => {
    using reports = temporaryReports();
    const before = process.env.FORKPOINT_DOCKER_ACCESS;
    process.env.FORKPOINT_DOCKER_ACCESS = 'engine';
    try {
      await using cluster = await bootDocker();
      const lab = await liveLab(docker, cluster.id);
      const both: readonly Step[] = [
        { fault: 'partition', target: 'pg3' },
        { fault: 'freeze-node', target: 'pg2' },
      ];
      const child = await runUntilHarmed(reports.folder, 'both', both, ['--attach', cluster.id]);
      const residue = (await residueOf(lab, nodes)).join('\n');
      expect(residue).toMatch(/pg2: stopped: postgres[^]*pg3: -A FP-/);
      child.kill();
      await untilWhole(lab, nodes);
    } finally {
      if (before === undefined) delete process.env.FORKPOINT_DOCKER_ACCESS;
      else process.env.FORKPOINT_DOCKER_ACCESS = before;
    }
  });
});

describe.skipIf(!hasDocker)('a single server', () => {
  test('that was frozen continues within 5 s of SIGKILL', async () => {
    using reports = temporaryReports();
    await using cluster = await bootDocker({ nodes: 1, topology: 'single' });
    const step: Step = { fault: 'freeze-postgres', target: 'pg1', isSingle: true };
    const child = await runUntilHarmed(
      ...([reports.folder, 'frozen', [step], ['--attach', cluster.id]] as const),
    );
    const isPaused = async () => {
      const filters = { label: [`${runLabel}=${cluster.id}`], status: ['paused'] };
      return (await openEngine().listContainers({ filters })).length > 0;
    };
    expect(await isPaused()).toBe(true);
    child.kill();
    await waitUntil('it goes on', async () => !(await isPaused()), { timeoutMs: 5_000 });
  });
});
