import type { Session } from '../../src/pg/session.ts';
import { waitUntil } from '../../src/std/wait.ts';

const inEvent = 'select 1 from pg_stat_activity where pid = $1 and wait_event = $2';

/** Resolves when a backend waits on an event, such as PgSleep: before that its server may not have read the statement. */
export async function whenWaiting(observer: Session, pid: number, event: string): Promise<void> {
  const isWaiting = async () => (await observer.rows(inEvent, [pid, event])).length > 0;
  const options = { timeoutMs: 20_000, everyMs: 10 };
  await waitUntil(`backend ${pid} waits on ${event}`, isWaiting, options);
}
