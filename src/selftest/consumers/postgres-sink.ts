import type { SinkServer } from '../../contracts/cluster.ts';
import { changesTable } from '../../downstream/sink-tables.ts';
import { connect } from '../../pg/connect.ts';
import type { Session } from '../../pg/session.ts';
import type { DamagedSink, SinkEvent } from './sink-event.ts';

/** A consumer's events in the sink of the lab. Closing it ends its session. Errors: SqlError. */
export async function openPostgresSink(
  { observer, credentials }: SinkServer,
  consumer: string,
  signal: AbortSignal,
): Promise<DamagedSink & AsyncDisposable> {
  const session = await connect(observer, credentials, {
    connectTimeoutMs: 5_000,
    queryTimeoutMs: 60_000,
    signal,
    applicationName: 'forkpoint selftest',
  });
  return {
    events: () => read(session, consumer),
    rewrite: (events) => rewrite(session, consumer, events),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

function read(session: Session, consumer: string): Promise<readonly SinkEvent[]> {
  return session.rows<SinkEvent>(
    `SELECT batch::float8 AS batch, kind, relation, lsn::text AS lsn, row FROM ${changesTable} WHERE consumer = $1 ORDER BY id`,
    [consumer],
  );
}

/** With new ids: the order of the ids is that of the deliveries. */
async function rewrite(
  session: Session,
  consumer: string,
  events: readonly SinkEvent[],
): Promise<void> {
  await session.rows(
    `WITH gone AS (DELETE FROM ${changesTable} WHERE consumer = $1)
     INSERT INTO ${changesTable} (consumer, batch, kind, relation, lsn, row)
     SELECT $1, (e->>'batch')::bigint, e->>'kind', e->>'relation', (e->>'lsn')::pg_lsn, e->'row'
     FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS events (e, place) ORDER BY place`,
    [consumer, JSON.stringify(events)],
  );
}
