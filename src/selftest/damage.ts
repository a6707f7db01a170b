import type { Writes } from '../contracts/result.ts';
import type { Statement } from '../contracts/workload.ts';
import type { Finding } from './findings.ts';

/** The client-made identity of a row. */
export interface Key {
  readonly writer: number;
  readonly seq: number;
}

export interface Row extends Key {
  readonly version: number;
}

/** The state after the load, when every row is known: damages choose their rows from it. */
export interface Stage {
  /** The run's schema, quoted. */
  readonly schema: string;
  /** Quoted, with its schema. */
  readonly table: string;
  readonly payloadBytes: number;
  /** Rows in the table, by writer and seq. */
  readonly rows: readonly Row[];
  /** Rows whose insert the server refused. */
  readonly failed: readonly Key[];
  /** Rows whose delete was acknowledged. */
  readonly deleted: readonly Key[];
  /** Each writer's first seq that it never sent. */
  readonly next: readonly Key[];
  /** 0 <= x < 1, from the seed. */
  readonly random: () => number;
}

/** What one damage does, and exactly what the checker must report. */
export interface Planted {
  /** `delete 4 rows: ...`, for people. */
  readonly what: string;
  readonly statements: readonly Statement[];
  /** Rows it touches: they are restored afterwards. */
  readonly touched: readonly Key[];
  /** Statements to run before the rows are restored. */
  readonly beforehand?: readonly Statement[];
  /** Statements to run after the rows are restored. */
  readonly afterwards?: readonly Statement[];
  /** The change of each number of `writes`; the others must not change. */
  readonly changes: Partial<Record<keyof Writes, number>>;
  /** Findings that must be reported, on the damaged node. */
  readonly findings: readonly Finding[];
  /** Relations of the run's schema that must be reported as broken, on every node. */
  readonly structure?: readonly string[];
  /** Invariants that must be reported as broken, on every node; every other must hold. */
  readonly broken?: readonly string[];
  /** Replicas follow the damage, and each must be reported for its own rows. */
  readonly isEverywhere?: true;
}

/** One way to damage a database without the checker's knowledge. */
export interface Damage {
  readonly name: string;
  /** `replica`: on a replica that was detached and promoted by hand, and is compared with the primary. */
  readonly where: 'primary' | 'replica';
  plan(stage: Stage): Planted;
}

/** `count` different members, drawn with the stage's random numbers. */
export function choose<T>(from: readonly T[], count: number, random: () => number): readonly T[] {
  const pool = [...from];
  for (let at = 0; at < Math.min(count, pool.length); at++) {
    const other = at + Math.floor(random() * (pool.length - at));
    [pool[at], pool[other]] = [pool[other] as T, pool[at] as T];
  }
  if (pool.length < count) throw new RangeError(`${count} wanted of ${pool.length}`);
  return pool.slice(0, count);
}

/** 1 .. most. */
export function upTo(most: number, random: () => number): number {
  return 1 + Math.floor(random() * most);
}

/** A statement over keys: `$1` are their writers, `$2` their seqs, then further values. */
export function withKeys(text: string, keys: readonly Key[], ...more: unknown[]): Statement {
  const writers = keys.map(({ writer }) => writer);
  return { text, values: [writers, keys.map(({ seq }) => seq), ...more] };
}

/** A statement without values. */
export function plain(text: string): Statement {
  return { text, values: [] };
}

/** A WHERE condition over the keys of `withKeys`. */
export const amongKeys = '(writer, seq) IN (SELECT * FROM unnest($1::int[], $2::int[]))';
