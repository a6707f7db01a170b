import { EnvironmentError } from '../../errors.ts';
import type { Box } from './containers.ts';

export interface DeathWatch extends AsyncDisposable {
  /** Aborted with an EnvironmentError that names the first container to end. */
  readonly signal: AbortSignal;
}

/** Notices at once when a container ends that should not: nobody has to wait for a timeout to hear it. */
export function watchDeaths(boxes: readonly Box[]): DeathWatch {
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
  return {
    signal: died.signal,
    [Symbol.asyncDispose]: () => {
      over.abort();
      return Promise.resolve();
    },
  };
}

function deathOf(name: string, exitCode: number): EnvironmentError {
  const killed = exitCode === 137 ? ' (killed; too little memory for the engine?)' : '';
  return new EnvironmentError(`container ${name} ended with exit code ${exitCode}${killed}`);
}
