import { isDeepStrictEqual } from 'node:util';
import type { Registry } from '../contracts/registry.ts';

/** An extension under test, and everything that is loaded beside it. */
export interface Subject<T> {
  readonly name: string;
  readonly extension: T;
  readonly registry: Registry;
}

/** One rule for every extension of a kind. */
export interface Rule<S> {
  /** What holds, as a sentence about the extension: 'rejects a key that it does not have'. */
  readonly says: string;
  /** Errors: Breach where it does not hold; NotTried where this host cannot try it. */
  readonly check: (subject: S) => Promise<void> | void;
}

/** A rule that does not hold: what was seen. */
export class Breach extends Error {}

/** A rule that could not be tried here: why. Neither kept nor broken. */
export class NotTried extends Error {}

export function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Breach(otherwise);
}

export function demandEqual(found: unknown, wanted: unknown, what: string): void {
  if (isDeepStrictEqual(found, wanted)) return;
  throw new Breach(`${what}: ${shown(found)}, and should be ${shown(wanted)}`);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part,
  ) as string | undefined;
  return (text ?? String(value)).slice(0, 300);
}
