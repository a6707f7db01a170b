import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clockControl } from '../../../src/machine/clock.ts';
import { diskControl } from '../../../src/machine/disk.ts';
import { holdsScript } from '../../../src/machine/shaping-scripts.ts';
import { localShell } from '../../../src/shells/local.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'still-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a shape is in force', () => {
  const limited = '{"bytesPerSecond":1000}';
  const delayed = '{"delayMs":40}';
  const queues = (...handles: readonly string[]) => handles.map((each) => `qdisc ${each} dev eth0`);
  const htb = 'htb f0f0:';

  /** The output of the script if tc shows these queues; `tag`: the requested one. */
  function found(tag: string | undefined, shown: readonly string[]): string {
    const tc = path.join(folder, 'tc');
    writeFileSync(tc, `#!/bin/sh\ncat <<'END'\n${shown.join('\n')}\nEND\n`);
    chmodSync(tc, 0o755);
    if (tag !== undefined) writeFileSync(path.join(folder, 'x.tag'), tag);
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}` };
    const said = execFileSync('sh', ['-c', holdsScript('eth0'), 'sh', folder, 'x'], { env });
    return String(said).trim();
  }

  it.each([
    ['with its limiter', limited, queues(htb, 'tbf f0f2:'), 'yes'],
    ['with its delayer', delayed, queues(htb, 'netem f0f3:'), 'yes'],
    ['not without its limiter', limited, queues(htb, 'netem f0f3:'), 'no'],
    ['not without its delayer, nor a relay', delayed, queues(htb, 'tbf f0f2:'), 'no'],
    ['not with the queues of others', limited, queues('noqueue 0:'), 'no'],
    ['not without its tag', undefined, queues(htb, 'tbf f0f2:'), 'no'],
  ])('%s', (_title, tag, shown, said) => {
    expect(found(tag, shown)).toBe(said);
  });
});

describe('our ballast counts as in force', () => {
  const disk = (place: string) =>
    diskControl({ name: 'pg1', disks: { data: place, wal: place }, shell: localShell });

  it('while its file exists', async () => {
    writeFileSync(path.join(folder, '.ballast'), 'x');
    const { hasBallast, freeBytes } = await disk(folder).look('data');
    expect(hasBallast).toBe(true);
    expect(freeBytes).toBeGreaterThan(0);
    rmSync(path.join(folder, '.ballast'));
    expect(await disk(folder).look('data')).toMatchObject({ hasBallast: false });
  });

  it('or is unknown if the disk is missing', async () => {
    const look = disk(path.join(folder, 'gone')).look('wal');
    await expect(look).rejects.toThrow(/pg1: look at the wal disk's ballast: .*gone is not there/);
  });
});

describe('a clock counts as skewed', () => {
  it('while its file has the offset', async () => {
    const file = path.join(folder, 'clock');
    const clock = clockControl({ name: 'pg1', shell: localShell }, file);
    expect(await clock.isSkewed(600_000)).toBe(false);
    await clock.skew(600_000);
    expect([await clock.isSkewed(600_000), await clock.isSkewed(-600_000)]).toEqual([true, false]);
    await clock.reset();
    expect(await clock.isSkewed(600_000)).toBe(false);
  });
});
