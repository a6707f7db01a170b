import type { LossCause } from '../contracts/result.ts';
import { leavesAt, type Ancestry } from './attribution-ancestry.ts';
import type { Server } from './attribution-servers.ts';

/**
 * The journaled LSN is the insert position before the commit record; other sessions may write in between. Two full-page
 * images (of a heap and of an index page) are 16 KiB; a write that began closer to the fork than that, and is
 * gone, most likely ended past it.
 */
export const BOUNDARY_BYTES = 16_384;

export interface CauseContext {
  /** Undefined: unknown, and so are the causes. */
  readonly ancestry: Ancestry | undefined;
  readonly servers: readonly Server[];
  readonly boundaryBytes: number;
}

export interface GoneWrite {
  readonly outcome: 'acknowledged' | 'localOnly';
  readonly node: string | undefined;
  readonly timeline: number;
  readonly lsn: number;
  /** When it was answered, microseconds since the start of the load. */
  readonly atUs?: number;
}

/** Why a write that succeeded is gone. null: the final primary's history is not known, so neither is this. */
export function causeOf(write: GoneWrite, context: CauseContext): LossCause | null {
  const { ancestry, servers, boundaryBytes } = context;
  if (write.outcome === 'localOnly') return 'localOnly';
  if (!ancestry) return null;
  const { node, timeline, lsn } = write;
  if (timeline === 0 || lsn === 0 || node === undefined) return 'unexplained';
  const fork = leavesAt(ancestry, timeline);
  // A timeline the final history never was on branched off it before this write was made.
  if (fork === undefined || lsn >= fork) return 'forked';
  if (lsn >= fork - boundaryBytes) return 'boundary';
  if (wasTakenBack(write, context)) return 'unflushed';
  return isShared(ancestry, servers, node, timeline) ? 'equalTimelineFork' : 'unexplained';
}

/** Whether its server came back afterwards and wrote at this position again. */
function wasTakenBack(write: GoneWrite, { servers, boundaryBytes }: CauseContext): boolean {
  const { node, timeline, lsn, atUs = Infinity } = write;
  const server = servers.find((one) => one.node === node && one.timeline === timeline);
  const setbacks = server?.setbacks ?? [];
  return setbacks.some((setback) => setback.atUs > atUs && lsn >= setback.lsn - boundaryBytes);
}

/**
 * Whether another server was primary on the same timeline, which no history file shows: it acknowledged there, or it is
 * the final primary and on that timeline now.
 */
function isShared(
  ancestry: Ancestry,
  servers: readonly Server[],
  node: string,
  timeline: number,
): boolean {
  const isFinal = ancestry.timeline === timeline && ancestry.node !== node;
  return isFinal || servers.some((other) => other.timeline === timeline && other.node !== node);
}
