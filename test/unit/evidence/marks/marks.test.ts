import { appendFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { markText, receiveMarks, sendMark } from '../../../../src/evidence/marks/marks.ts';
import { temporaryFolder } from '../../../../src/std/temporary-folder.ts';

test('marks reach the run in their order, each once, and other lines of the file are none', async () => {
  const folder = await temporaryFolder('fp-marks-');
  const received: string[] = [];
  {
    await using _marks = receiveMarks(folder, ({ text }) => received.push(text));
    await sendMark(folder, 'one');
    appendFileSync(path.join(folder, 'marks.jsonl'), 'no json\n{"id":"x","text":"","ns":"1"}\n');
    await sendMark(folder, 'two');
    appendFileSync(path.join(folder, 'marks.jsonl'), '{"id":"half"');
  }
  rmSync(folder, { recursive: true });
  expect(received).toEqual(['one', 'two']);
});

test('a text of several lines, with escape sequences and too long, becomes one plain line of 200 characters', () => {
  expect(markText('a\n b\u001b[31mc')).toBe('a bc');
  expect(markText(' \n ')).toBeUndefined();
  expect(markText('é'.repeat(500))).toHaveLength(200);
});
