import { expect, test } from 'vitest';
import type { InvariantVerdict, Result } from '../../../src/contracts/result.ts';
import { passing } from '../../../src/conformance/samples/results.ts';
import html from '../../../src/reporters/html.ts';
import markdown from '../../../src/reporters/markdown.ts';

const holds: InvariantVerdict = {
  node: 'pg1',
  name: 'money',
  says: 'transfers make no money',
  status: 'holds',
  breaches: 0,
  examples: [],
  reason: null,
};
const broken: InvariantVerdict = {
  ...holds,
  node: 'pg2',
  status: 'broken',
  breaches: 2,
  examples: [{ found: '19993' }, { found: '1' }],
};
const unknown: InvariantVerdict = {
  ...holds,
  node: 'pg3',
  status: 'unknown',
  breaches: null,
  reason: 'no answer in 5 s',
};
const resultWith = (invariants: readonly InvariantVerdict[]): Result => ({
  ...passing,
  invariants,
});

test('report.md names the node, the invariant and what was found of each that does not hold', () => {
  const text = markdown.render(resultWith([unknown, holds, broken]));
  const [, section = ''] = text.split('### Invariants that do not hold\n\n');
  const [head, , ...rows] = section.split('\n\n')[0]!.split('\n');
  expect(head).toBe('| node | invariant | what must hold | found |');
  expect(rows.map((row) => row.replaceAll('\\', ''))).toEqual([
    '| pg2 | money | transfers make no money | 2 rows, the first {"found":"19993"} |',
    '| pg3 | money | transfers make no money | unknown: no answer in 5 s |',
  ]);
});

test('report.html has the same table, and none where all hold', () => {
  const text = html.render(resultWith([holds, broken]));
  expect(text).toContain('<h2>Invariants that do not hold</h2>');
  expect(text).toMatch(/<td>pg2<\/td>\s*<td>money<\/td>/);
  expect(text).toContain('2 rows, the first {&quot;found&quot;:&quot;19993&quot;}');
  for (const each of [resultWith([holds]), passing]) {
    expect(html.render(each)).not.toContain('Invariants that do not hold');
    expect(markdown.render(each)).not.toContain('Invariants that do not hold');
  }
});
