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
import { sayLongWaits } from './support/logger.ts';
import { latestUnhealed } from './support/latest-unhealed.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import type { CommandHost } from './support/command-host.ts';
import { print, tell } from '../std/output.ts';

export function healCommand({ program, exit }: CommandHost): void {
  program
    .command('heal')
    .description('undo, from its journal, the faults that a dead run left in force; safe to repeat')
    .argument(
      '[run]',
      "a run's folder, or a scenario's name for its latest run; default: the latest run with faults in force",
    )
    .option('--lab <id>', 'id of the cluster, when the run has no record of it')
    .option(...jsonOption)
    .action(async (nameOrPath: string | undefined, { lab, json }: HealArguments) => {
      const say = (line: string): void => (json ? tell : print)(`${line}\n`);
      using _waits = sayLongWaits(say);
      const directory =
        nameOrPath === undefined ? latestUnhealed(reportsFolder()) : await findRun(nameOrPath);
      let healed: Healed = { directory: null, inForce: [], cluster: null, steps: [] };
      if (directory === undefined) say(`nothing to heal: no run below ${reportsFolder()}`);
      else healed = await healRun(directory, lab, say);
      if (json) printJson(healed);
      exit(0);
    });
}

interface HealArguments extends JsonArguments {
  readonly lab?: string;
}

/** What a heal found and did. */
interface Healed {
  readonly directory: string | null;
  /** Injections that were still in force. */
  readonly inForce: readonly string[];
  /** The id of its cluster; null when there was nothing to heal, or the cluster is gone. */
  readonly cluster: string | null;
  readonly steps: readonly { readonly id: string; readonly step: string }[];
}

/**
 * Heals one stored run.
 * Errors: ScenarioError when the run is still going on or has no journal; ClusterError naming the steps that failed.
 */
async function healRun(
  directory: string,
  lab: string | undefined,
  say: (line: string) => void,
): Promise<Healed> {
  const run = openJournal(directory, say);
  const left = leftOf(run);
  say(`${directory}: ${left.length === 0 ? 'nothing to heal' : `in force: ${left.join(', ')}`}`);
  const found = { directory, inForce: left, cluster: null, steps: [] };
  if (left.length === 0) return found;
  const place = await labOf(directory, lab);
  if (!(await place.isUp())) {
    say('the cluster is gone, and its faults with it: nothing to heal');
    return found;
  }
  await using cluster = await place.open();
  return { ...found, cluster: cluster.id, steps: await healAndTell(cluster, run, say) };
}

async function healAndTell(
  cluster: Cluster,
  run: DeadRun,
  say: (line: string) => void,
): Promise<Healed['steps']> {
  const undone = await healLeftovers(cluster, run, ({ id, step, why }) => {
    say(`  ${id}: ${describeStep(step)}: ${why === undefined ? 'done' : `failed: ${why}`}`);
  });
  const failed = undone.filter(({ why }) => why !== undefined);
  if (failed.length === 0) {
    say(`healed; the cluster is ${cluster.id} (${cluster.backend})`);
    return undone.map(({ id, step }) => ({ id, step: describeStep(step) }));
  }
  const what = failed.map(({ id, step, why }) => `${id}: ${describeStep(step)}: ${why ?? ''}`);
  throw new ClusterError(
    `not everything is healed; run \`forkpoint heal\` again:\n${what.join('\n')}`,
  );
}

function openJournal(directory: string, say: (line: string) => void): DeadRun {
  const file = path.join(directory, 'events.jsonl');
  if (!existsSync(file)) {
    throw new ScenarioError(`${directory}: no events.jsonl, so there is no journal to heal from`);
  }
  const { events, problems } = readEvents(file);
  if (isUnderWay(directory, events)) {
    throw new ScenarioError(`${directory}: the run is still going on and heals its faults itself`);
  }
  // An undo is on disk before its injection begins: the injection of a torn record never happened.
  for (const problem of problems) say(`${problem}; skipped`);
  return { directory, events };
}

async function labOf(directory: string, lab: string | undefined): Promise<FoundLab> {
  const registry = await loadRegistry();
  if (lab !== undefined) return findLab(lab, registry);
  if ((await storedRecord(directory)) !== undefined) return findLab(directory, registry);
  throw new ScenarioError(
    `${directory}: no lab.json records its cluster; name the cluster with --lab`,
  );
}
