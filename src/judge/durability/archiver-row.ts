import type { DurabilityRow } from '../../contracts/durability.ts';
import type { Facts } from './facts.ts';
import { risk } from './postgres-rows.ts';

/** What is not archived is kept in pg_wal until the disk is full, and a restore ends before it. */
export function archiverRow({ answered }: Facts): readonly DurabilityRow[] {
  const failing = answered.filter(({ archiver }) => archiver?.isFailing === true);
  const [first, ...others] = failing.map(({ node, archiver }) => ({
    node,
    value: `${archiver?.failed ?? 0} attempts failed, ${archiver?.archived ?? 0} went well`,
    wal: archiver?.lastFailedWal ?? '',
  }));
  if (!first) return [];
  const meaning = risk(
    `archive_command fails on ${first.node} (last: ${first.wal}): its WAL is in no archive, and fills the disk`,
  );
  const differs = others.map(({ node, value }) => ({ node, value }));
  return [{ setting: 'archiving', value: first.value, differs, ...meaning }];
}
