import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Reporter } from '../../../../src/contracts/evidence.ts';
import type { Result } from '../../../../src/contracts/result.ts';
import { EnvironmentError, ScenarioError } from '../../../../src/std/errors.ts';
import { findRun, newRunFolder, newRunId } from '../../../../src/evidence/store/run-folders.ts';
import { writeReports } from '../../../../src/evidence/store/write-reports.ts';
import { measuredRun } from '../../../helpers/result.ts';

const now = new Date('2026-11-20T20:09:12.345Z');
const before = process.env.FORKPOINT_REPORTS;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fp-reports-'));
  process.env.FORKPOINT_REPORTS = path.join(folder, 'reports');
});
afterEach(async () => {
  if (before === undefined) delete process.env.FORKPOINT_REPORTS;
  else process.env.FORKPOINT_REPORTS = before;
  await rm(folder, { recursive: true });
});

describe("a run's folder", () => {
  it('is named by scenario and UTC time, belongs to one run, and the newest is `latest`', async () => {
    const made = await Promise.all([newRunFolder('x', now), newRunFolder('x', now)]);
    const last = await newRunFolder('x', now);
    const parent = path.join(folder, 'reports', 'x');
    expect([...made, last].map((each) => path.relative(parent, each)).sort()).toEqual([
      ...['20261120T200912Z', '20261120T200912Z-2', '20261120T200912Z-3'],
    ]);
    expect(await readlink(path.join(parent, 'latest'))).toBe('20261120T200912Z-3');
    expect(await readdir(last)).toEqual(['journal']);
  });

  it('that cannot be made is an error of the host: where, why and what to do', async () => {
    const file = path.join(folder, 'a-file');
    await writeFile(file, '');
    process.env.FORKPOINT_REPORTS = file;
    const failing = newRunFolder('x', now);
    await expect(failing).rejects.toThrow(EnvironmentError);
    await expect(failing).rejects.toThrow(
      `cannot write the run's folder in ${file}/x: ENOTDIR: not a directory, mkdir '${file}/x'. Make it writable, or name another with FORKPOINT_REPORTS.`,
    );
  });

  it('is found by its path or by the name of its scenario', async () => {
    const made = await newRunFolder('x', now);
    await writeFile(path.join(made, 'plan.json'), '{}');
    const named = path.relative(path.join(folder, 'reports'), made);
    expect([await findRun(made), await findRun('x'), await findRun(named)]).toEqual([
      ...[made, path.join(folder, 'reports', 'x', 'latest'), made],
    ]);
  });

  it.each(['nothing', 'without-plan'])(
    'that is %s is refused, with the paths that were tried',
    async (name) => {
      await newRunFolder('without-plan', now);
      const failing = findRun(name);
      await expect(failing).rejects.toThrow(ScenarioError);
      await expect(failing).rejects.toThrow(
        `${name}: not a run. Looked for plan.json in ${path.resolve(name)} and in ${folder}/reports/${name}/latest and in ${folder}/reports/${name}.`,
      );
    },
  );
});

it("a run's id is a sortable time with a unique suffix", () => {
  const [one, other] = [newRunId(now), newRunId(now)];
  expect([one, other]).toEqual([
    expect.stringMatching(/^20261120t200912z-[0-9a-f]{6}$/) as string,
    expect.any(String) as string,
  ]);
  expect(one).not.toBe(other);
});

describe('writing reports', () => {
  const result: Result = { ...measuredRun(), status: 'pass', knownDefect: null, checks: [] };
  const reporters = (...each: readonly Reporter[]) => ({
    reporters: new Map(each.map((reporter) => [reporter.fileName, reporter])),
  });
  const plain: Reporter = { fileName: 'a.txt', render: ({ scenario }) => `of ${scenario}` };

  it('writes the complete file of every reporter, and replaces an older one', async () => {
    const other: Reporter = { fileName: 'b.txt', render: ({ status }) => status };
    await writeFile(path.join(folder, 'a.txt'), 'older and longer than the new one');
    await writeReports(folder, result, reporters(plain, other));
    const read = (name: string) => readFile(path.join(folder, name), 'utf8');
    expect(await readdir(folder)).toEqual(['a.txt', 'b.txt']);
    expect([await read('a.txt'), await read('b.txt')]).toEqual(['of partition-5s', 'pass']);
  });

  it('keeps the older report complete when a reporter fails', async () => {
    const broken: Reporter = {
      fileName: 'a.txt',
      render: () => {
        throw new Error('no such field');
      },
    };
    await writeFile(path.join(folder, 'a.txt'), 'older');
    await expect(writeReports(folder, result, reporters(broken))).rejects.toThrow('no such field');
    expect(await readFile(path.join(folder, 'a.txt'), 'utf8')).toBe('older');
  });
});
