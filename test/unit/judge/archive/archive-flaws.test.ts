import { expect, test } from 'vitest';
import type { ArchivedFile, ArchiveFound, ArchivePush } from '../../../../src/contracts/archive.ts';
import { archiveFlaws } from '../../../../src/judge/archive/archive-flaws.ts';
import { neededFiles } from '../../../../src/judge/archive/needed-files.ts';

const mebibyte = 1024 ** 2;
const segmentBytes = 16 * mebibyte;

/** A failover at 0/7073420, in the middle of segment 7. */
const failover = {
  segmentBytes,
  from: { timeline: 1, lsn: '0/5000028' },
  end: { timeline: 2, lsn: '0/9000000' },
  ancestors: [{ timeline: 1, lsn: '0/7073420' }],
};
const names = [
  ...['000000010000000000000005', '000000010000000000000006'],
  ...['000000020000000000000007', '000000020000000000000008', '00000002.history'],
];

function file(name: string): ArchivedFile {
  if (name.endsWith('.history')) return { name, bytes: 41, sha256: name };
  const lsn = `0/${name.slice(-1)}000000`;
  return { name, bytes: segmentBytes, sha256: name, holds: { timeline: 1, lsn } };
}

function push(name: string, more: Partial<ArchivePush> = {}): ArchivePush {
  return { node: 'pg1', name, sha256: name, how: 'archived', ...more };
}

const whole: ArchiveFound = {
  ...failover,
  files: names.map(file),
  pushes: names.map((name) => push(name)),
  restores: [],
};
const without = (name: string) => whole.files.filter((each) => each.name !== name);
const changed = (name: string, more: Partial<ArchivedFile>) =>
  whole.files.map((each) => (each.name === name ? { ...each, ...more } : each));

test('a restore reads the segment of the fork from the new timeline, and its history', () => {
  expect(neededFiles(failover).map(({ name }) => name)).toEqual(names);
});

test('where a timeline begins at the start of a segment, the one before is read from its parent', () => {
  const ancestors = [{ timeline: 1, lsn: '0/7000000' }];
  expect(neededFiles({ ...failover, ancestors }).map(({ name }) => name)).toEqual(names);
});

test('an end at the last byte of a segment needs no next one', () => {
  const end = { timeline: 1, lsn: '0/6000000' };
  const needed = neededFiles({ ...failover, ancestors: [], end });
  expect(needed.map(({ name }) => name)).toEqual(['000000010000000000000005']);
});

test('a fork before the base backup is no matter of the archive, but its timeline is', () => {
  const early = {
    ...failover,
    from: { timeline: 3, lsn: '0/8000028' },
    end: { timeline: 3, lsn: '0/8FFFFFF' },
    ancestors: [
      { timeline: 1, lsn: '0/4000000' },
      { timeline: 2, lsn: '0/7073420' },
    ],
  };
  expect(neededFiles(early)).toEqual([
    { name: '000000030000000000000008', timeline: 3, lsn: '0/8000000' },
  ]);
});

test('segments beyond 4 GiB of WAL, and of 1 MiB, are named as PostgreSQL does', () => {
  const at = { timeline: 1, lsn: '1/FFF00028' };
  const end = { timeline: 1, lsn: '2/100000' };
  const needed = neededFiles({ segmentBytes: mebibyte, from: at, end, ancestors: [] });
  expect(needed.map(({ name }) => name)).toEqual([
    '000000010000000100000FFF',
    '000000010000000200000000',
  ]);
});

test('an archive with all that was archived has no flaw', () => {
  expect(archiveFlaws(whole)).toEqual([]);
});

test('a segment that was archived and is gone is missing', () => {
  const name = '000000010000000000000006';
  expect(archiveFlaws({ ...whole, files: without(name) })).toEqual([
    {
      ...{ kind: 'missing', segment: name, timeline: 1, lsn: '0/6000000' },
      what: 'pg1 archived it, and it is gone',
    },
  ]);
});

test('a segment that no node archived was never archived, also where a part of it is there', () => {
  const name = '000000020000000000000007';
  const partial = { name: `${name}.partial`, bytes: segmentBytes, sha256: 'part' };
  const pushes = whole.pushes.filter((each) => each.name !== name);
  const files = without(name);
  const flaw = { kind: 'neverArchived', segment: name, timeline: 2, lsn: '0/7000000' };
  expect(archiveFlaws({ ...whole, files, pushes })).toEqual([
    { ...flaw, what: 'no node archived it' },
  ]);
  expect(archiveFlaws({ ...whole, files: [...files, partial], pushes })).toEqual([
    { ...flaw, what: 'no node archived it; only the part before the fork is there (.partial)' },
  ]);
});

test('where another command archives, which notes nothing, a segment that is not there is missing', () => {
  const files = without('00000002.history');
  expect(archiveFlaws({ ...whole, files, pushes: [] })).toEqual([
    {
      ...{ kind: 'missing', segment: '00000002.history', timeline: 2, lsn: null },
      what: 'it is not there',
    },
  ]);
});

test.each([
  ['a bit', { sha256: 'other' }, 'its content is not what pg1 archived'],
  ['its length', { bytes: 4096 }, 'it has 4096 bytes, not 16777216'],
  ['its header', { holds: null }, 'it does not begin as a segment does'],
  [
    'for another segment',
    { holds: { timeline: 1, lsn: '0/7000000' } },
    'its header says that it begins at 0/7000000',
  ],
] as const)('a segment of which %s was changed is named with why', (_what, more, what) => {
  const name = '000000010000000000000006';
  expect(archiveFlaws({ ...whole, files: changed(name, more) })).toEqual([
    { kind: 'changed', segment: name, timeline: 1, lsn: '0/6000000', what },
  ]);
});

test('two histories are named once per segment, also of one that no restore reads', () => {
  const name = '000000010000000000000009';
  const pushes = [
    ...[...whole.pushes, push(name, { node: 'pg2' })],
    push(name, { node: 'pg1', sha256: 'other', how: 'refused' }),
    push(name, { node: 'pg3', sha256: 'third', how: 'refused' }),
  ];
  expect(archiveFlaws({ ...whole, pushes })).toEqual([
    {
      ...{ kind: 'twoHistories', segment: name, timeline: 1, lsn: '0/9000000' },
      what: 'pg2 archived it, and pg1 and pg3 had another content of it',
    },
  ]);
});

test('a node that archives the same content once more makes no second history', () => {
  const again = push('000000010000000000000006', { node: 'pg2', how: 'again' });
  expect(archiveFlaws({ ...whole, pushes: [...whole.pushes, again] })).toEqual([]);
});

test('a file whose content has not the checksum in its name was changed, and two contents of one name are two histories', () => {
  const [first, second] = names;
  const files = changed(first ?? '', { isAsNamed: false });
  const doubled = files.filter(({ name }) => name === second);
  const found = { ...whole, files: [...files, ...doubled], pushes: [] };
  expect(archiveFlaws(found).map(({ kind, segment, what }) => [kind, segment, what])).toEqual([
    ['changed', first, 'its content has not the checksum that its name says'],
    ['twoHistories', second, 'it has 2 contents of it'],
  ]);
});
