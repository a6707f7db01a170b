import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Figures } from '../../../src/contracts/figures.ts';
import type { Result } from '../../../src/contracts/result.ts';
import type { NewEvent } from '../../../src/evidence/events/event-log.ts';
import { listenAddress } from '../../../src/live/listen-address.ts';
import { LiveRun } from '../../../src/live/live-run.ts';
import { serveReadOnly } from '../../../src/live/read-only-server.ts';
import { reportsPage } from '../../../src/live/reports-pages.ts';
import { Metrics } from '../../../src/live/metrics.ts';
import { type LiveWatch, watchLive } from '../../../src/live/watch-live.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { parseScenario } from '../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../src/scenario/plan/plan.ts';
import { measuredRun } from '../../helpers/result.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-live-'));
afterAll(() => rmSync(folder, { recursive: true }));

const registry = await loadRegistry();
const text =
  'name: noop\nclaim: It is a test.\nload: { duration: 10s }\nfaults: []\nexpect: { lost: 0 }\n';
const plan = planScenario(parseScenario(text, { file: 'x.yaml', registry }), {
  seed: 1,
  backend: 'local',
  registry,
});

const never = new AbortController().signal;
const lossy: Result = { ...measuredRun(), status: 'fail', knownDefect: null, checks: [] };
const none = { acknowledged: 0, localOnly: 0, failed: 0, indeterminate: 0 };
const latency = { mean: 2, p50: 1.5, p95: 3, p99: 4, p999: 5, max: 6 };

function second(atMs: number, over: Partial<Figures> = {}): Figures {
  return {
    atMs,
    lengthMs: 1_000,
    operations: { insert: { ...none, acknowledged: 10 }, update: none, delete: none },
    rows: 10,
    errors: {},
    latencyMs: latency,
    serviceMs: latency,
    clients: { connected: 4, inFlight: 1, unstarted: 0 },
    ...over,
  };
}

/** With the Host header that a browser would send for a page of that name. */
async function get(url: string, { host, method = 'GET' }: { host?: string; method?: string } = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status?: number; body: string }>();
  const headers = host === undefined ? {} : { host };
  const asked = request(url, { method, headers }, (response) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (text: string) => (body += text));
    response.on('end', () =>
      resolve({ ...(response.statusCode && { status: response.statusCode }), body }),
    );
  });
  asked.on('error', reject);
  asked.end();
  return promise;
}

describe('the address to listen on', () => {
  test.each([
    [':9464', { host: '127.0.0.1', port: 9464 }],
    ['9464', { host: '127.0.0.1', port: 9464 }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['[::]:80', { host: '::', port: 80 }],
    ['metrics.internal:80', { host: 'metrics.internal', port: 80 }],
  ])('%s', (text, address) => {
    expect(listenAddress(text, '--web')).toEqual(address);
  });

  test.each(['', ':', '80/x', ':99999', 'http://h:80'])('%j is refused by name', (text) => {
    expect(() => listenAddress(text, '--web')).toThrow(`--web ${text}: needs a port`);
  });
});

describe('a server that only shows', () => {
  const pages = (asked: string) =>
    asked === '/a' ? { type: 'text/plain', body: 'found' } : undefined;

  test('answers GET and HEAD, of pages that there are, under this host only', async () => {
    await using server = await serveReadOnly({ host: '127.0.0.1', port: 0 }, pages, '--web');
    const { port } = new URL(server.url);
    expect(await get(`${server.url}a`)).toEqual({ status: 200, body: 'found' });
    expect(await get(`${server.url}a?x=1`, { host: `localhost:${port}` })).toMatchObject({
      status: 200,
    });
    expect(await get(`${server.url}a`, { method: 'HEAD' })).toEqual({ status: 200, body: '' });
    expect(await get(`${server.url}b`)).toMatchObject({ status: 404 });
    expect(await get(`${server.url}%`)).toMatchObject({ status: 404 });
    expect(await get(`${server.url}a`, { method: 'POST' })).toMatchObject({ status: 405 });
    expect(await get(`${server.url}a`, { host: 'evil.example' })).toMatchObject({ status: 403 });
  });

  test('says which option to change when its port is taken', async () => {
    await using server = await serveReadOnly({ host: '127.0.0.1', port: 0 }, pages, '--web');
    const { port } = new URL(server.url);
    const again = serveReadOnly({ host: '127.0.0.1', port: Number(port) }, pages, '--web');
    await expect(again).rejects.toThrow(`--web: cannot listen on 127.0.0.1:${port}: `);
  });
});

describe('the reports in a browser', () => {
  const reports = path.join(folder, 'reports');
  const run = path.join(reports, 'x', 'run');
  mkdirSync(path.join(run, '.hidden'), { recursive: true });
  writeFileSync(path.join(folder, 'secret.html'), 'secret');
  writeFileSync(path.join(reports, 'index.html'), 'all runs');
  writeFileSync(path.join(run, 'report.html'), 'report');
  writeFileSync(path.join(run, 'lab.json'), '{}');
  writeFileSync(path.join(run, '0.bin'), 'journal');
  writeFileSync(path.join(run, '.hidden', 'a.html'), 'hidden');
  symlinkSync(path.join(folder, 'secret.html'), path.join(run, 'link.html'));

  test('are served as they lie there', async () => {
    expect((await reportsPage(reports, '/'))?.body.toString()).toBe('all runs');
    expect((await reportsPage(reports, '/x/run/report.html'))?.body.toString()).toBe('report');
  });

  test.each([
    ...['/../secret.html', '/x/run/link.html', '/x/run/lab.json', '/x/run/.hidden/a.html'],
    ...['/x/run/0.bin', '/x/run', '/x/run/none.html', '/\0.html'],
  ])('%j is not', async (asked) => {
    expect(await reportsPage(reports, asked)).toBeUndefined();
  });
});

describe('a run that goes on', () => {
  async function begun(watch: LiveWatch): Promise<void> {
    const originNs = String(process.hrtime.bigint());
    watch.event({
      ...{ type: 'run', runId: 'r', startedAt: '', originNs, versions: {}, reproduce: '' },
    });
    watch.event({ type: 'phase', phase: 'load', edge: 'begin' });
    watch.event({ type: 'load', edge: 'begin', originNs });
    watch.event({
      type: 'topology',
      topology: {
        leader: 'pg1',
        members: [
          { node: 'pg1', role: 'primary', timeline: 3 },
          { node: 'pg2', role: 'replica', timeline: 3 },
        ],
        syncStandbys: [],
        isPaused: false,
      },
    });
    watch.event({ type: 'lag', bytes: { pg2: 512 } });
    const cut = { type: 'inject', id: 'cut', fault: 'partition', targets: ['pg1'] } as const;
    watch.event({ ...cut, plannedAtMs: 0 });
    watch.event({ type: 'injected', id: 'cut', detail: {} });
    watch.figures(second(0));
    const failed = { ...none, failed: 2, indeterminate: 1 };
    const operations = { insert: failed, update: none, delete: none };
    const errors = { '': 1, '57P01': 2 };
    watch.figures(second(1_000, { operations, rows: 0, errors, latencyMs: null, serviceMs: null }));
    await Promise.resolve();
  }

  async function watching(options: Parameters<typeof watchLive>[1]) {
    const lines: string[] = [];
    const watch = await watchLive(plan, options, (line) => lines.push(line));
    if (!watch) throw new Error('nothing is watched');
    const urls = lines.map((line) => line.slice(line.indexOf('http')));
    return { watch, urls };
  }

  test('is not served unless it was asked for', async () => {
    expect(await watchLive(plan, {}, () => undefined)).toBeUndefined();
  });

  test('has its counts, roles and faults as metrics, and no latency where nothing was acknowledged', async () => {
    const { watch, urls } = await watching({ prometheus: ':0' });
    await using _watch = watch;
    await begun(watch);
    const { body } = await get(urls[0] ?? '');
    for (const line of [
      'forkpoint_run_info{scenario="noop",seed="1",backend="local"} 1',
      'forkpoint_operations_total{kind="insert",outcome="acknowledged"} 10',
      'forkpoint_operations_total{kind="insert",outcome="failed"} 2',
      'forkpoint_errors_total{sqlstate="none"} 1',
      'forkpoint_errors_total{sqlstate="57P01"} 2',
      'forkpoint_node_role{node="pg1",role="primary"} 1',
      'forkpoint_node_role{node="pg1",role="replica"} 0',
      'forkpoint_node_is_leader{node="pg2"} 0',
      'forkpoint_node_timeline{node="pg2"} 3',
      'forkpoint_replica_lag_bytes{node="pg2"} 512',
      'forkpoint_fault_in_force{id="cut",fault="partition"} 1',
      'forkpoint_phase{phase="load"} 1',
      'forkpoint_clients{state="connected"} 4',
    ]) {
      expect(body.split('\n')).toContain(line);
    }
    expect(body).not.toContain('forkpoint_latency_seconds{');
    expect(body).not.toContain('forkpoint_verdict{');
  });

  test('keeps its end up until it was scraped', async () => {
    const { watch, urls } = await watching({ prometheus: ':0' });
    await using _watch = watch;
    await begun(watch);
    await get(urls[0] ?? '');
    const ended = watch.end(lossy, folder, never);
    const { body } = await get(urls[0] ?? '');
    expect(body).toContain('forkpoint_verdict{status="fail"}');
    expect(body).toMatch(/^forkpoint_writes\{fate="lost"\} \d+$/m);
    await ended;
  });

  test('has a page, its state and at the end its report', async () => {
    const { watch, urls } = await watching({ web: ':0' });
    await using _watch = watch;
    await begun(watch);
    watch.line('<b>boot</b>');
    const url = urls[0] ?? '';
    expect((await get(url)).body).toContain('connect-src &#39;self&#39;');
    expect(await get(`${url}report.html`)).toMatchObject({ status: 404 });
    const state = JSON.parse((await get(`${url}state.json`)).body) as Record<string, unknown>;
    expect(state).toMatchObject({
      state: 'load',
      acknowledged: 10,
      perSecond: 0,
      p99Ms: null,
      inForce: ['cut (pg1)'],
      members: ['pg1: leader, timeline 3', 'pg2: replica, timeline 3, lag 512 bytes'],
      lines: ['<b>boot</b>'],
      report: null,
    });
    expect(state.charts).toMatchObject({ step: 1, start: 0, acknowledged: [10, 0] });
    writeFileSync(path.join(folder, 'report.html'), 'the report');
    const ended = watch.end(lossy, folder, never);
    expect(JSON.parse((await get(`${url}state.json`)).body)).toMatchObject({
      report: 'report.html',
    });
    expect(await get(`${url}report.html`)).toEqual({ status: 200, body: 'the report' });
    await ended;
  });

  test('that has no report shows its end on the page itself', async () => {
    const { watch, urls } = await watching({ web: ':0' });
    await using _watch = watch;
    await begun(watch);
    await get(`${urls[0] ?? ''}state.json`);
    const ended = watch.end(lossy, path.join(folder, 'none'), never);
    expect(JSON.parse((await get(`${urls[0] ?? ''}state.json`)).body)).toMatchObject({
      state: 'fail',
      report: null,
    });
    await ended;
  });

  test('that was interrupted does not wait until its end was seen', async () => {
    const { watch, urls } = await watching({ prometheus: ':0' });
    await using _watch = watch;
    await get(urls[0] ?? '');
    const startedMs = performance.now();
    await watch.end(lossy, folder, AbortSignal.abort());
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  test('draws its last half hour', () => {
    const run = new LiveRun();
    const originNs = String(process.hrtime.bigint());
    run.event({
      ...{ type: 'run', runId: 'r', startedAt: '', originNs, versions: {}, reproduce: '' },
    });
    run.event({ type: 'load', edge: 'begin', originNs });
    for (let at = 0; at < 2_000; at++) run.figures(second(at * 1_000));
    expect(run.acknowledged).toBe(20_000);
    expect(run.charts()).toMatchObject({ start: 200, end: 2_000 });
  });
});

describe('the metrics', () => {
  async function namesServed(): Promise<readonly string[]> {
    const lines: string[] = [];
    await using _watch = await watchLive(plan, { prometheus: ':0' }, (line) => lines.push(line));
    const { body } = await get(/http\S+/.exec(lines.join())?.[0] ?? '');
    return [...body.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name).sort();
  }
  const read = (file: string) =>
    readFileSync(path.resolve(import.meta.dirname, '../../../docs', file), 'utf8');

  test('are all in docs/load.md, and no others', async () => {
    const table = read('load.md').split('## Metrics')[1] ?? '';
    const documented = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => `forkpoint_${name}`);
    expect(documented.sort()).toEqual(await namesServed());
  });

  test('are those that the dashboard asks for', async () => {
    const asked = read('grafana/forkpoint.json').match(/forkpoint_\w+/g) ?? [];
    const served = await namesServed();
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !served.includes(name))).toEqual([]);
  });

  test('answer every query of the dashboard once a run has had all there is', async () => {
    const metrics = new Metrics(plan);
    metrics.figures(
      second(0, { errors: { '40001': 1 }, retried: 1, ...ofReads, groups: { app: group } }),
    );
    const topology = { leader: 'pg1', members: [{ node: 'pg1', role: 'primary', timeline: 1 }] };
    metrics.event({ type: 'topology', topology } as unknown as NewEvent);
    metrics.event({ type: 'lag', bytes: { pg2: 5 } });
    metrics.event({ type: 'inject', id: 'cut', fault: 'partition' } as unknown as NewEvent);
    const said = { confirmedLsn: '0/200', stagedBatches: 2, stagedBytes: 900, failedAttempts: 3 };
    for (const line of [
      { type: 'started', pid: 7 },
      { type: 'delivered', batch: 1, changes: 40, lsn: '0/200' },
      { type: 'state', ...said, lagMs: 1_500 },
      { type: 'gap', fromLsn: '0/1', toLsn: '0/2', why: 'the slot is gone' },
    ] as const) {
      metrics.consumer('feed', { ...line, atNs: '0' });
    }
    metrics.result(lossy);
    const samples = samplesIn(await metrics.text());
    const { panels } = JSON.parse(read('grafana/forkpoint.json')) as Dashboard;
    const queries = panels.flatMap(({ targets }) => targets);
    expect(queries.length).toBeGreaterThan(20);
    const empty = queries.filter(({ expr, legendFormat = '' }) => {
      const [found] = answersTo(expr, samples);
      const shown = [...legendFormat.matchAll(/{{(\w+)}}/g)].map(([, label = '']) => label);
      return !found || shown.some((label) => !(label in found));
    });
    expect(empty).toEqual([]);
    expect(answersTo('forkpoint_clients{state="none"}', samples)).toEqual([]);
  });
});

const reads = { answered: 3, failed: 1, latencyMs: latency, serviceMs: latency };
const bytes = { sent: 100, received: 50 };
const ofReads = {
  reads,
  bytes,
  clients: { connected: 4, inFlight: 1, unstarted: 0, backingOff: 1 },
};
const group = { ...second(0, { errors: { '': 1 }, ...ofReads }) };

interface Dashboard {
  readonly panels: readonly {
    readonly targets: readonly { readonly expr: string; readonly legendFormat?: string }[];
  }[];
}
interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Of Prometheus' text format. */
function samplesIn(text: string): readonly Sample[] {
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)].map(([, name = '', labels = '']) => {
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)];
    return {
      name,
      labels: Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, value])),
    };
  });
}

/** The label sets that a query of the dashboard answers with: selectors, `rate`, `deriv`, `sum` and `sum by`. */
function answersTo(expr: string, samples: readonly Sample[]): readonly Sample['labels'][] {
  const [, by, inner = ''] = /^sum(?: by \(([\w, ]+)\))? ?\((.*)\)$/.exec(expr) ?? [
    '',
    undefined,
    expr,
  ];
  const selector = /^(?:(?:rate|deriv)\()?(\w+)(?:\{([^}]*)\})?(?:\[15s\]\))?$/.exec(inner);
  if (!selector) throw new Error(`the test cannot read the query ${expr}`);
  const [, name, conditions = ''] = selector;
  const matchers = [...conditions.matchAll(/(\w+)(=~|=)"([^"]*)"/g)];
  const found = samples.filter(
    (sample) =>
      sample.name === name &&
      matchers.every(([, key = '', how, value = '']) => {
        const actual = sample.labels[key] ?? '';
        return how === '=' ? actual === value : new RegExp(`^(?:${value})$`).test(actual);
      }),
  );
  const kept = by?.split(', ');
  if (expr.startsWith('sum') && !kept) return found.length > 0 ? [{}] : [];
  return found.map(({ labels }) =>
    kept
      ? Object.fromEntries(
          kept.flatMap((key) => (labels[key] === undefined ? [] : [[key, labels[key]]])),
        )
      : labels,
  );
}
