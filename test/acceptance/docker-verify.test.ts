import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/contracts/evidence.ts';
import { readEvents } from '../../src/evidence/events/event-log.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { latestResult, runCli, startCli } from '../helpers/cli.ts';
import { hasDocker, inEngine } from '../helpers/docker.ts';
import { temporaryReports } from '../helpers/local-lab.ts';

const killed = `
name: killed
claim: A harness that dies costs no verdict.
load: { clients: 2, rate: 100/s, duration: 60s }
faults:
  - { at: 1s, fault: partition, target: pg3, from: all }
expect: { lost: 0 }
`;
const next = killed.replace('name: killed', 'name: next').replace('60s', '5s');

describe.skipIf(!hasDocker)('the containers of a run whose harness was killed', () => {
  test(
    'are found by `verify` and `run --attach`, undisturbed by `clean`, and removed afterwards',
    { timeout: 500_000 },
    async () => {
      using reports = temporaryReports();
      const call = (...args: readonly string[]) => runCli(args, { reports: reports.folder });
      const scenario = (name: string, text: string): string => {
        writeFileSync(path.join(reports.folder, `${name}.yaml`), text);
        return path.join(reports.folder, `${name}.yaml`);
      };
      const file = scenario('killed', killed);
      const id = await killInMidLoad(['run', file, '--backend', 'docker'], reports.folder);
      await using owned = new AsyncDisposableStack();
      owned.defer(async () => {
        await call('clean');
      });

      const verified = await call('verify', 'killed', '--lab', id);
      expect([verified.exitCode, verified.stderr]).toEqual([
        2,
        expect.stringContaining('converge\nreadBack\njudge\n'),
      ]);
      const { writes } = latestResult(reports.folder, 'killed');
      expect([writes.lost, (writes.acknowledged ?? 0) > 0]).toEqual([0, true]);

      const attached = startCli(['run', scenario('next', next), '--attach', id], {
        reports: reports.folder,
      });
      await untilInjected(reports.folder, 'next');
      expect((await call('clean')).stdout).toContain('docker: nothing to remove');
      const { exitCode, stdout } = await attached.done;
      expect([exitCode, stdout]).toEqual([0, expect.stringContaining('PASS')]);

      expect((await call('clean')).stdout).toContain(`docker: ${id}`);
      expect(await inEngine(id)).toEqual([]);
      const gone = await call('verify', 'killed', '--lab', id);
      expect([gone.exitCode, gone.stderr]).toEqual([4, expect.stringContaining('no lab is up')]);
    },
  );
});

/** Returns the run's id. */
async function killInMidLoad(args: readonly string[], reports: string): Promise<string> {
  const harness = startCli(args, { reports });
  const events = await untilInjected(reports, 'killed').finally(async () => {
    harness.kill();
    await harness.done;
  });
  return events.find((event) => event.type === 'run')!.runId;
}

async function untilInjected(reports: string, scenario: string): Promise<readonly RunEvent[]> {
  const file = path.join(reports, scenario, 'latest/events.jsonl');
  const injected = () => {
    const events = existsSync(file) ? readEvents(file).events : [];
    return Promise.resolve(events.some(({ type }) => type === 'injected') && events);
  };
  return waitUntil(`${scenario} has injected its fault`, injected, { timeoutMs: 200_000 });
}
