import type { ConsumerInput } from '../contracts/downstream.ts';
import { connect } from '../pg/connect.ts';
import type { Session } from '../pg/session.ts';
import { type Batch, isSamePosition, type Position } from './change.ts';
import { Overtaken, type Progress, type Sink } from './sink.ts';
import { progressTable, sinkTables, changesTable } from './sink-tables.ts';

const timeoutMs = 5_000;

/** The consumer's tables in another PostgreSQL. Each call connects anew after an error: a broken session is of no more use. */
export class PostgresSink implements Sink {
  readonly #input: ConsumerInput;
  #session: Session | undefined;

  constructor(input: ConsumerInput) {
    this.#input = input;
  }

  /** Makes the tables where they are missing. `first`: where the first consumer begins. Errors: SqlError. */
  async progress(first: Position): Promise<Progress> {
    const session = await this.#open();
    await session.rows(sinkTables);
    const { name } = this.#input;
    await session.rows(
      `INSERT INTO ${progressTable} (consumer, batch, lsn, timeline) VALUES ($1, 0, $2, $3) ON CONFLICT DO NOTHING`,
      [name, first.lsn, first.timeline],
    );
    return this.#read(session);
  }

  /** As it is now. Errors: SqlError. */
  async look(): Promise<Progress> {
    const session = await this.#open();
    try {
      return await this.#read(session);
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /**
   * Commits a batch with its position in one transaction, once: a batch that an attempt without an answer has committed is left
   * as it is. Errors: SqlError, of which an unanswered one leaves open whether it is there; try again.
   */
  async write(number: number, { changes, to }: Batch): Promise<void> {
    const session = await this.#open();
    try {
      const [moved] = await session.rows(
        `WITH moved AS (
           UPDATE ${progressTable} SET batch = $2, lsn = $3, timeline = $4, inside_lsn = $5, inside_done = $6
           WHERE consumer = $1 AND batch = $2::bigint - 1 RETURNING 1),
         added AS (
           INSERT INTO ${changesTable} (consumer, batch, kind, relation, lsn, row)
           SELECT $1, $2, c->>'kind', c->>'relation', (c->>'lsn')::pg_lsn, c->'row'
           FROM jsonb_array_elements($7::jsonb) WITH ORDINALITY AS all_changes (c, place), moved ORDER BY place)
         SELECT 1 FROM moved`,
        [
          ...[this.#input.name, number, to.lsn, to.timeline],
          ...[to.inside?.lsn ?? null, to.inside?.done ?? null, JSON.stringify(changes)],
        ],
      );
      if (moved) return;
      const progress = await this.#read(session);
      if (progress.batch > number || !isSamePosition(progress.position, to)) {
        throw new Overtaken(progress, number);
      }
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  close(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  #end(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  async #open(): Promise<Session> {
    if (this.#session?.isOpen) return this.#session;
    const { sink, name } = this.#input;
    if (!sink) throw new Error('its input names no sink');
    this.#session = await connect({ host: sink.host, port: sink.port }, sink, {
      connectTimeoutMs: timeoutMs,
      queryTimeoutMs: timeoutMs,
      applicationName: `forkpoint ${name}`,
    });
    return this.#session;
  }

  async #read(session: Session): Promise<Progress> {
    const [row] = await session.rows<{
      batch: number;
      lsn: string;
      timeline: number;
      inside_lsn: string | null;
      inside_done: number | null;
    }>(
      `SELECT batch::float8 AS batch, lsn::text AS lsn, timeline, inside_lsn::text AS inside_lsn, inside_done
       FROM ${progressTable} WHERE consumer = $1`,
      [this.#input.name],
    );
    if (!row) throw new Error(`the sink has no progress of consumer ${this.#input.name}`);
    const { batch, lsn, timeline, inside_lsn: insideLsn, inside_done: done } = row;
    const inside = insideLsn === null ? null : { lsn: insideLsn, done: done ?? 0 };
    return { batch, position: { lsn, timeline, inside } };
  }
}
