import { controlDataOf } from '../../pg/control-data.ts';
import type { KnownNode } from './know-nodes.ts';
import type { OldPrimary } from './old-primaries.ts';
import { rewoundScript, sectionMark, surveyScript } from './taking-scripts.ts';

const timeoutMs = 10_000;
const usualSegmentBytes = 16 * 2 ** 20;

/** What a data directory holds, before anything is copied. */
export interface Survey {
  readonly walFiles: readonly string[];
  readonly dataBytes: number;
  /** What pg_controldata says; '' where it is not there. */
  readonly control: string;
  readonly segmentBytes: number;
  /** As in ControlData. */
  readonly redoFile: string;
}

/** Errors: Error with what the machine said. */
export async function survey(node: KnownNode): Promise<Survey> {
  const said = await runOn(node, surveyScript, node.programs);
  const [names = '', sizes = '', control = ''] = said.split(sectionMark);
  const lines = sizes.trim().split('\n');
  // A pg_wal that is a link to another disk is counted by the second line; else both count it, and the limit is a bit lower.
  const dataBytes = lines.reduce((sum, line) => sum + Number.parseInt(line, 10), 0);
  if (!Number.isFinite(dataBytes))
    throw new Error(`${node.name}: its size was not measured in time`);
  const { segmentBytes = usualSegmentBytes, redoFile } = controlDataOf(control);
  return { walFiles: names.split('\n'), dataBytes, control, segmentBytes, redoFile };
}

/**
 * Whether a rewind has worked on the directory, or works on it now. Where both histories have a timeline of the same number there is
 * no rewind: a server that follows the other one writes that one's WAL over its own. Errors: as `survey`.
 */
export async function wasRewound(
  node: KnownNode,
  { timeline, newTimeline }: Pick<OldPrimary, 'timeline' | 'newTimeline'>,
): Promise<boolean> {
  const said = await runOn(node, rewoundScript, node.programs);
  const { timeline: now } = controlDataOf(said);
  if (now === undefined) throw new Error(`${node.name}: pg_controldata names no timeline`);
  const runs = said.trim().split('\n');
  if (runs.includes('walreceiver') && newTimeline === timeline) return true;
  // To a higher one usually; to a lower one where the lock was taken back by a primary that was never promoted again.
  return now !== timeline || runs.includes('pg_rewind');
}

/** Runs a script on the node with its data directory as `$1`. Errors: Error with the node and what it said. */
export async function runOn(
  { name, shell, dataFolder }: KnownNode,
  script: string,
  ...args: readonly string[]
): Promise<string> {
  const argv = ['sh', '-c', script, 'sh', dataFolder, ...args];
  const { exitCode, stdout, stderr } = await shell.run(argv, { timeoutMs });
  if (exitCode === 0) return stdout;
  throw new Error(`${name}: exit code ${exitCode}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
}
