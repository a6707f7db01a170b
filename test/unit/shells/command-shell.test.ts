import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { localShell } from '../../../src/shells/local.ts';
import { commandShell } from '../../../src/shells/support/command-shell.ts';

describe('a command run by a shell', () => {
  test('returns its exit code and both streams, and gets input and environment', async () => {
    const script = 'cat; echo "$GREETING" >&2; exit 3';
    const options = { stdin: 'in', env: { GREETING: 'hello' } };
    expect(await localShell.run(['sh', '-c', script], options)).toEqual({
      exitCode: 3,
      stdout: 'in',
      stderr: 'hello',
    });
  });

  test('follows the prefix, argument by argument', async () => {
    const shell = commandShell('a prefix', ['env', 'X=a b']);
    expect((await shell.run(['sh', '-c', 'printf %s "$X"'])).stdout).toBe('a b');
  });

  test('is ended with exit code 124 when its time is up', async () => {
    expect((await localShell.run(['sleep', '60'], { timeoutMs: 100 })).exitCode).toBe(124);
  });

  test('is ended on the far side too, where the end of the connection would not end it', async () => {
    // As ssh: what ends here leaves the command there alone.
    const far = commandShell('far', ['setsid', '--wait'], { isFar: true });
    const { exitCode, stdout } = await far.run(['sh', '-c', 'echo $$; exec sleep 60'], {
      timeoutMs: 100,
    });
    expect([exitCode, existsSync(`/proc/${Number(stdout)}`)]).toEqual([124, false]);
  });

  test('that cannot be started is an EnvironmentError', async () => {
    await expect(localShell.run(['/nowhere/at/all'])).rejects.toThrow(/^cannot start /);
  });
});

describe('a command whose streams are held', () => {
  test('ends with its input, and reports how it ended', async () => {
    const { stdin, stdout, ended } = await localShell.open(['sh', '-c', 'cat; echo over >&2']);
    stdin.end('hello');
    expect(await text(stdout)).toBe('hello');
    expect(await ended).toEqual({ outcome: 'exited', how: 'exit code 0', stderr: 'over' });
  });

  test('that is killed reports the signal', async () => {
    const channel = await localShell.open(['sleep', '60']);
    channel.stdout.resume();
    channel.kill();
    expect(await channel.ended).toEqual({ outcome: 'killed', how: 'SIGKILL', stderr: '' });
  });

  test('that cannot be started has ended, with the reason', async () => {
    const channel = await localShell.open(['/nowhere/at/all']);
    channel.stdout.resume();
    expect((await channel.ended).how).toMatch(/^cannot start: /);
  });
});
