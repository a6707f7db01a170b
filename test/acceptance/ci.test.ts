import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readHistory } from '../../src/history/runs-jsonl.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-ci-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: { readonly path?: string };
}
interface Workflow {
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: { readonly nightly: { readonly steps: readonly Step[] } };
}

const workflow = parse(
  readFileSync(path.join(root, '.github/workflows/nightly.yml'), 'utf8'),
) as Workflow;
const { steps } = workflow.jobs.nightly;

/** A step's lines as the runner runs them. `npm ci` is left out: this test runs on the same packages. */
function runStep(lines: string, env: Readonly<Record<string, string>>) {
  return spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', lines], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

describe('.github/workflows/nightly.yml', () => {
  const summary = path.join(folder, 'summary.md');
  const reports = path.join(folder, 'reports');
  const env = {
    SUITE: 'smoke',
    BACKEND: 'local',
    ONLY: 'baseline',
    REPEAT: '1',
    FORKPOINT_REPORTS: reports,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_SHA: 'c0ffee',
  };

  test('takes its suite from the variables that this test sets', () => {
    expect(Object.keys(workflow.env)).toEqual(['SUITE', 'ONLY', 'REPEAT']);
    expect(steps.flatMap(({ name, run }) => (run === undefined ? [] : [name]))).toEqual([
      ...['Install', 'Suite'],
    ]);
    expect(steps.find(({ name }) => name === 'Install')?.run).toMatch(/^npm ci /);
  });

  test('its steps leave a summary, history.jsonl and the page over all runs', async () => {
    for (const { name, run = '' } of steps.filter((step) => step.name !== 'Install')) {
      if (run === '') continue;
      const { status, stdout, stderr } = runStep(run, env);
      expect([name, status, status === 0 ? '' : stdout + stderr]).toEqual([name, 0, '']);
      if (name === 'Suite') expect(stdout).toMatch(/^::notice title=smoke::1 run: 1 passed$/m);
    }
    expect(readFileSync(summary, 'utf8')).toMatch(/^## ✅ smoke: 1 run: 1 passed\n/);
    const { records } = await readHistory(reports);
    expect(records.map(({ scenario, status, commit }) => [scenario, status, commit])).toEqual([
      ['baseline', 'pass', 'c0ffee'],
    ]);
    const latest = path.join(reports, 'suites', 'smoke', 'latest');
    for (const file of ['suite.json', 'suite.md', 'junit.xml']) {
      expect([file, existsSync(path.join(latest, file))]).toEqual([file, true]);
    }
    const page = readFileSync(path.join(reports, 'index.html'), 'utf8');
    expect(page).toContain(`href="./${records[0]?.directory ?? ''}/report.html"`);
  });

  test('keeps history.jsonl and the reports of a night that failed', () => {
    const after = steps.slice(steps.findIndex(({ name }) => name === 'Suite') + 1);
    expect(after.map((step) => [step.if, step.uses?.split('@')[0]])).toEqual([
      ['always()', 'actions/cache/save'],
      ['always()', 'actions/upload-artifact'],
    ]);
    const restored = steps.find(({ uses }) => uses?.startsWith('actions/cache/restore'));
    expect(after[0]?.with?.path).toBe(restored?.with?.path);
    expect(after[0]?.with?.path?.split('\n')[0]).toBe('reports/history.jsonl');
  });

  test('a suite step outside of a workflow is refused before anything starts', () => {
    const run = steps.find(({ name }) => name === 'Suite')?.run ?? '';
    const { status, stderr } = runStep(run, { ...env, GITHUB_STEP_SUMMARY: '' });
    expect([status, stderr]).toEqual([4, expect.stringMatching(/^--github: GITHUB_STEP_SUMMARY/m)]);
  });
});

describe('the GitLab job in docs/ci.md', () => {
  const doc = readFileSync(path.join(root, 'docs/ci.md'), 'utf8');
  const [, yaml = ''] = /^```yaml\n(.*?)^```/ms.exec(doc) ?? [];
  const { nightly } = parse(yaml) as {
    readonly nightly: {
      readonly script: readonly string[];
      readonly variables: Readonly<Record<string, string>>;
    };
  };

  test('runs the steps of the workflow, in the same order', () => {
    const plain = (line: string) =>
      line
        .replaceAll(/\s*\\\n\s*/g, ' ')
        .replace(/ --github| --cache \.npm/, '')
        .trim();
    const theirs = steps.flatMap(({ run }) => (run === undefined ? [] : [plain(run)]));
    expect(nightly.script.map(plain)).toEqual(theirs);
    expect(Object.keys(nightly.variables)).toEqual(Object.keys(workflow.env));
  });

  test('the command line accepts its suite line', () => {
    const env = {
      ...nightly.variables,
      SUITE: 'smoke',
      BACKEND: 'local',
      ONLY: 'no-such',
      FORKPOINT_REPORTS: folder,
    };
    const { status, stderr } = runStep(nightly.script.at(-1) ?? '', env);
    expect(stderr).toMatch(/^--only no-such: matches nothing in this suite: baseline, /m);
    expect(status).toBe(3);
  });
});
