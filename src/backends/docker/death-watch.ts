import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterError, EnvironmentError } from '../../std/errors.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { endedWords } from './ended.ts';
import { findFullDisk } from './full-disk.ts';
import { processControl } from '../../machine/processes.ts';
import { monotonicMs } from '../../std/wait.ts';

const lookEveryMs = 750;
/** While a process changes its program it is not known. */
const missesToEnd = 2;
/** A program that is just starting looks like one that has ended, on a busy machine for seconds. */
const startTimeoutMs = 10_000;

export interface DeathWatch extends AsyncDisposable {
  /** Aborted with an error that names the first to end. */
  readonly signal: AbortSignal;
  /** The cause of a failure: the first container that has ended, if one has, else the error itself. */
  blame(error: unknown): Promise<{ readonly error: unknown; readonly culprit: Box | undefined }>;
  /** From now on this member's Patroni has to run too. */
  watchPatroni(box: Box): void;
}

/** Notices at once when a program ends during the boot, instead of waiting for a timeout. */
export function watchDeaths(access: Access, boxes: readonly Box[]): DeathWatch {
  const died = new AbortController();
  const over = new AbortController();
  let culprit: Box | undefined;
  const blame = (box: Box, error: Error) => {
    if (over.signal.aborted || died.signal.aborted) return;
    culprit = box;
    died.abort(error);
  };
  for (const box of boxes) {
    box.container.wait({ condition: 'not-running', abortSignal: over.signal }).then(
      (ended: { StatusCode: number }) => {
        blame(box, new EnvironmentError(endedWords(box.name, ended.StatusCode)));
      },
      // The engine went away, or the watch was closed: the next request reports the reason.
      () => undefined,
    );
  }
  const looks: Promise<void>[] = [];
  return {
    signal: died.signal,
    blame: async (error) => {
      // An action on a container that has just ended may fail before its end is reported.
      await Promise.all(boxes.map((box) => lookAt(box).then((dead) => dead && blame(box, dead))));
      return culprit ? { error: died.signal.reason as unknown, culprit } : { error, culprit };
    },
    watchPatroni: (box) => {
      const until = AbortSignal.any([over.signal, died.signal]);
      looks.push(lookAfter(access, box, { until, blame: (error) => blame(box, error) }));
    },
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await Promise.all(looks);
    },
  };
}

async function lookAt({ name, container }: Box): Promise<EnvironmentError | undefined> {
  const facts = await container.inspect().catch(() => undefined);
  if (!facts || facts.State.Running) return undefined;
  return new EnvironmentError(endedWords(name, facts.State.ExitCode));
}

async function lookAfter(
  access: Access,
  box: Box,
  { until, blame }: { readonly until: AbortSignal; readonly blame: (error: Error) => void },
): Promise<void> {
  const processes = processControl({ name: box.name, shell: access.shell(box) }, () =>
    Promise.resolve(),
  );
  const pause = () => sleep(lookEveryMs, undefined, { signal: until }).catch(() => undefined);
  const sinceMs = monotonicMs();
  let hasRun = false;
  let misses = 0;
  await pause();
  while (!until.aborted) {
    // A failed poll says nothing about the member.
    const [runs, full] = await Promise.all([
      processes.isRunning('patroni').catch(() => true),
      findFullDisk(access, box).catch(() => undefined),
    ]);
    hasRun ||= runs;
    misses = runs ? 0 : misses + 1;
    if (full) blame(full);
    else if (hasRun && misses === missesToEnd)
      blame(new ClusterError(`${box.name}: Patroni has ended`));
    else if (!hasRun && monotonicMs() - sinceMs > startTimeoutMs)
      blame(new ClusterError(`${box.name}: Patroni has not started, or ended at once`));
    await pause();
  }
}
