import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { HealEvent, RunEvent } from '../../contracts/evidence.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { readLines } from './event-log.ts';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

/**
 * What another process than the run's own harness healed after its death: heals.jsonl, beside events.jsonl, which stays as
 * the harness left it.
 */
export function readHeals(directory: string): readonly HealEvent[] {
  const file = fileIn(directory);
  if (!existsSync(file)) return [];
  return readLines(file, 'at').values as readonly HealEvent[];
}

/** Errors: EnvironmentError. */
export function appendHeal(directory: string, event: WithoutTime<HealEvent>): void {
  const file = fileIn(directory);
  try {
    // The last writer may have died in the middle of a line.
    const isTorn = existsSync(file) && !readFileSync(file, 'utf8').endsWith('\n');
    const line = JSON.stringify({ at: new Date().toISOString(), ...event });
    appendFileSync(file, `${isTorn ? '\n' : ''}${line}\n`);
  } catch (error) {
    throw new EnvironmentError(`cannot write ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** Injections that began and are not known to be healed, by the harness or by others. */
export function unhealed(
  events: readonly RunEvent[],
  heals: readonly HealEvent[],
): readonly string[] {
  const healed = new Set(
    [...events, ...heals].flatMap((event) => (event.type === 'healed' ? [event.id] : [])),
  );
  return events.flatMap((event) =>
    event.type === 'inject' && !healed.has(event.id) ? [event.id] : [],
  );
}

/** For people: which of a run's faults the harness did not heal itself, and when others did. */
export function healProblems(heals: readonly HealEvent[]): readonly string[] {
  return heals.flatMap((event) =>
    event.type === 'healed'
      ? [`${event.id} was healed by others than its harness, ${event.at}`]
      : [],
  );
}

function fileIn(directory: string): string {
  return path.join(directory, 'heals.jsonl');
}
