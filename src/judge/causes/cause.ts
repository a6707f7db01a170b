import type { LossCause } from '../../contracts/result.ts';
import { leavesAt, type Ancestry } from './ancestry.ts';
import { pastFork, type CommitsBefore } from './boundary.ts';
import type { GoneWrite } from './gone-write.ts';
import type { Server } from './servers.ts';
import type { Sightings } from './sightings.ts';
import type { MayBeUnflushed } from './unflushed.ts';

export interface CauseContext {
  /** Undefined: unknown, and so are the causes. */
  readonly ancestry: Ancestry | undefined;
  readonly servers: readonly Server[];
  readonly sightings: Sightings;
  readonly mayBeUnflushed: MayBeUnflushed;
  /** The content of the WAL before the forks of the final timeline history, if it was read. */
  readonly commits: readonly CommitsBefore[];
  readonly boundaryBytes: number;
}

/**
 * Why a write that succeeded is gone. null: what would decide it is not known, the final primary's history, its WAL at the
 * fork, or the settings of the server.
 */
export function causeOf(write: GoneWrite, context: CauseContext): LossCause | null {
  const { ancestry } = context;
  if (write.outcome === 'localOnly') return 'localOnly';
  if (!ancestry) return null;
  const { node, timeline, lsn } = write;
  if (timeline === 0 || lsn === 0) return 'unexplained';
  const fork = leavesAt(ancestry, timeline);
  // A timeline the final history never was on branched off it before this write was made.
  if (fork === undefined || lsn >= fork) return 'forked';
  // A proxy hid the server, and nothing else would say whether it is gone for another reason.
  if (node === undefined) return null;
  const server = context.servers.find((one) => one.node === node && one.timeline === timeline);
  const past = pastFork(write, fork, { ...context, server });
  if (past === 'forked' || past === 'boundary') return past;
  const unflushed =
    wasTakenBack(write, server, context) && context.mayBeUnflushed(node, write.atUs ?? 0);
  if (unflushed === true) return 'unflushed';
  if (isShared({ node, timeline, atUs: write.atUs ?? Infinity }, ancestry, context))
    return 'equalTimelineFork';
  return past === null || unflushed === null ? null : 'unexplained';
}

/** Whether its server came back afterwards and wrote at this position again. */
function wasTakenBack(
  { lsn, atUs = Infinity }: GoneWrite,
  server: Server | undefined,
  { boundaryBytes }: CauseContext,
): boolean {
  const setbacks = server?.setbacks ?? [];
  return setbacks.some((setback) => setback.atUs > atUs && lsn >= setback.lsn - boundaryBytes);
}

/**
 * Whether another server was primary on the same timeline, which no history file shows: it acknowledged there, it was
 * seen there, or it is the final primary and on that timeline now. What the final primary acknowledged itself is not gone
 * by that, unless it was a replica of the other one since.
 */
function isShared(
  write: { readonly node: string; readonly timeline: number; readonly atUs: number },
  ancestry: Ancestry,
  { servers, sightings }: CauseContext,
): boolean {
  const { node, timeline, atUs } = write;
  const isOwn = ancestry.node === node;
  if (isOwn && !sightings.isReplicaAfter(node, atUs)) return false;
  const isFinal = ancestry.timeline === timeline && !isOwn;
  return (
    isFinal ||
    servers.some((other) => other.timeline === timeline && other.node !== node) ||
    sightings.isOtherPrimaryOn(timeline, node)
  );
}
