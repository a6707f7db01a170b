import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterError, EnvironmentError } from '../../errors.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { processControl } from './process-control.ts';

/** A program that was just started cannot be told from one that has ended; two looks later it can. */
const lookEveryMs = 750;
const missesToEnd = 2;

export interface DeathWatch extends AsyncDisposable {
  /** Aborted with an error that names the first to end. */
  readonly signal: AbortSignal;
  /** From now on this member's Patroni has to run too. */
  watchPatroni(box: Box): void;
}

/** Notices when something ends that should not while booting: nobody has to wait for a timeout to hear it. */
export function watchDeaths(access: Access, boxes: readonly Box[]): DeathWatch {
  const died = new AbortController();
  const over = new AbortController();
  for (const { name, container } of boxes) {
    container.wait({ condition: 'not-running', abortSignal: over.signal }).then(
      (ended: { StatusCode: number }) => {
        if (!over.signal.aborted) died.abort(deathOf(name, ended.StatusCode));
      },
      // The engine went away, or we stopped listening: whoever asks next hears the reason.
      () => undefined,
    );
  }
  const looks: Promise<void>[] = [];
  return {
    signal: died.signal,
    watchPatroni: (box) => {
      looks.push(lookAfter(access, box, { died, over: over.signal }));
    },
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await Promise.all(looks);
    },
  };
}

async function lookAfter(
  access: Access,
  box: Box,
  { died, over }: { readonly died: AbortController; readonly over: AbortSignal },
): Promise<void> {
  const processes = processControl(access, box, () => Promise.resolve());
  const pause = () => sleep(lookEveryMs, undefined, { signal: over }).catch(() => undefined);
  const isOver = () => over.aborted || died.signal.aborted;
  let misses = 0;
  await pause();
  while (!isOver()) {
    // A look that fails says nothing about Patroni.
    const runs = await processes.isRunning('patroni').catch(() => true);
    misses = runs ? 0 : misses + 1;
    if (misses === missesToEnd && !isOver())
      died.abort(new ClusterError(`${box.name}: Patroni has ended`));
    await pause();
  }
}

function deathOf(name: string, exitCode: number): EnvironmentError {
  const killed = exitCode === 137 ? ' (killed; too little memory for the engine?)' : '';
  return new EnvironmentError(`container ${name} ended with exit code ${exitCode}${killed}`);
}
