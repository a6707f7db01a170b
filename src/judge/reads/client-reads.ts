import type { ClientReadCounts, StatesSeen } from '../../contracts/observation.ts';
import type { ReadsResult } from '../../contracts/result.ts';

const notSeenNamed = 20;

/** What the load's clients read, and whether they saw their own writes; nothing where they only wrote. */
export function clientReadsOf(
  { clientReads, notSeen = [] }: StatesSeen,
  originMs: number,
): Pick<ReadsResult, 'clients' | 'ownWrites'> {
  if (!clientReads) return {};
  const sum = (of: Exclude<keyof ClientReadCounts, 'node'>) =>
    clientReads.reduce((total, counts) => total + counts[of], 0);
  return {
    clients: {
      answered: sum('answered'),
      failed: sum('failed'),
      judged: sum('judged'),
      wrong: sum('wrong'),
    },
    ownWrites: {
      reads: sum('own'),
      notSeen: sum('ownNotSeen'),
      first: notSeen.slice(0, notSeenNamed).map(({ session, node, sentMs, seq }) => {
        return { session, node, atMs: Math.round(sentMs - originMs), seq };
      }),
    },
  };
}
