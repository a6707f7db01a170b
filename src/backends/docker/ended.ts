import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { type Engine } from '../../shells/docker/engine.ts';
import { runLabel } from './labels.ts';
import { containerLog } from './logs.ts';

const tailLines = 15;
const listedWithinMs = 5_000;

/**
 * The error of a run's container that has ended by itself, or else `error`: an action on a container that is gone fails with
 * an error that does not say why.
 */
export async function blameEnded(engine: Engine, runId: string, error: unknown): Promise<unknown> {
  const ended = await endedOf(engine, runId, error);
  if (!ended) return error;
  const container = engine.getContainer(ended.Id);
  const { State: state } = await container.inspect();
  const name = (ended.Names[0] ?? '').replace(`/forkpoint-${runId}-`, '');
  const said = await containerLog({ container });
  const tail = said.trimEnd().split('\n').slice(-tailLines).join('\n');
  return new EnvironmentError(`${endedWords(name, state.ExitCode)}\n--- ${name}\n${tail}`, {
    cause: error,
  });
}

/** The engine may refuse a command in a container that has ended before it lists it as such. */
async function endedOf(engine: Engine, runId: string, error: unknown) {
  const filters = { label: [`${runLabel}=${runId}`], status: ['exited', 'dead'] };
  const isRefused = /not running|stopped state/.test(messageOf(error));
  const untilMs = performance.now() + (isRefused ? listedWithinMs : 0);
  for (;;) {
    const [ended] = await engine.listContainers({ all: true, filters }).catch(() => []);
    if (ended || performance.now() >= untilMs) return ended;
    await sleep(100);
  }
}

export function endedWords(name: string, exitCode: number): string {
  const killed = exitCode === 137 ? ' (killed; too little memory for the engine?)' : '';
  return `container ${name} ended with exit code ${exitCode}${killed}; its last lines, below, say why`;
}
