import type { Result } from '../../contracts/result.ts';
import { watchArchive, type ArchiveWatch } from '../../run/archive/watch-archive.ts';
import { lacks, HarnessBug } from '../../std/errors.ts';
import { seededRandom } from '../../std/random.ts';
import { waitUntil } from '../../std/wait.ts';
import { differences } from '../differences.ts';
import { followedRun, type FollowOptions } from '../followed-run.ts';
import { sessionOn, type StagedRun } from '../stage-run.ts';
import { logged, type TrialResult } from '../trial-result.ts';
import { openRun } from '../workloads.ts';
import {
  archiveDamages,
  type ClosedSegment,
  type DamagedArchive,
  type PlantedInArchive,
} from './damage-archive.ts';

const load = { workload: 'ledger', payload: '64B' };
const more = {
  cluster: { nodes: 3, archive: 'folder', parameters: { wal_level: 'logical' } },
};
const expect = { restorable: 'yes' };
const segmentsClosed = 4;
const rowsPerSegment = 60;
const enoughTimeoutMs = 45_000;

/**
 * Damages the archive of WAL without the knowledge of who restores from it, and demands that its verdict names exactly the segment, and
 * that the restore lacks exactly what was committed in it and after it.
 */
export async function tryArchive(options: FollowOptions): Promise<readonly TrialResult[]> {
  const { cluster, seed, log } = options;
  await using run = await openRun({ load, more, expect }, options);
  await using watch = await watchArchive(followedRun(run, options), cluster);
  if (!watch) throw new HarnessBug('the scenario of the selftest has no archive');
  const segments = await loadSegments(run, options);
  const archive = await placeOf(run, segments, options);
  const random = seededRandom(seed, 'selftest archive');
  const calm = await judged(run, watch);
  const trial = { run, calm, total: archive.total, log };
  const nothing = { flaws: [], missing: 0 };
  const whole = { ...nothing, what: `archive ${archive.total} rows in ${segmentsClosed} segments` };
  const results = [compare(whole, { ...trial, result: calm, demand: 'pass' })];
  for (const damage of archiveDamages) {
    const planted = await damage(archive, random);
    const result = await judged(run, watch);
    results.push(compare(planted, { ...trial, result, demand: 'fail' }));
    await planted.mend();
  }
  const mended = { ...nothing, what: 'repair the archive' };
  const result = await judged(run, watch);
  results.push(compare(mended, { ...trial, result, demand: 'pass' }));
  return results;
}

/** Closes a segment whenever some rows were written, while a lock holds the writers: so it is known which rows are in which. */
async function loadSegments(
  run: StagedRun,
  { signal }: FollowOptions,
): Promise<readonly ClosedSegment[]> {
  const segments: ClosedSegment[] = [];
  let rowsBefore = 0;
  await run.load(async (driven) => {
    while (segments.length < segmentsClosed) {
      const enough = driven.acknowledged + rowsPerSegment;
      await waitUntil('ledger has written', () => driven.acknowledged >= enough, {
        timeoutMs: enoughTimeoutMs,
        everyMs: 50,
        signal,
      });
      const { rows, name } = await closeSegment(run);
      segments.push({ name, rowsBefore });
      rowsBefore = rows;
    }
  });
  return segments;
}

async function closeSegment({ session, table }: StagedRun) {
  await session.rows('BEGIN');
  await session.rows(`LOCK TABLE ${table} IN SHARE MODE`);
  const rows = await session.rows<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${table}`);
  const closed = await session.rows<{ name: string }>(
    'SELECT pg_walfile_name(pg_switch_wal()) AS name',
  );
  await session.rows('COMMIT');
  return { rows: rows[0]?.rows ?? 0, name: closed[0]?.name ?? '' };
}

async function placeOf(
  run: StagedRun,
  segments: readonly ClosedSegment[],
  { cluster, signal }: FollowOptions,
): Promise<DamagedArchive> {
  const { folder } = cluster.archive ?? lacks({ name: cluster.id }, 'archive');
  const [all] = await run.session.rows<{ rows: number }>(
    `SELECT count(*)::int AS rows FROM ${run.table}`,
  );
  const node = cluster.nodes.find(({ name }) => name !== run.primary);
  if (!node) throw new HarnessBug('the cluster of the selftest has no replica');
  await using session = await sessionOn(cluster, node.name, signal);
  const [settings] = await session.rows<{ data: string; command: string }>(
    `SELECT current_setting('data_directory') AS data, current_setting('archive_command') AS command`,
  );
  const shell = node.shell ?? lacks(node, 'shell');
  const { data = '', command = '' } = settings ?? {};
  return {
    folder,
    segments,
    total: all?.rows ?? 0,
    replica: { name: node.name, shell, data, command },
  };
}

async function judged(run: StagedRun, watch: ArchiveWatch): Promise<Result> {
  await watch.readBack(0);
  return run.judge();
}

interface ArchiveTrial {
  readonly run: StagedRun;
  /** The result before the damage. */
  readonly calm: Result;
  /** Rows of the run. */
  readonly total: number;
  readonly result: Result;
  readonly demand: Result['status'];
  readonly log: (line: string) => void;
}

function compare(
  planted: Omit<PlantedInArchive, 'mend'>,
  { run, calm, total, result, demand, log }: ArchiveTrial,
): TrialResult {
  const { archive } = result;
  const flaws = (archive?.flaws ?? []).map(({ kind, segment }) => `${kind} ${segment}`);
  const wanted = planted.flaws.map(({ kind, segment }) => `${kind} ${segment}`);
  const [restore, ...others] = archive?.restores ?? [];
  const { expected, missing, extra, corrupted } = restore ?? {};
  const counts = [expected, missing, extra, corrupted].join(', ');
  const wantedCounts = [total, planted.missing, 0, 0].join(', ');
  const problems = [
    ...wanted.filter((flaw) => !flaws.includes(flaw)).map((flaw) => `not reported: ${flaw}`),
    ...flaws.filter((flaw) => !wanted.includes(flaw)).map((flaw) => `without cause: ${flaw}`),
    ...(counts === wantedCounts
      ? []
      : [`expected, missing, extra and corrupted: ${counts}, not ${wantedCounts}`]),
    ...(others.length === 0 ? [] : ['it was restored to a fork, and there is none']),
    ...(archive?.reason == null ? [] : [`it could not be judged: ${archive.reason}`]),
    ...differences({ changes: {}, findings: [] }, { calm, result, where: run.primary }),
    ...(result.status === demand ? [] : [`the status is ${result.status}, not ${demand}`]),
  ];
  const kinds = planted.flaws.map(({ kind }) => kind);
  const more = planted.missing > 0 ? [`missing ${planted.missing}`] : [];
  const demanded = [...kinds, ...more].join(', ') || 'nothing';
  return logged({ planted: planted.what, demanded, problems }, log);
}
