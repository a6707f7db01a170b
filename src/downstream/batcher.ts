import type { Pgoutput } from 'pg-logical-replication';
import { formatLsn, parseLsn } from '../std/units/lsn.ts';
import type { Batch, Change, Position } from './change.ts';

const mostChanges = 100;

/**
 * Makes batches of the messages of pgoutput. A batch ends inside a transaction only when that is longer than a batch; where it ends
 * is part of its position, so that the rest is not delivered twice.
 */
export class Batcher {
  readonly #take: (batch: Batch) => Promise<void>;
  #after: Position;
  #to: Position;
  #changes: Change[] = [];
  /** The commit record of the transaction under way. */
  #commit = '';
  #commitMs = 0;
  #sinceMs: number | undefined;
  /** Changes of that transaction seen so far, and how many of them are delivered already. */
  #seen = 0;
  #skipped = 0;
  /** The columns of each table as they were last described. */
  readonly #columns = new Map<number, string>();

  constructor(after: Position, take: (batch: Batch) => Promise<void>) {
    this.#after = after;
    this.#to = after;
    this.#take = take;
  }

  /** When the first change that was not handed over yet was committed, as in `Batch`. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  async message(message: Pgoutput.Message): Promise<void> {
    switch (message.tag) {
      case 'begin':
        this.#commit = shown(message.commitLsn);
        this.#commitMs = Number(message.commitTime) / 1000;
        this.#seen = 0;
        this.#skipped = this.#to.inside?.lsn === this.#commit ? this.#to.inside.done : 0;
        return;
      case 'insert':
        return this.#change('insert', message.relation, message.new);
      case 'update':
        return this.#change('update', message.relation, message.new);
      case 'delete':
        return this.#change('delete', message.relation, message.old ?? message.key ?? {});
      case 'relation':
        return this.#relation(message);
      case 'commit':
        this.#to = { ...this.#to, lsn: shown(message.commitEndLsn), inside: null };
        return;
      default:
    }
  }

  /** Hands over what there is. */
  async flush(): Promise<void> {
    if (this.#after === this.#to) return;
    const since = this.#sinceMs !== undefined && { sinceMs: this.#sinceMs };
    const batch: Batch = { after: this.#after, changes: this.#changes, to: this.#to, ...since };
    this.#changes = [];
    this.#sinceMs = undefined;
    this.#after = this.#to;
    await this.#take(batch);
  }

  async #change(
    kind: Change['kind'],
    relation: Pgoutput.MessageRelation,
    row: Change['row'],
  ): Promise<void> {
    this.#seen++;
    if (this.#seen <= this.#skipped) return;
    this.#sinceMs ??= this.#commitMs;
    const { schema, name } = relation;
    this.#changes.push({ kind, relation: `${schema}.${name}`, lsn: this.#commit, row });
    this.#to = { ...this.#to, inside: { lsn: this.#commit, done: this.#seen } };
    if (this.#changes.length >= mostChanges) await this.flush();
  }

  /** A batch has the columns of one time: a change of the schema ends it. */
  async #relation({ relationOid, columns }: Pgoutput.MessageRelation): Promise<void> {
    const now = columns.map(({ name, typeOid }) => `${name} ${typeOid}`).join();
    const before = this.#columns.get(relationOid);
    this.#columns.set(relationOid, now);
    if (before !== undefined && before !== now) await this.flush();
  }
}

function shown(lsn: string | null): string {
  return formatLsn(parseLsn(lsn ?? '0/0'));
}
