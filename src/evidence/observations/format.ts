import type { Outcome } from '../../contracts/evidence.ts';
import type { Json } from '../../contracts/json.ts';
import type { ClientReadCounts, PackedTimes } from '../../contracts/observation.ts';

/** One file per load worker: a head, then one observation per line, and last whether its share of the size was used up. */
export const observationsFolder = 'observations';

/** Of all workers together; they share it evenly. */
export const mostBytes = 32 * 1024 ** 2;
/** Of one value as JSON. */
export const mostValueCharacters = 1_000;
export const mostProblemCharacters = 300;
/** Of a line: these, escaped, and numbers. */
export const mostLineCharacters = 6_000;

/** One line as the worker writes it: times since the start of the load, as in journals. */
export interface ObservationLine {
  readonly reader: number;
  readonly read: string;
  readonly node: string | null;
  readonly sentUs: number;
  readonly answeredUs: number;
  readonly value?: Json;
  readonly problem?: string;
  /** `reader` is the number of a client that also writes. Only reads worth an example are kept of those. */
  readonly by?: 'client';
}

/** One write of the heartbeat: as an operation of a journal. */
export interface BeatLine {
  /** Dense and ascending from 1. */
  readonly beat: number;
  readonly outcome: Outcome;
  readonly sentUs: number;
  readonly answeredUs: number;
}

/** Reads that showed the same state of a node: up to this heartbeat. Counted together, so that many reads are few lines. */
export interface SightLine {
  readonly sight: string;
  readonly upTo: number;
  readonly reads: number;
  readonly firstSentUs: number;
  readonly lastSentUs: number;
  /** Of these, reads that showed an older state than an earlier read of their session. */
  readonly back: number;
  /** And of these, than an earlier one on the same connection. */
  readonly backOnConnection: number;
}

/** One read that showed an older state than an earlier read of its session. */
export interface StepBackLine {
  readonly session: string;
  readonly from: StateLine;
  readonly to: StateLine;
}

export interface StateLine {
  readonly node: string;
  readonly beat: number;
  readonly sentUs: number;
}

/** Reads of clients from one node in about a second, counted. */
export interface ClientReadsLine extends Omit<ClientReadCounts, 'node'> {
  /** The node. */
  readonly clientReads: ClientReadCounts['node'];
}

/** One read of a client that did not show its own last acknowledged write. */
export interface NotSeenLine {
  readonly notSeenBy: string;
  readonly node: string;
  readonly sentUs: number;
  readonly seq: number;
}

/** How long reads took that had their answer in one second of the load, counted together. */
export interface ReadTimesLine {
  /** 0: the first second. */
  readonly readSecond: number;
  readonly by: 'reader' | 'client';
  /** Of the clients of a group. */
  readonly group?: string;
  readonly answered: number;
  readonly failed: number;
  /** Of the answered ones, from the intended start; and from the moment of sending. */
  readonly latency: PackedTimes;
  readonly service: PackedTimes;
}

export type KeptLine =
  | ObservationLine
  | BeatLine
  | SightLine
  | StepBackLine
  | ClientReadsLine
  | NotSeenLine
  | ReadTimesLine;
