import { z } from 'zod';
import type { Fault, FaultContext } from '../src/contracts/fault.ts';
import { duration } from '../src/std/units/units.ts';
import { allDone, monotonicMs, waitUntil } from '../src/std/wait.ts';
import { type Chosen, chooseProcesses, controlOf, signalChosen } from './support/server-process.ts';
import { startAgain } from './support/start-again.ts';

const params = z.strictObject({
  /** As of `pg_ctl stop`. */
  mode: z.enum(['smart', 'fast', 'immediate']).default('fast'),
  /** Of `smart`: how long sessions may go on before a fast shutdown follows. Default: 10s. */
  patience: duration.optional(),
});

const signals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
const patienceMs = 10_000;
/** A shutdown checkpoint, and replicas that still receive it. */
const endTimeoutMs = 60_000;

/**
 * An orderly end of PostgreSQL alone. smart: no new sessions, and those that are there may go on; since clients of a pool never
 * leave, a fast one follows, as service managers do. fast: sessions end in mid-COMMIT, then a checkpoint. immediate: no
 * checkpoint, so a recovery follows. In force when the postmaster has ended; Patroni decides what follows.
 * Source: PostgreSQL, "Shutting Down the Server".
 */
const shutdownPostgres: Fault<z.infer<typeof params>> = {
  summary: 'Shuts PostgreSQL down on its targets by its postmaster: smart, fast or immediate.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['process'],
  problems: ({ mode, patience }) =>
    patience === undefined || mode === 'smart'
      ? []
      : [{ path: ['patience'], message: `a ${mode} shutdown waits for no session` }],
  processes: () => ({ of: 'postgres', become: 'alive', isOrderly: true }),

  async inject(targets, { mode, patience = patienceMs }, context) {
    startAgain(targets, context);
    const ofServer = { process: 'postmaster', whose: 'everybody' } as const;
    const postmasters = await chooseProcesses(targets, ofServer, context);
    const stopped = await allDone(
      postmasters.map(async (one) => {
        return [one.node.name, await stop(one, { mode, patience }, context)] as const;
      }),
    );
    return { mode, stopped: Object.fromEntries(stopped) };
  },
};
export default shutdownPostgres;

async function stop(
  postmaster: Chosen,
  { mode, patience }: { readonly mode: keyof typeof signals; readonly patience: number },
  { signal }: Pick<FaultContext, 'signal'>,
) {
  const begunMs = monotonicMs();
  await signalChosen(postmaster, signals[mode]);
  const isFollowed = mode === 'smart' && !(await endsWithin(postmaster, patience, signal));
  if (isFollowed) await signalChosen(postmaster, signals.fast);
  const what = `PostgreSQL on ${postmaster.node.name} has shut down`;
  await waitUntil(what, () => hasEnded(postmaster), { timeoutMs: endTimeoutMs, signal });
  const afterMs = Math.round(monotonicMs() - begunMs);
  return { afterMs, ...(mode === 'smart' && { isFollowedByFast: isFollowed }) };
}

async function endsWithin(
  postmaster: Chosen,
  patience: number,
  signal: AbortSignal,
): Promise<boolean> {
  const what = `its sessions leave ${postmaster.node.name}`;
  const ended = waitUntil(what, () => hasEnded(postmaster), { timeoutMs: patience, signal });
  return ended.then(
    () => true,
    () => {
      signal.throwIfAborted();
      return false;
    },
  );
}

async function hasEnded({ node, processes }: Chosen): Promise<boolean> {
  const running = await controlOf(node).servers();
  return !processes.some(({ pid }) => running.some((each) => each.pid === pid));
}
