import { expect, test } from 'vitest';
import { segmentsFrom } from '../../../../src/run/evidence/wal-names.ts';

const segmentBytes = 16 * 2 ** 20;
const names = [
  '000000010000000000000006',
  '000000010000000000000004',
  '000000010000000000000005',
  '000000020000000000000005',
  '00000002.history',
  'archive_status',
];

test('the segment of the fork and those after it are taken, of the old timeline alone', () => {
  expect(segmentsFrom(names, 1, { lsn: '0/54686E8', segmentBytes })).toEqual([
    '000000010000000000000005',
    '000000010000000000000006',
  ]);
});

test('without a fork point all WAL of the old timeline is taken', () => {
  expect(segmentsFrom(names, 1, { lsn: null, segmentBytes })).toHaveLength(3);
});

test('segments are counted across the border of a log id, by their own size', () => {
  const far = ['0000000100000001000000FF', '000000010000000200000000'];
  expect(segmentsFrom(far, 1, { lsn: '2/0', segmentBytes })).toEqual(['000000010000000200000000']);
  const large = ['000000010000000200000003', '000000010000000200000002'];
  expect(segmentsFrom(large, 1, { lsn: '2/C0000000', segmentBytes: 2 ** 30 })).toEqual([
    '000000010000000200000003',
  ]);
});
