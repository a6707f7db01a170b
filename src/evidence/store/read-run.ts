import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterSettings } from '../../contracts/durability.ts';
import type { ReadBack, RunEvent } from '../../contracts/evidence.ts';
import type { Observations } from '../../contracts/observation.ts';
import type { ArchiveEvidence } from '../../contracts/archive.ts';
import type { StoredConsumer } from '../../contracts/downstream.ts';
import type { Plan } from '../../contracts/scenario.ts';
import { ScenarioError } from '../../std/errors.ts';
import { healProblems, readHeals } from '../events/heals.ts';
import { readEvents } from '../events/event-log.ts';
import { runFacts } from '../events/run-facts.ts';
import { readBackSchema, settingsSchema } from './evidence-schemas.ts';
import { mostMs } from './bounds.ts';
import { asWrittenNow } from './earlier-events.ts';
import { hasClientReads } from '../../std/units/client-reads.ts';
import { eventSchemas } from './events-schema.ts';
import { planSchema } from './plan-schema.ts';
import { readArchive } from './read-archive.ts';
import { readDownstream } from './read-downstream.ts';
import { readObservations } from './read-observations.ts';
import { parseReadBack } from './parse-read-back.ts';
import { edited, laterVersion, problemWith, readStoredJson, unreadable } from './read-json.ts';

/** A run's folder but for its journals, which are read while judging. */
export interface StoredRun {
  readonly plan: Plan;
  readonly events: { readonly events: readonly RunEvent[]; readonly problems: readonly string[] };
  /** Undefined when the run ended before reading back. */
  readonly readBack: ReadBack | undefined;
  /** Undefined when the run ended before it had a cluster. */
  readonly settings: ClusterSettings | undefined;
  /** Undefined for a load without readers. */
  readonly observations: Observations | undefined;
  /** Undefined for a run without consumers. */
  readonly downstream?: readonly StoredConsumer[] | undefined;
  /** Undefined for a run without an archive, and for one that ended before it looked. */
  readonly archive?: ArchiveEvidence | undefined;
}

/**
 * Reads a run's folder; `unwritten` are events that did not fit on the disk. The leftovers of a killed run,
 * half a line or no readback.json, are reported in `problems` or left out.
 * Errors: ScenarioError naming the file that is missing, cut, edited, of a later version or of another run;
 * EnvironmentError for what this user may not read.
 */
export async function readStoredRun(
  directory: string,
  unwritten: readonly RunEvent[] = [],
): Promise<StoredRun> {
  const plan = await readPlan(directory);
  const events = readStoredEvents(directory, unwritten);
  const runId = runIdOf(path.join(directory, 'events.jsonl'), events.events);
  const readBackFile = path.join(directory, 'readback.json');
  const readBack = await readStoredJson(readBackFile, readBackSchema, parseReadBack);
  if (readBack && readBack.runId !== runId) {
    throw new ScenarioError(
      `${directory}: readback.json is of run ${readBack.runId}, events.jsonl of run ${runId}. Take both from one run.`,
    );
  }
  const settings = await readStoredJson(path.join(directory, 'settings.json'), settingsSchema);
  await checkJournalFolder(path.join(directory, 'journal'));
  const { originMs } = runFacts(events.events);
  const { load } = plan.scenario;
  const observations = await readObservations(directory, {
    runId,
    originMs,
    readers: load.readers?.count ?? 0,
    hasClientReads: hasClientReads(load),
  });
  const downstream = await readDownstream(directory, plan, events.events);
  const archive = await readArchive(directory, runId);
  return { plan, readBack, settings, events, observations, downstream, archive };
}

/** What a run wrote down while it lasted, and what others undid after it. Errors: as readStoredRun. */
export function readStoredEvents(
  directory: string,
  unwritten: readonly RunEvent[],
): StoredRun['events'] {
  const file = path.join(directory, 'events.jsonl');
  const read = readEventsOf(file);
  const { events, problems } = checkedEvents(file, [...read.events, ...unwritten]);
  const healed = healProblems(readHealsOf(directory));
  return { events, problems: [...read.problems, ...problems, ...healed] };
}

/** Errors: ScenarioError when there is none, it is of a later version, or edited; EnvironmentError. */
export async function readPlan(directory: string): Promise<Plan> {
  const plan = await readStoredJson(path.join(directory, 'plan.json'), planSchema);
  if (!plan) throw new ScenarioError(`${directory}: not a run: it has no plan.json`);
  return plan;
}

/** The run that a folder holds, by its events. Errors: as readStoredRun. */
export function readRunHead(directory: string): RunHead {
  const head = readRunEvents(directory).find((event): event is RunHead => event.type === 'run');
  return head ?? namesNoRun(path.join(directory, 'events.jsonl'));
}

/** The events of a run. Errors: as readStoredRun. */
export function readRunEvents(directory: string): readonly RunEvent[] {
  const file = path.join(directory, 'events.jsonl');
  return checkedEvents(file, readEventsOf(file).events).events;
}

type RunHead = Extract<RunEvent, { readonly type: 'run' }>;

function readEventsOf(file: string): ReturnType<typeof readEvents> {
  try {
    return readEvents(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(file, error);
    throw new ScenarioError(
      `${file}: is not there, and without it nothing can be judged. Copy the run's folder whole.`,
      { cause: error },
    );
  }
}

function readHealsOf(directory: string): ReturnType<typeof readHeals> {
  try {
    return readHeals(directory);
  } catch (error) {
    throw unreadable(path.join(directory, 'heals.jsonl'), error);
  }
}

function checkedEvents(file: string, all: readonly RunEvent[]): StoredRun['events'] {
  const problems: string[] = [];
  const events = all.filter((event, index) => {
    const { schemaVersion } = event as { readonly schemaVersion?: unknown };
    if (schemaVersion !== undefined && schemaVersion !== 1) throw laterVersion(file, schemaVersion);
    const { type } = event;
    const schemas = eventSchemas(type);
    if (!schemas) {
      problems.push(`${file}: event ${index + 1} has the unknown type ${type}`);
      return false;
    }
    for (const schema of schemas) {
      const problem = problemWith(schema, event);
      if (problem !== undefined) throw edited(file, `event ${index + 1} (${type}): ${problem}`);
    }
    return true;
  });
  checkOrigins(file, events);
  return { events: events.map(asWrittenNow), problems };
}

/** Both on CLOCK_MONOTONIC of one machine: the load begins after the run, and their distance becomes a chart's length. */
function checkOrigins(file: string, events: readonly RunEvent[]): void {
  const run = events.find((event) => event.type === 'run');
  const load = events.find((event) => event.type === 'load' && event.edge === 'begin');
  if (run?.type !== 'run' || load?.type !== 'load' || !('originNs' in load)) return;
  const afterMs = Number((BigInt(load.originNs) - BigInt(run.originNs)) / 1_000_000n);
  if (afterMs >= 0 && afterMs <= mostMs) return;
  throw edited(file, `its load began ${afterMs} ms after the run`);
}

function runIdOf(file: string, events: readonly RunEvent[]): string {
  const ids = new Set(events.flatMap((event) => (event.type === 'run' ? [event.runId] : [])));
  const [runId, other] = ids;
  if (runId === undefined) return namesNoRun(file);
  if (other === undefined) return runId;
  throw new ScenarioError(`${file}: holds events of run ${runId} and of run ${other}`);
}

function namesNoRun(file: string): never {
  throw new ScenarioError(
    `${file}: names no run, so there is nothing to judge: the run ended before it began, or the file was cut`,
  );
}

/** A folder that cannot be read is no folder without journals: then the load never began. */
async function checkJournalFolder(folder: string): Promise<void> {
  try {
    const names = await readdir(folder);
    const journals = names.filter((name) => name.endsWith('.bin'));
    for (const name of journals) await stat(path.join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw unreadable(folder, error);
  }
}
