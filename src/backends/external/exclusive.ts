import { connect } from '../../pg/connect.ts';
import type { Session } from '../../pg/session.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import type { NodeAccess } from './access.ts';

/** Any fixed number that is ours: the advisory lock of a run. "forkpoin" as eight bytes. */
const lockKey = '7381240460371568494';
const timeoutMs = 5_000;

/**
 * Claims the cluster for one run: an advisory lock on every server, in a session that is kept. A standby takes such locks
 * too, so that a failover leaves the others.
 * Errors: EnvironmentError naming who holds it, or the server that does not answer; the signal's reason when aborted.
 */
export async function holdCluster(
  accesses: readonly NodeAccess[],
  runId: string,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  for (const access of accesses) {
    try {
      opened.use(await claimed(access, runId, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof EnvironmentError) throw error;
      // It answered a moment ago, when it was examined.
      throw new EnvironmentError(
        `${access.name}: cannot be claimed for this run: ${messageOf(error)}; begin again when it takes connections`,
        { cause: error },
      );
    }
  }
  return opened.move();
}

async function claimed(
  access: NodeAccess,
  runId: string,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const called = `forkpoint lock ${runId}`;
  const session = opened.use(await openOn(access, called, signal));
  await claim(session, access.name);
  const held = opened.move();
  return {
    [Symbol.asyncDispose]: async () => {
      const isBroken = !session.isOpen;
      await held.disposeAsync();
      if (isBroken) await endLeft(access, called);
    },
  };
}

function openOn(
  { endpoint, credentials }: NodeAccess,
  applicationName: string,
  signal?: AbortSignal,
): Promise<Session> {
  return connect(endpoint, credentials, {
    connectTimeoutMs: timeoutMs,
    queryTimeoutMs: timeoutMs,
    applicationName,
    settings: 'reader',
    ...(signal && { signal }),
  });
}

/**
 * In a cut of more than some seconds our end of a session gives up, and its server keeps the other, with the claim: the next run would be
 * refused. A server that does not answer now ends it by its keepalives. Never rejects.
 */
async function endLeft(access: NodeAccess, called: string): Promise<void> {
  try {
    await using session = await openOn(access, 'forkpoint cleanup');
    await session.rows(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND usename = current_user',
      [called],
    );
  } catch {
    // The next run says who has the claim.
  }
}

/**
 * A harness that dies in a cut leaves a session that its server believes alive, for two hours by Linux' default. Longer than
 * most cuts of a run, which keeps its claim on the server meanwhile.
 */
const keepAlive = `SELECT set_config('tcp_keepalives_idle', '60', false),
  set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false)`;

async function claim(session: Session, name: string): Promise<void> {
  await session.rows(keepAlive);
  const [row] = await session.rows<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock($1::bigint) AS taken',
    [lockKey],
  );
  const others = await otherHolders(session).catch((error: unknown) => {
    // Who has it in another database is not known then, and may be somebody.
    if (row?.taken) throw error;
    return [messageOf(error)];
  });
  if (row?.taken && others.length === 0) return;
  const who = others.map((holder) => `'${holder}'`).join(', ');
  throw new EnvironmentError(
    `${name}: another run works on this cluster (session ${who}); wait for its end, or end that session`,
  );
}

/** An advisory lock counts in its own database alone, and a run harms the whole server: those in other databases count too. */
async function otherHolders(session: Session): Promise<readonly string[]> {
  const holders = await session.rows<{ application_name: string | null }>(
    `SELECT application_name FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pg_locks.pid <> pg_backend_pid()
       AND (classid::bigint << 32) + objid::bigint = $1::bigint`,
    [lockKey],
  );
  return holders.map(({ application_name: name }) => name ?? 'unknown');
}
