import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import {
  block,
  bootstrap,
  endOfInput,
  kill,
  MarkedOutput,
  newMark,
} from '../../../src/shells/kubernetes/bootstrap.ts';
import { shellQuoted } from '../../../src/std/shell-quoted.ts';

/** The bootstrap on this host, in a session of its own as a container's runtime gives it one. */
function started(mode: 'run' | 'open', argv: readonly string[]) {
  const mark = newMark();
  const child = spawn('setsid', ['sh', '-c', bootstrap, 'sh', mode, mark]);
  child.stdin.on('error', () => undefined);
  child.stdin.write(block(Buffer.from(argv.map(shellQuoted).join(' '))));
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  return { mark, child, said };
}

test('the command and its input come by standard input, and a mark ends both outputs', async () => {
  const awkward = ["it's", '$HOME', 'two\nlines', '', '"'];
  const { mark, child, said } = started('open', [
    'sh',
    '-c',
    'printf "%s|" "$@"; cat; exit 7',
    'sh',
    ...awkward,
  ]);
  child.stdin.write(block(Buffer.from('first 0\n')));
  child.stdin.write(block(Buffer.from('last\n')));
  child.stdin.write(endOfInput);
  child.stdin.end();
  const [stdout, stderr] = await said;
  expect(stdout).toBe(`${awkward.join('|')}|first 0\nlast\n${mark}7\n`);
  expect(stderr).toBe(mark);
});

test('a command that shall end is killed with its children', async () => {
  const { child, said } = started('run', ['sh', '-c', 'sleep 60 & echo begun; wait']);
  child.stdin.write(endOfInput);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.stdin.write(kill);
  const [, stderr] = await said;
  expect([child.signalCode ?? 'SIGKILL', stderr]).toEqual(['SIGKILL', '']);
});

test('when the connection breaks, a command of `run` is killed and one of `open` sees the end of its input', async () => {
  const run = started('run', ['sleep', '60']);
  run.child.stdin.end();
  await run.said;
  const open = started('open', ['sh', '-c', 'cat; echo saw the end']);
  open.child.stdin.end();
  expect((await open.said)[0]).toBe(`saw the end\n${open.mark}0\n`);
});

describe('an output that comes in pieces', () => {
  const whole = (mark: string, pieces: readonly string[]) => {
    const passed: string[] = [];
    const output = new MarkedOutput(mark, (bytes) => passed.push(bytes.toString()));
    for (const piece of pieces) output.push(Buffer.from(piece));
    return { output, passed };
  };

  test('is passed on at once, and only what may be the mark is held back', () => {
    expect(whole('#mark', ['armed\n', 'a #', 'ma']).passed).toEqual(['armed\n', 'a ']);
    expect(whole('#mark', ['a #ma', 'jor']).passed).toEqual(['a ', '#major']);
  });

  test('ends with the mark and what is behind it, wherever it is cut', () => {
    const said = 'out#mark12\n';
    for (let at = 0; at <= said.length; at += 1) {
      const { output, passed } = whole('#mark', [said.slice(0, at), said.slice(at)]);
      expect([passed.join(''), output.trailer]).toEqual(['out', '12']);
    }
  });

  test('without a mark was cut short: nothing of it is swallowed', () => {
    const { output, passed } = whole('#mark', ['out#ma']);
    output.end();
    expect([passed.join(''), output.isMarked, output.trailer]).toEqual([
      'out#ma',
      false,
      undefined,
    ]);
  });
});
