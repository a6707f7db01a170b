import type { Read, Reader, WorkloadContext } from '../../contracts/workload.ts';
import { seededRandom } from '../../std/random.ts';
import { tableIn } from '../support/sql.ts';
import type { RecordsParams } from './params.ts';
import { firstNames, mostScore, statuses } from './row.ts';

type Row = Readonly<Record<string, unknown>>;

interface Pattern {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /** Whether a row may be in the answer; with the row before it, for the order. */
  readonly isRight: (row: Row, before: Row | undefined) => boolean;
}

const mostRows = 50;
const columns = 'writer, seq, name, email, status, score, created_at::text AS created';

/**
 * Four patterns in turn, on every node: a range of keys, a status above a score, the most recent, a name's prefix. What is kept is
 * how many rows of the answer do not belong there: an index that gives others is seen by its reads.
 */
export class RecordsReader implements Reader {
  readonly #random: () => number;
  readonly #table: string;
  readonly #seedRows: number;
  #turn = 0;

  constructor(reader: number, { schema, seed, params }: WorkloadContext<RecordsParams>) {
    this.#random = seededRandom(seed, `records reader ${reader}`);
    this.#table = tableIn(schema, 'record');
    this.#seedRows = params.seedRows;
  }

  next(): Read {
    const { name, text, values, isRight } = this.#pattern(this.#turn++ % 4);
    return {
      name,
      on: 'any',
      statement: { name: `records_${name.replace(' ', '_')}`, text, values },
      keep: (rows) => ({
        rows: rows.length,
        found: rows.filter((row, index) => !isRight(row, rows[index - 1])).length,
        expected: 0,
      }),
    };
  }

  #pattern(turn: number): Pattern {
    const select = `SELECT ${columns} FROM ${this.#table}`;
    switch (turn) {
      case 0: {
        const from = this.#below(this.#seedRows);
        return {
          name: 'key range',
          text: `${select} WHERE writer = -1 AND seq BETWEEN $1 AND $2 ORDER BY seq`,
          values: [from, from + mostRows - 1],
          isRight: ({ writer, seq }) => writer === -1 && Number(seq) >= from,
        };
      }
      case 1: {
        const status = statuses[this.#below(statuses.length)] ?? '';
        const score = this.#below(mostScore);
        return {
          name: 'status',
          text: `${select} WHERE status = $1 AND score >= $2 ORDER BY score LIMIT ${mostRows}`,
          values: [status, score],
          isRight: (row, before) =>
            row.status === status &&
            Number(row.score) >= score &&
            Number(before?.score ?? 0) <= Number(row.score),
        };
      }
      case 2:
        return {
          name: 'most recent',
          text: `${select} ORDER BY created_at DESC LIMIT ${mostRows}`,
          values: [],
          isRight: (row, before) => !before || String(before.created) >= String(row.created),
        };
      default: {
        const prefix = (firstNames[this.#below(firstNames.length)] ?? '').slice(0, 3);
        return {
          name: 'name prefix',
          text: `${select} WHERE name LIKE $1 LIMIT ${mostRows}`,
          values: [`${prefix}%`],
          isRight: ({ name }) => String(name).startsWith(prefix),
        };
      }
    }
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * Math.max(1, limit));
  }
}
