import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { guardMachines, type GuardedMachine } from '../../../src/machine/dead-man.ts';
import type { Channel, Shell } from '../../../src/contracts/shell.ts';
import { localShell } from '../../../src/shells/local.ts';
import { ClusterError } from '../../../src/std/errors.ts';
import { waitUntil } from '../../../src/std/wait.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-dead-man-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** This host as a machine: healing creates a file. */
function machine(name: string, over: Partial<GuardedMachine> = {}) {
  const healed = path.join(folder, `${name}.healed`);
  const held: Channel[] = [];
  const open = async (argv: readonly string[]): Promise<Channel> => {
    const channel = await localShell.open(argv);
    held.push(channel);
    return channel;
  };
  const shell: Shell = { ...localShell, open };
  const mark = path.join(folder, `${name}.mark`);
  const healing = `look() { :; }\nheal() { touch ${healed}; }`;
  return { held, isHealed: () => existsSync(healed), it: { name, mark, healing, shell, ...over } };
}

/** Its input never arrives. */
const mute: Shell = {
  ...localShell,
  open: async (argv) => ({ ...(await localShell.open(argv)), stdin: new PassThrough() }),
};
const inTime = { timeoutMs: 20_000 };

test.concurrent('a normal end heals nothing, however long the lease was renewed', async () => {
  const { it, isHealed } = machine('orderly');
  const guard = await guardMachines([it], 'one');
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  expect([await guard.release(), isHealed()]).toEqual([[], false]);
});

test.concurrent('the end of the input heals at once', async () => {
  const { it, held, isHealed } = machine('ended');
  await using _guard = await guardMachines([it], 'one');
  held[0]!.stdin.end();
  await waitUntil('it is healed', isHealed, inTime);
});

test.concurrent(
  'silence heals, and the silent harness is notified at once and when it ends the timer',
  async () => {
    const { it, isHealed } = machine('silent', { shell: mute });
    const guard = await guardMachines([it], 'one');
    const said = await guard.lost.catch((error: unknown) => error as ClusterError);
    expect(said).toBeInstanceOf(ClusterError);
    expect(said.message).toMatch(/^silent: its dead-man timer healed it during the run/);
    expect(isHealed()).toBe(true);
    expect(await guard.release()).toEqual([said.message]);
  },
);

test.concurrent(
  'a harness that comes back after the healing is notified at once; another owner is not',
  async () => {
    const { it, held } = machine('back');
    const first = await guardMachines([it], 'one');
    held[0]!.stdin.end();
    await first.lost.catch(() => undefined);
    const same = await guardMachines([it], 'one');
    await expect(same.lost).rejects.toThrow('its dead-man timer healed it');
    const other = await guardMachines([it], 'two');
    expect(await other.release()).toEqual([]);
  },
);

test.concurrent(
  'a timer that was killed with its machine is armed again, and the run continues',
  async () => {
    const pidFile = path.join(folder, 'killed.pid');
    const healing = `look() { :; }\nheal() { :; }\necho $$ > ${pidFile}`;
    const { it, held } = machine('killed', { healing });
    const guard = await guardMachines([it], 'one');
    const pid = readFileSync(pidFile, 'utf8');
    process.kill(Number(pid), 'SIGKILL');
    const isBack = () => held.length === 2 && readFileSync(pidFile, 'utf8') !== pid;
    await waitUntil('it is armed again', isBack, inTime);
    expect(await guard.release()).toEqual([]);
  },
);

test.concurrent('a machine where no timer can be armed is named, with its error', async () => {
  const { it } = machine('bare', { healing: 'echo no iptables >&2; exit 1' });
  await expect(guardMachines([it], 'one')).rejects.toThrow(
    /^bare: its dead-man timer cannot be armed: .*no iptables/,
  );
});

test.concurrent(
  'a connection that breaks when nothing is in force is made again, and nothing is lost',
  async () => {
    const { it, held, isHealed } = machine('idle');
    const guard = await guardMachines([it], 'one', () => false);
    held[0]!.stdin.end();
    await waitUntil('the old timer acted', isHealed, inTime);
    await waitUntil('it is armed again', () => held.length === 2, inTime);
    expect(await guard.release()).toEqual([]);
  },
);

test.concurrent(
  'a fault that came into force while the timer was away may have been healed by it',
  async () => {
    let isInForce = false;
    const { it, held } = machine('meanwhile');
    const guard = await guardMachines([it], 'one', () => isInForce);
    held[0]!.stdin.end();
    await held[0]!.ended;
    isInForce = true;
    await expect(guard.lost).rejects.toThrow('its dead-man timer healed it');
  },
);

test.concurrent('a timer that cannot be reached again has healed what was in force', async () => {
  const { it, held } = machine('away');
  let isAway = false;
  // Its last word is lost with the connection.
  const open: Shell['open'] = async (argv) => {
    if (isAway) throw new Error('no way');
    return { ...(await it.shell.open(argv)), stdout: Readable.from(['armed\n']) };
  };
  const guard = await guardMachines([{ ...it, shell: { ...it.shell, open } }], 'one');
  isAway = true;
  held[0]!.stdin.end();
  await held[0]!.ended;
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(await guard.release()).toEqual([
    'away: its dead-man timer could not be reached again; it has healed what was in force',
  ]);
});
