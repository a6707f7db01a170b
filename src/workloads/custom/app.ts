import type { Generator } from './generators.ts';
import type { Tokens } from './statements.ts';

/** One statement of the file; its tokens say where. */
export interface AppStatement {
  readonly tokens: Tokens;
  /** From `@rows`. */
  readonly touches?: readonly [least: number, most: number];
}

export interface AppParameter {
  readonly name: string;
  readonly generator: Generator;
  /** Offset of its name. */
  readonly at: number;
}

export interface AppTransaction {
  readonly name: string;
  readonly weight: number;
  /** Offset of its directive. */
  readonly at: number;
  /** Its own, and before them those of the whole file. */
  readonly parameters: readonly AppParameter[];
  readonly statements: readonly AppStatement[];
}

export interface AppInvariant {
  readonly name: string;
  readonly says: string;
  readonly at: number;
  readonly statements: readonly AppStatement[];
}

/** A file of `workload: custom`, understood. */
export interface App {
  readonly text: string;
  readonly parameters: readonly AppParameter[];
  readonly setup: readonly AppStatement[];
  readonly transactions: readonly AppTransaction[];
  readonly invariants: readonly AppInvariant[];
}

/** One thing that is wrong with the file, at an offset of its text. */
export interface AppProblem {
  readonly at: number;
  readonly message: string;
}
