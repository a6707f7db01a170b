import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Cluster } from '../contracts/cluster.ts';
import { ClusterError, ScenarioError } from '../std/errors.ts';
import { readEvents } from '../evidence/events/event-log.ts';
import { type DeadRun, describeStep, healLeftovers, leftOf } from '../nemesis/heal-leftovers.ts';
import { findRun, reportsFolder } from '../evidence/store/run-folders.ts';
import { loadRegistry } from '../registry.ts';
import { isUnderWay } from '../evidence/store/is-run-active.ts';
import { findLab, storedRecord, type FoundLab } from './support/find-cluster.ts';
import { latestUnhealed } from './support/latest-unhealed.ts';
import type { CommandHost } from './support/command-host.ts';
import { print } from '../std/output.ts';

export function healCommand({ program, exit }: CommandHost): void {
  program
    .command('heal')
    .description('undo, from its journal, what a run that died left in force; safe to repeat')
    .argument(
      '[run]',
      "a run's folder, or a scenario's name for its latest run; default: the latest run with something left",
    )
    .option('--lab <id>', "the cluster, where the run's own record of it is missing")
    .action(async (nameOrPath: string | undefined, { lab }: { readonly lab?: string }) => {
      const say = (line: string): void => print(`${line}\n`);
      const directory =
        nameOrPath === undefined ? latestUnhealed(reportsFolder()) : await findRun(nameOrPath);
      if (directory === undefined) say(`nothing to heal: no run below ${reportsFolder()}`);
      else await healRun(directory, lab, say);
      exit(0);
    });
}

/**
 * Heals one stored run.
 * Errors: ScenarioError when it still goes on or has no journal; ClusterError naming the steps that failed.
 */
async function healRun(
  directory: string,
  lab: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  const run = openJournal(directory, say);
  const left = leftOf(run);
  say(`${directory}: ${left.length === 0 ? 'nothing to heal' : `in force: ${left.join(', ')}`}`);
  if (left.length === 0) return;
  const found = await labOf(directory, lab);
  if (!(await found.isUp())) {
    say('its cluster is gone, and everything with it: nothing is left to heal');
    return;
  }
  await using cluster = await found.open();
  await healAndTell(cluster, run, say);
}

async function healAndTell(
  cluster: Cluster,
  run: DeadRun,
  say: (line: string) => void,
): Promise<void> {
  const undone = await healLeftovers(cluster, run, ({ id, step, why }) => {
    say(`  ${id}: ${describeStep(step)}: ${why === undefined ? 'done' : `failed: ${why}`}`);
  });
  const failed = undone.filter(({ why }) => why !== undefined);
  if (failed.length === 0) {
    say(`healed; the cluster is ${cluster.id} (${cluster.backend})`);
    return;
  }
  const what = failed.map(({ id, step, why }) => `${id}: ${describeStep(step)}: ${why ?? ''}`);
  throw new ClusterError(`not all is healed; \`forkpoint heal\` tries again:\n${what.join('\n')}`);
}

function openJournal(directory: string, say: (line: string) => void): DeadRun {
  const file = path.join(directory, 'events.jsonl');
  if (!existsSync(file)) {
    throw new ScenarioError(`${directory}: no events.jsonl, so no journal to heal from`);
  }
  const { events, problems } = readEvents(file);
  if (isUnderWay(directory, events)) {
    throw new ScenarioError(`${directory}: the run is still going on, and heals by itself`);
  }
  // An undo is on disk before its harm begins: what is torn never happened.
  for (const problem of problems) say(`${problem}; passed over`);
  return { directory, events };
}

async function labOf(directory: string, lab: string | undefined): Promise<FoundLab> {
  const registry = await loadRegistry();
  if (lab !== undefined) return findLab(lab, registry);
  if ((await storedRecord(directory)) !== undefined) return findLab(directory, registry);
  throw new ScenarioError(
    `${directory}: no lab.json says which cluster it used; name it with --lab`,
  );
}
