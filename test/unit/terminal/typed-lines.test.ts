import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readTypedLines } from '../../../src/terminal/typed-lines.ts';

function pipe() {
  return Object.assign(new PassThrough(), {
    isTTY: false,
    setRawMode: () => expect.fail('no terminal'),
  });
}

test('a pipe gives its lines, and its end is the end of nothing', async () => {
  const input = pipe();
  const lines: string[] = [];
  using _typing = readTypedLines(input as never, true, {
    line: (text) => lines.push(text),
    typed: () => expect.fail('nothing is shown of a pipe'),
  });
  input.end('switch the VIP\nand back\n');
  await sleep(10);
  expect(lines).toEqual(['switch the VIP', 'and back']);
});
