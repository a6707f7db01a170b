import type { Topology, UnseenEdge } from '../cluster.ts';
import type { FaultEffects, Undo } from '../fault.ts';
import type { Json } from '../json.ts';
import type { ClientPlace, ReplayOrigin } from '../result.ts';
import type { ExpectedRefusal } from '../scenario.ts';

/** A server's answer to a client at its address. refuses: the host answers, but no server accepts the connection. */
export type Reach = 'answers' | 'refuses' | 'silent';

export type PhaseName =
  'boot' | 'seed' | 'load' | 'heal' | 'converge' | 'readBack' | 'judge' | 'teardown';

/** What stands behind a route, and what was replaced in the user's configuration of it. */
export interface RouteFacts {
  readonly route: string;
  readonly what: string;
  readonly notes: readonly string[];
}

/** One line of events.jsonl. `atMs`: milliseconds since the run began (CLOCK_MONOTONIC). */
export type RunEvent = { readonly atMs: number } & (
  | {
      readonly type: 'run';
      readonly runId: string;
      readonly startedAt: string;
      readonly originNs: string;
      readonly versions: Readonly<Record<string, string>>;
      /** Site of the load's clients; unknown before there is a cluster. */
      readonly clients?: ClientPlace;
      /** Where the load's routes lead, where that is not the nodes themselves. */
      readonly routes?: readonly RouteFacts[];
      /** Of this file; default: 1. */
      readonly schemaVersion?: 1;
      /** The command that repeats the scenario. */
      readonly reproduce: string;
      /** As in `Result`. Absent in runs of a version that did not write it. */
      readonly overrides?: readonly string[];
      /** As in `Result`. */
      readonly folder?: string;
      readonly replayOf?: ReplayOrigin;
    }
  /** What a reader of the report must know of the cluster, and what obstructs no judgement. */
  | { readonly type: 'note'; readonly what: string }
  | { readonly type: 'phase'; readonly phase: PhaseName; readonly edge: 'begin' | 'end' }
  | {
      readonly type: 'load';
      readonly edge: 'begin';
      /** CLOCK_MONOTONIC at the start of the load: where journals count from. */ readonly originNs: string;
    }
  /**
   * Held and resumed by a fault: in between only operations allowed one by one were sent. `stop`: it was asked to end before
   * its time, and sends nothing more.
   */
  | { readonly type: 'load'; readonly edge: 'held' | 'resumed' | 'stop' | 'end' }
  /** What a person noted, `agoMs` before `atMs`. `id`: of the `forkpoint mark` that sent it. */
  | { readonly type: 'mark'; readonly text: string; readonly agoMs: number; readonly id?: string }
  /** On a change: it holds until the next one. */
  | { readonly type: 'topology'; readonly topology: Topology }
  /** Readings of the topology fail; the last one that was answered, or the start of the watch, was `agoMs` before `atMs`. */
  | { readonly type: 'blind'; readonly edge: 'begin'; readonly agoMs: number }
  /** They are answered again. */
  | { readonly type: 'blind'; readonly edge: 'end' }
  /** Another source than the servers gives no answer, or does again: the API server of Kubernetes, which says where pods are. */
  | ({ readonly type: 'unseen' } & UnseenEdge)
  /** How far each replica is behind the one primary, in bytes of WAL; negative: ahead of it. */
  | { readonly type: 'lag'; readonly bytes: Readonly<Record<string, number>> }
  /** A node's answer to the load's clients changed; the answer was requested `agoMs` before `atMs`. */
  | {
      readonly type: 'reach';
      readonly node: string;
      readonly reach: Reach;
      readonly agoMs: number;
    }
  /** A load worker was lost in the course of the load; another came in its place, with writers of its own; or none came. */
  | {
      readonly type: 'worker';
      readonly edge: 'lost';
      readonly worker: number;
      readonly how: string;
    }
  | {
      readonly type: 'worker';
      readonly edge: 'joined';
      readonly worker: number;
      readonly inPlaceOf: number;
      readonly firstWriter: number;
      readonly writers: number;
    }
  | {
      readonly type: 'worker';
      readonly edge: 'missing';
      readonly worker: number;
      readonly why: string;
    }
  /**
   * PostgreSQL on a node ended or started, or its postmaster ended all its processes and restarted them (`crashed`), and no
   * step of the run explains it. `unknown`: it did not answer until the end, and whether it ran is unknown. It was last seen in
   * its earlier state `agoMs` before `atMs`.
   */
  | {
      readonly type: 'unplanned';
      readonly node: string;
      readonly what: 'ended' | 'started' | 'crashed' | 'unknown';
      readonly agoMs: number;
    }
  /** A step waits for a state of the cluster or the load, and has reached it. */
  | {
      readonly type: 'wait';
      readonly id: string;
      readonly wait: 'when' | 'until';
      readonly state: string;
    }
  | { readonly type: 'waited'; readonly id: string; readonly wait: 'when' | 'until' }
  | {
      readonly type: 'inject';
      readonly id: string;
      readonly fault: string;
      readonly targets: readonly string[];
      /** Members of the DCS that it is for: no nodes, though they may be called alike. Absent: none. */
      readonly dcsMembers?: readonly string[];
      readonly plannedAtMs: number;
      readonly isHarmless?: true;
      /** The step's `expect`; absent: that it is carried out. */
      readonly expected?: ExpectedRefusal;
      /** Absent in runs of a version that did not write it. */
      readonly effects?: FaultEffects;
      readonly detail?: Json;
    }
  /** Written before the injection that it undoes. */
  | { readonly type: 'undo'; readonly id: string; readonly step: Undo }
  | { readonly type: 'injected'; readonly id: string; readonly detail: Json }
  /** Its effect was tried while it was in force. `doubt`: why it is not proven. */
  | {
      readonly type: 'proof';
      readonly id: string;
      readonly tried: readonly string[];
      readonly doubt?: string;
    }
  /** Its injection failed, and nothing of it was seen to be in force or on its way. */
  | { readonly type: 'notCarriedOut'; readonly id: string; readonly why: string }
  | { readonly type: 'heal'; readonly id: string }
  | { readonly type: 'healed'; readonly id: string }
  | {
      readonly type: 'problem';
      readonly what: string;
      readonly id?: string;
      /** Absent in runs of a version that did not write it. */
      readonly isInterruption?: true;
    }
);

/** One line of heals.jsonl: what another process than the run's own harness undid, after the harness died. `at`: ISO time. */
export type HealEvent = { readonly at: string; readonly id: string } & (
  | { readonly type: 'undone'; readonly step: Undo }
  | { readonly type: 'failed'; readonly step: Undo; readonly why: string }
  /** Every step of the injection is undone. */
  | { readonly type: 'healed' }
);
