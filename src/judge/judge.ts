import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { RunEvent } from '../contracts/evidence.ts';
import type { Result } from '../contracts/result.ts';
import type { Plan } from '../contracts/scenario.ts';
import { openPhase } from '../evidence/store/progress.ts';
import { readStoredEvents, readStoredRun, type StoredRun } from '../evidence/store/read-run.ts';
import { forkpointVersion } from '../evidence/store/run-folders.ts';
import { ancestryOf } from './causes/ancestry.ts';
import type { LostRanges } from './causes/lost-ranges.ts';
import { conclude, type JudgeRegistry } from './conclude.ts';
import { examine, type Examined } from './examine.ts';
import { measure } from './measure.ts';
import { readTakenWal } from './wal/taken-wal.ts';

/** A result with what it does not hold: all of the lost ranges, of which it names the first. */
export interface Judgement {
  readonly result: Result;
  readonly lostRanges: LostRanges;
  /**
   * The same evidence judged with the events that were written since, such as the end of the teardown. No journal is read
   * again, unless the nodes were read back once more meanwhile.
   */
  again(unwritten?: readonly RunEvent[]): Promise<Judgement>;
}

export interface JudgeOptions {
  /** Events that could not be written because the disk was full, but are known. */
  readonly unwritten?: readonly RunEvent[];
  /** The stored plan, or one with other demands. */
  readonly planned?: (plan: Plan) => Promise<Plan>;
}

/**
 * Evidence -> ledger -> verdicts -> result: the same after a run and on a stored one.
 * Errors: those of readStoredRun, and ScenarioError for journals that contradict it or each other.
 */
export async function judge(
  directory: string,
  registry: JudgeRegistry,
  { unwritten = [], planned = (plan) => Promise.resolve(plan) }: JudgeOptions = {},
): Promise<Judgement> {
  const reading = await identityOf(path.join(directory, 'readback.json'));
  const found = await readStoredRun(directory, unwritten);
  const stored = { ...found, plan: await planned(found.plan) };
  const { readBack } = stored;
  const takenWal = await readTakenWal(directory, readBack && ancestryOf(readBack));
  const examined = examine(directory, stored, takenWal);
  return new Judging({ directory, registry, examined, reading }).judge(stored);
}

/** The result alone, for those who write it nowhere. Errors: as `judge`. */
export async function judgeRun(directory: string, registry: JudgeRegistry): Promise<Result> {
  return (await judge(directory, registry)).result;
}

interface JudgedRun {
  readonly directory: string;
  readonly registry: JudgeRegistry;
  readonly examined: Examined;
  /** Of readback.json. */
  readonly reading: string;
}

class Judging {
  readonly #run: JudgedRun;

  constructor(run: JudgedRun) {
    this.#run = run;
  }

  async judge(stored: StoredRun): Promise<Judgement> {
    const { directory, registry, examined, reading } = this.#run;
    const version = await forkpointVersion();
    const measured = measure(directory, stored, { examined, version });
    const problems = [...endedEarly(stored), ...measured.problems];
    const { plan, events, observations } = stored;
    const seen = { plan, events: events.events, ...(observations && { observations }) };
    const evidence = { ...seen, result: { ...measured, problems } };
    return {
      result: conclude(evidence, registry),
      lostRanges: examined.attribution.ranges,
      again: async (unwritten = []) => {
        const now = await identityOf(path.join(directory, 'readback.json'));
        if (now !== reading) return judge(directory, registry, { unwritten });
        return this.judge({ ...stored, events: readStoredEvents(directory, unwritten) });
      },
    };
  }
}

/** Differs for a file that was written again; '' if there is none. */
async function identityOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found ? `${found.ino} ${found.size} ${found.mtimeNs}` : '';
}

/** Where a run was killed before it read anything back; what ends it in an orderly way ends the phase, too. */
function endedEarly({ events, readBack }: StoredRun): readonly string[] {
  const phase = openPhase(events.events);
  // During its own judgement a run is in that phase. Of the load it is known by its end that is missing.
  if (readBack || phase === undefined || ['load', 'judge', 'teardown'].includes(phase)) return [];
  return [`the run ended during ${phase}`];
}
