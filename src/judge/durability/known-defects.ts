import { meetsVersion, readVersionDemand, versionNumbers } from '../../std/units/version.ts';

/** The versions in use, as programs print them; undefined if unknown. */
export interface Running {
  readonly postgres?: string | undefined;
  readonly patroni?: string | undefined;
  readonly dcs?: string | undefined;
}

export interface KnownDefect {
  readonly product: 'postgres' | 'patroni';
  /** Every term must hold: '>= 14, < 14.4'. */
  readonly versions: string;
  /** Only with this DCS; if the DCS is unknown, the defect is shown. */
  readonly dcs?: string;
  /** What it does to acknowledged writes, and which version ends it. */
  readonly what: string;
}

/** Defects that lose or spoil acknowledged writes though every setting is right. One entry each, with its source. */
export const knownDefects: readonly KnownDefect[] = [
  {
    // Patroni #2693. Measured on 3.0.2: 5 of 5 asynchronous runs lost all that the new primary had acknowledged.
    product: 'patroni',
    versions: '< 3.0.3',
    dcs: 'etcd',
    what:
      'with etcd3, a primary that was frozen can take the lock back, and what its successor acknowledged is gone ' +
      '(patroni #2693, fixed in 3.0.3)',
  },
  {
    // PostgreSQL, release notes of 14.4.
    product: 'postgres',
    versions: '>= 14, < 14.4',
    what:
      'CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY can leave rows out of an index: they are there and are ' +
      'not found (fixed in 14.4)',
  },
];

export function defectsOf(
  product: KnownDefect['product'],
  running: Running,
  table: readonly KnownDefect[] = knownDefects,
): readonly KnownDefect[] {
  const numbers = versionNumbers(running[product] ?? '');
  if (!numbers) return [];
  return table.filter((defect) => {
    if (defect.product !== product) return false;
    const { dcs } = running;
    if (defect.dcs !== undefined && dcs !== undefined && !dcs.startsWith(defect.dcs)) return false;
    return meetsVersion(numbers, readVersionDemand(defect.versions) ?? []);
  });
}
