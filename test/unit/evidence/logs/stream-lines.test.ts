import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastLines, streamLines } from '../../../../src/evidence/logs/stream-lines.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-lines-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const target = path.join(folder, name);
  writeFileSync(target, content);
  return target;
}

test('files that follow each other are read as one text, whatever piece a line or a character begins in', () => {
  // Longer than a piece, of characters that take two bytes.
  const lines = Array.from({ length: 20_000 }, (_, index) => `${index} ${'é'.repeat(index % 40)}`);
  const text = `${lines.join('\n')}\n`;
  const middle = text.length / 2 + 7;
  const parts = [file('p.log.1', text.slice(0, middle)), file('p.log', text.slice(middle))];
  expect([...streamLines(parts)]).toEqual(lines);
});

test('a file without a line end at its end, and one without any content', () => {
  expect([...streamLines([file('cut', 'a\n\nb')])]).toEqual(['a', '', 'b']);
  expect([...streamLines([file('empty', '')])]).toEqual([]);
});

test('of a line without an end the beginning is kept', () => {
  const [first, second, ...more] = streamLines([file('long', `${'x'.repeat(3_000_000)}\nnext\n`)]);
  expect([first?.length, second, more]).toEqual([65_536, 'next', []]);
});

test('the last lines of a file are read without the rest of it', () => {
  const target = file('tail', 'first\nsecond\nthird\n');
  expect(lastLines(target, 9)).toEqual(['nd', 'third', '']);
  expect(lastLines(target, 1000)).toEqual(['first', 'second', 'third', '']);
});
