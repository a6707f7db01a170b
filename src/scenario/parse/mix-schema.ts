import { z } from 'zod';
import type { ClientReadSpec, LoadSpec } from '../../contracts/scenario.ts';

const share = z.number().nonnegative().optional();

/** Shares of operations, in any unit; they are divided by their sum. */
export const mixSchema = z.strictObject({
  insert: share,
  update: share,
  delete: share,
  read: share.describe('Reads by the clients, of a workload that has reads.'),
});
type Mix = z.output<typeof mixSchema>;

export const readFromSchema = z
  .enum(['connection', 'primary', 'replica', 'any'])
  .optional()
  .describe(
    'Where clients read, with `mix.read`: on the connection that they write on (default), or on the primary, the replicas or all nodes in turn.',
  );

interface MixKeys {
  readonly mix: Mix;
  readonly readFrom: ClientReadSpec['from'] | undefined;
  readonly batch: number;
}

/** `complain`: a mix that makes no sense, with the one to write instead. */
export function mixOf(
  { mix, readFrom, batch }: MixKeys,
  complain: (path: readonly string[], message: string) => void,
): Pick<LoadSpec, 'mix' | 'clientReads'> {
  const { insert = 0, update = 0, delete: remove = 0, read = 0 } = mix;
  const problem = problemOf({ insert, update, remove, read }, batch);
  if (problem !== undefined) complain(['mix'], problem);
  if (readFrom !== undefined && read === 0) {
    complain(
      ['readFrom'],
      'is without effect: give reads a share, as `mix: { insert: 80, read: 20 }`',
    );
  }
  const writes = insert + update + remove || 1;
  const clientReads = { share: read / (writes + read), from: readFrom ?? 'connection' } as const;
  return {
    mix: { insert: insert / writes, update: update / writes, delete: remove / writes },
    ...(read > 0 && { clientReads }),
  };
}

interface Shares {
  readonly insert: number;
  readonly update: number;
  readonly remove: number;
  readonly read: number;
}

function problemOf({ insert, update, remove, read }: Shares, batch: number): string | undefined {
  if (insert + update + remove + read === 0) return 'must not be all zero';
  if (insert + update + remove === 0) {
    return `writes nothing, so there is nothing to judge: write mix: { insert: 10, read: ${rounded(Math.max(read, 90))} }`;
  }
  if (insert === 0) {
    const kinds = [...(update > 0 ? ['update'] : []), ...(remove > 0 ? ['delete'] : [])];
    const rest = [
      ...(update > 0 ? [`update: ${rounded(update)}`] : []),
      ...(remove > 0 ? [`delete: ${rounded(remove)}`] : []),
      ...(read > 0 ? [`read: ${rounded(read)}`] : []),
    ].join(', ');
    const most = rounded(Math.max(update / 4, remove, 1));
    return `has no inserts, and clients ${kinds.join(' and ')} rows that they inserted themselves: write mix: { insert: ${most}, ${rest} }`;
  }
  if (remove > insert * batch) {
    const least = rounded(remove / batch);
    return `deletes more rows than it inserts, so many deletes would find none: write insert: ${least} or more, or delete: ${rounded(insert * batch)} or less`;
  }
  return undefined;
}

/** Up, to two decimals: never below what is asked for. */
function rounded(share: number): number {
  return Math.ceil(share * 100) / 100;
}
