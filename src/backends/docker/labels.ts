import { readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { processFacts, isAlive } from '../../machine/process-identity.ts';

/** On everything that a run creates in the engine. */
export const runLabel = 'forkpoint.run';
export const pidLabel = 'forkpoint.owner.pid';
const startedLabel = 'forkpoint.owner.started';
const hostLabel = 'forkpoint.owner.host';
const bootLabel = 'forkpoint.owner.boot';
/** The run's folder with its events: the age of the last event decides whether a start may remove it. */
const directoryLabel = 'forkpoint.run.directory';

/** On what is made beside a run and is no cluster to enter: the server of a copy. */
const besideLabel = 'forkpoint.beside';
export const beside: Labels = { [besideLabel]: 'copy' };
export const besideFilter = { label: [besideLabel] };

export function isBeside(labels: Labels): boolean {
  return labels[besideLabel] !== undefined;
}

/** How long the cluster of a killed run stays available for `verify`. */
export const graceMs = 3_600_000;

export type Labels = Readonly<Record<string, string>>;

/** Identifies the owner, this process, so that a later one can find out whether it still lives. */
export function ownLabels(runId: string, directory?: string): Labels {
  return {
    [runLabel]: runId,
    [directoryLabel]: directory === undefined ? '' : path.resolve(directory),
    [pidLabel]: String(process.pid),
    [startedLabel]: processFacts(process.pid)?.startedTicks ?? '',
    [hostLabel]: hostname(),
    [bootLabel]: bootId(),
  };
}

/**
 * Whether the process that created it has ended. Engines are shared: objects created from another host, or without these
 * labels, are never considered orphans.
 */
export function isOrphan(labels: Labels): boolean {
  const pid = Number(labels[pidLabel]);
  if (labels[runLabel] === undefined || !Number.isInteger(pid) || pid <= 0) return false;
  if (labels[hostLabel] !== hostname()) return false;
  if (labels[bootLabel] !== bootId()) return true;
  const startedTicks = labels[startedLabel] ?? '';
  return startedTicks === '' ? !answers(pid) : !isAlive({ pid, startedTicks });
}

/** Engines are shared: another host's cluster, or one of another reports folder, is not what a person here means by `the lab`. */
export function isOthers(labels: Labels, reports: string): boolean {
  if (labels[hostLabel] !== hostname()) return true;
  const directory = labels[directoryLabel] ?? '';
  return directory === '' || path.relative(reports, directory).startsWith('..');
}

/** An orphan that is no longer of interest: without events, or with none in the last hour. */
export function isAbandoned(labels: Labels, nowMs: number = Date.now()): boolean {
  if (!isOrphan(labels)) return false;
  const directory = labels[directoryLabel] ?? '';
  const events = statSync(path.join(directory, 'events.jsonl'), { throwIfNoEntry: false });
  return directory === '' || events === undefined || nowMs - events.mtimeMs > graceMs;
}

/** Changes with every boot of the kernel; '' without /proc. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It lives, and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
