import type { ArchivedFile, ArchiveFound, ArchivePush } from '../../contracts/archive.ts';
import type { ArchiveFlaw, ArchiveFlawKind } from '../../contracts/result/archive.ts';
import { formatLsn, lsnNumber } from '../../std/units/lsn.ts';
import { neededFiles, type NeededFile } from './needed-files.ts';

/** What is wrong with the files that a restore to the end reads, and all of which there are two histories. */
export function archiveFlaws(found: ArchiveFound): readonly ArchiveFlaw[] {
  const files = new Map(found.files.map((file) => [file.name, file]));
  const needed = neededFiles(found);
  const single = needed.flatMap((file) => {
    const own = found.pushes.filter(({ name }) => name === file.name);
    const there = files.get(file.name);
    const flaw = there ? changeOf(file, there, { found, own }) : absence(file, { found, own });
    return flaw ? [flaw] : [];
  });
  return [...single, ...twoHistories(found)];
}

interface Known {
  readonly found: ArchiveFound;
  /** Of this file alone. */
  readonly own: readonly ArchivePush[];
}

function absence(file: NeededFile, { found, own }: Known): ArchiveFlaw {
  const pushed = own.find(({ how }) => how !== 'refused');
  if (pushed) return flawOf('missing', file, `${pushed.node} archived it, and it is gone`);
  // Another command than the lab's own notes nothing.
  if (found.pushes.length === 0) return flawOf('missing', file, 'it is not there');
  const isPartial = found.files.some(({ name }) => name === `${file.name}.partial`);
  const what = isPartial
    ? 'no node archived it; only the part before the fork is there (.partial)'
    : 'no node archived it';
  return flawOf('neverArchived', file, what);
}

function changeOf(
  file: NeededFile,
  { bytes, sha256, holds, isAsNamed }: ArchivedFile,
  { found, own }: Known,
): ArchiveFlaw | undefined {
  const pushed = own.find(({ how }) => how !== 'refused');
  if (file.lsn !== null && bytes !== found.segmentBytes) {
    return flawOf('changed', file, `it has ${bytes} bytes, not ${found.segmentBytes}`);
  }
  if (file.lsn !== null && (holds === null || holds === undefined)) {
    return flawOf('changed', file, 'it does not begin as a segment does');
  }
  if (holds && holds.lsn !== file.lsn) {
    return flawOf('changed', file, `its header says that it begins at ${holds.lsn}`);
  }
  if (isAsNamed === false) {
    return flawOf('changed', file, 'its content has not the checksum that its name says');
  }
  if (pushed && pushed.sha256 !== sha256) {
    return flawOf('changed', file, `its content is not what ${pushed.node} archived`);
  }
  return undefined;
}

/** Also of files that no restore reads by itself: which one is in the archive was decided by who came first. */
function twoHistories({ segmentBytes, files, pushes }: ArchiveFound): readonly ArchiveFlaw[] {
  const refused = Map.groupBy(
    pushes.filter(({ how }) => how === 'refused'),
    ({ name }) => name,
  );
  const byName = Map.groupBy(files, ({ name }) => name);
  const doubled = [...byName].flatMap(([name, { length }]) =>
    length < 2
      ? []
      : [flawOf('twoHistories', fileOf(name, segmentBytes), `it has ${length} contents of it`)],
  );
  const pushedTwice = [...refused].map(([name, others]) => {
    const first = pushes.find((each) => each.name === name && each.how !== 'refused');
    const nodes = [...new Set(others.map(({ node }) => node))].join(' and ');
    const what = `${first ? `${first.node} archived it` : 'it was there'}, and ${nodes} had another content of it`;
    return flawOf('twoHistories', fileOf(name, segmentBytes), what);
  });
  return [...doubled, ...pushedTwice];
}

function fileOf(name: string, segmentBytes: number): NeededFile {
  const timeline = Number.parseInt(name.slice(0, 8), 16);
  if (name.endsWith('.history')) return { name, timeline, lsn: null };
  const log = lsnNumber(`${name.slice(8, 16)}/0`);
  const lsn = formatLsn(log + Number.parseInt(name.slice(16, 24), 16) * segmentBytes);
  return { name, timeline, lsn };
}

function flawOf(kind: ArchiveFlawKind, file: NeededFile, what: string): ArchiveFlaw {
  const { name: segment, timeline, lsn } = file;
  return { kind, segment, timeline, lsn, what };
}
