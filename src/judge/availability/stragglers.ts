import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ReadBack } from '../../contracts/evidence.ts';
import type { Result, Straggler } from '../../contracts/result.ts';
import { lastLines } from '../../evidence/logs/stream-lines.ts';

/** Clocks of a node and of the harness may differ a little. */
const clockSlackMs = 10_000;
/** How long before the log's end a cause may have been told last. */
const stillMs = 30_000;
/** Of a log: what keeps a node away is said again and again, so it is at the end. */
const tailBytes = 4 * 1024 * 1024;

interface Known {
  readonly pattern: RegExp;
  readonly cause: string;
  readonly advice: string;
}

const cloneAgain =
  'clone it again: `patronictl reinit` (or pg_basebackup); nothing else brings it back';

/** What PostgreSQL says where it cannot follow. Source: walsender.c, walreceiver.c, xlogrecovery.c, fd.c. */
const known: readonly Known[] = [
  {
    pattern: /requested WAL segment \S+ has already been removed/,
    cause: 'the WAL that it needs next is gone from the server that it follows',
    advice: `${cloneAgain}. A larger wal_keep_size or max_slot_wal_keep_size, or an archive, keeps it from happening`,
  },
  {
    pattern: /can no longer (?:get changes from|access) replication slot|has been invalidated/,
    cause: 'its replication slot has lost the WAL that it needs',
    advice: `${cloneAgain}. A larger max_slot_wal_keep_size keeps it from happening`,
  },
  {
    pattern:
      /is not in this server's history|forked off current database system timeline|highest timeline \d+ of the primary is behind|requested starting point \S+ is ahead of the WAL flush position/,
    cause: 'it holds WAL that the history of the primary does not have',
    advice: 'let pg_rewind take it back (Patroni: use_pg_rewind), or clone it again',
  },
  {
    pattern: /No space left on device/,
    cause: 'its disk is full',
    advice: 'free space on it; a slot, or an archive_command that fails, may keep WAL there',
  },
  {
    pattern: /replication slot "[^"]*" does not exist/,
    cause: 'the slot that it streams from is not on the primary',
    advice: 'look why Patroni does not make it: its log, and max_replication_slots on the primary',
  },
  {
    pattern: /no pg_hba\.conf entry for replication|password authentication failed/,
    cause: 'the primary refuses its login',
    advice: 'compare primary_conninfo with pg_hba.conf on the primary',
  },
  {
    pattern: /could not connect to the primary server|connection to server .* failed/,
    cause: 'it does not reach the server that it follows',
    advice: 'look at the network between them, and at primary_conninfo',
  },
];

/** Why each node that has not converged has not: by the last thing that its log says, by its slot, or by its state. */
export function stragglersOf(
  directory: string,
  startedAt: string,
  { converged, rejoins }: { converged: ReadBack['converged']; rejoins: Result['rejoins'] },
): readonly Straggler[] {
  return (converged.nodes ?? []).map(({ node, what, isAhead }) => {
    const found = lastKnown(tailOf(directory, node), Date.parse(startedAt) - clockSlackMs);
    const slot = converged.slots?.find(({ name }) => name === slotOf(node)) ?? null;
    const rewind = rejoins?.findLast((rejoin) => rejoin.node === node);
    const why = isAhead === true && !found ? otherHistory : meaning(found, slot, rewind);
    return { node, state: what, slot, log: found?.line ?? null, ...why };
  });
}

/** No log has it: PostgreSQL and pg_rewind compare timelines by their numbers. */
const otherHistory = {
  cause:
    'it holds WAL of another history: two servers have written on a timeline of the same number',
  advice: `${cloneAgain}; pg_rewind finds equal timelines and does nothing`,
};

function meaning(
  found: { readonly known: Known } | undefined,
  slot: Straggler['slot'],
  rejoin: NonNullable<Result['rejoins']>[number] | undefined,
): Pick<Straggler, 'cause' | 'advice'> {
  if (found) return { cause: found.known.cause, advice: found.known.advice };
  if (slot?.walStatus === 'lost') {
    return { cause: 'its replication slot has lost the WAL that it needs', advice: cloneAgain };
  }
  if (rejoin?.how === 'rewindFailed') {
    const cause = `its last pg_rewind failed: ${rejoin.said ?? 'no reason given'}`;
    return { cause, advice: cloneAgain };
  }
  return { cause: null, advice: `read logs/ of the run: patroni.log and postgres.log of the node` };
}

/** As Patroni names a member's slot. */
function slotOf(node: string): string {
  return node.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_');
}

function tailOf(directory: string, node: string): readonly string[] {
  const file = path.join(directory, 'logs', node, 'postgres.log');
  if (!existsSync(file)) return [];
  return lastLines(file, tailBytes);
}

/** The last line that tells a cause; none of an earlier run in the same lab. */
function lastKnown(
  lines: readonly string[],
  fromMs: number,
): { readonly known: Known; readonly line: string } | undefined {
  let lastMs: number | undefined;
  for (const line of lines.toReversed()) {
    const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) UTC/.exec(line) ?? [];
    const atMs = day === undefined ? undefined : Date.parse(`${day}T${time ?? ''}Z`);
    lastMs ??= atMs;
    // What stopped being said is over.
    if (atMs !== undefined && atMs < Math.max(fromMs, (lastMs ?? 0) - stillMs)) return undefined;
    const match = known.find(({ pattern }) => pattern.test(line));
    if (match) return { known: match, line };
  }
  return undefined;
}
