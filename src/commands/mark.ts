import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { markText, sendMark } from '../evidence/marks/marks.ts';
import { isHeldOpen } from '../evidence/store/is-run-active.ts';
import { reportsFolder } from '../evidence/store/run-folders.ts';
import { runFolders } from '../history/run-folders.ts';
import { EnvironmentError, ScenarioError } from '../std/errors.ts';
import { print } from '../std/output.ts';
import { waitUntil } from '../std/wait.ts';
import type { CommandHost } from './support/command-host.ts';

const takenWithinMs = 5_000;
const firstLineBytes = 65_536;

interface LivingRun {
  readonly id: string;
  readonly directory: string;
  /** `<scenario>/<UTC time>` */
  readonly name: string;
}

export function markCommand({ program, signal }: CommandHost): void {
  program
    .command('mark')
    .description('note a moment in the run that is going on: its report says what followed')
    .argument('<text...>', 'what you do now, such as "switch the VIP"')
    .option('--run <id>', 'the run, if there are several: its id, or its folder')
    .action(async (words: readonly string[], options: { readonly run?: string }) => {
      const text = markText(words.join(' '));
      if (text === undefined) throw new ScenarioError('mark: say what you do now, in a few words');
      const run = await runToMark(options.run);
      const { id } = await sendMark(run.directory, text);
      await untilTaken(run, id, signal);
      print(`marked '${text}' in ${run.name}\n`);
    });
}

/** Errors: ScenarioError when no run is going on, none is called so, or there are several. */
async function runToMark(asked: string | undefined): Promise<LivingRun> {
  const living = await livingRuns();
  const found = asked === undefined ? living : living.filter((run) => isCalled(run, asked));
  const [only] = found;
  if (only && found.length === 1) return only;
  const names = living.map(({ id, name }) => `${id} (${name})`).join(', ');
  if (living.length === 0) {
    throw new ScenarioError(
      `nothing to mark: no run of yours is going on in ${reportsFolder()}. Start one with \`forkpoint watch\`, or name its folder with FORKPOINT_REPORTS`,
    );
  }
  throw new ScenarioError(
    asked === undefined
      ? `several runs are going on: name one with --run. They are ${names}`
      : `--run ${asked}: no run that is going on is called so. They are ${names}`,
  );
}

function isCalled({ id, name, directory }: LivingRun, asked: string): boolean {
  return [id, name, name.split('/')[0]].includes(asked) || directory === path.resolve(asked);
}

/** Runs whose harness lives, and that are not judged yet. */
async function livingRuns(): Promise<readonly LivingRun[]> {
  const reports = reportsFolder();
  const unjudged = (await runFolders(reports)).filter(({ judgedAtMs }) => judgedAtMs === undefined);
  return unjudged.flatMap(({ directory: name }) => {
    const directory = path.join(reports, name);
    const id = isHeldOpen(eventsOf(directory)) ? idOf(directory) : undefined;
    return id === undefined ? [] : [{ id, directory, name }];
  });
}

function eventsOf(directory: string): string {
  return path.join(directory, 'events.jsonl');
}

/** From the first event; undefined for a file that does not begin with one. */
function idOf(directory: string): string | undefined {
  const buffer = Buffer.alloc(firstLineBytes);
  const file = openSync(eventsOf(directory), 'r');
  try {
    const [line = ''] = buffer.toString('utf8', 0, readSync(file, buffer)).split('\n');
    const { runId } = JSON.parse(line) as { readonly runId?: unknown };
    return typeof runId === 'string' ? runId : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** A mark counts once the run has it in its events. */
async function untilTaken({ directory, name }: LivingRun, id: string, signal: AbortSignal) {
  const isTaken = () => readFileSync(eventsOf(directory), 'utf8').includes(`"id":"${id}"`);
  await waitUntil(`${name} takes the mark`, isTaken, {
    timeoutMs: takenWithinMs,
    everyMs: 50,
    signal,
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new EnvironmentError(
      `${name} did not take the mark in ${takenWithinMs / 1000} s: it is ending, or stands still`,
      { cause: error },
    );
  });
}
