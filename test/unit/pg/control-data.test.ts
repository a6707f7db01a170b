import { expect, test } from 'vitest';
import { controlDataOf } from '../../../src/pg/control-data.ts';

const segmentBytes = 16_777_216;

test('the control file tells the timeline and the size of segments', () => {
  const text =
    "Latest checkpoint's TimeLineID:       2\nLatest checkpoint's PrevTimeLineID:   1\nBytes per WAL segment:                16777216\n";
  expect(controlDataOf(text)).toMatchObject({ timeline: 2, segmentBytes, checkpointTimeline: 2 });
  const rewound = `${text.replace('ID:       2', 'ID:       1')}Min recovery ending loc's timeline:   3\n`;
  expect(controlDataOf(rewound).timeline).toBe(3);
  expect(controlDataOf('')).toEqual({
    timeline: undefined,
    segmentBytes: undefined,
    redoFile: '',
    state: '',
    checkpoint: undefined,
    checkpointTimeline: undefined,
  });
});
