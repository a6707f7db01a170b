import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import type { Figures } from '../../src/contracts/figures.ts';
import type { NewEvent } from '../../src/evidence/events/event-log.ts';
import { watchLive } from '../../src/live/watch-live.ts';
import { loadRegistry } from '../../src/registry.ts';
import { parseScenario } from '../../src/scenario/parse/parse.ts';
import { planScenario } from '../../src/scenario/plan/plan.ts';
import html from '../../src/reporters/html.ts';
import { coloursPerChart, hasChromium, launch, lookAt } from '../helpers/chromium.ts';
import { losing } from '../helpers/sample-results.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-live-'));
/** The page asks once a second, on a machine that may be busy. */
const soon = { timeout: 30_000 };
let browser: Browser;
const registry = await loadRegistry();
const text = `name: noop
claim: <img src=x onerror=alert(1)> is only text.
load: { duration: 10s }
faults: []
expect: { lost: 0 }
`;
const plan = planScenario(parseScenario(text, { file: 'x.yaml', registry }), {
  seed: 1,
  backend: 'local',
  registry,
});

function second(atMs: number): Figures {
  const none = { acknowledged: 0, localOnly: 0, failed: 0, indeterminate: 0 };
  const latency = { mean: 2, p50: 1.5, p95: 3, p99: 4, p999: 5, max: 6 };
  return {
    atMs,
    lengthMs: 1_000,
    rows: 500,
    errors: {},
    latencyMs: latency,
    serviceMs: latency,
    operations: { insert: { ...none, acknowledged: 500 + atMs / 100 }, update: none, delete: none },
  };
}

describe.skipIf(!hasChromium)('a run in a browser while it goes on', () => {
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  test('fills its charts, keeps what was zoomed into, and becomes the report', async () => {
    const lines: string[] = [];
    await using live = await watchLive(plan, { web: ':0' }, (line) => lines.push(line));
    const url = /http\S+/.exec(lines.join())?.[0] ?? '';
    const originNs = String(process.hrtime.bigint());
    const members = [{ node: 'pg1', role: 'primary', timeline: 1 }];
    const topology = { leader: 'pg1', members, syncStandbys: [], isPaused: false };
    const events = [
      { type: 'run', runId: 'r', startedAt: '', originNs, versions: {}, reproduce: '' },
      { type: 'load', edge: 'begin', originNs },
      { type: 'phase', phase: 'load', edge: 'begin' },
      { type: 'topology', topology },
    ] as NewEvent[];
    for (const event of events) live?.event(event);
    for (let at = 0; at < 5; at++) live?.figures(second(at * 1_000));
    const { page, complaints, requests } = await lookAt(browser, url, { width: 1280, height: 800 });
    await expect.poll(() => page.locator('#state').textContent(), soon).toBe('load');
    await expect.poll(() => page.locator('#rate').textContent(), soon).toBe('540');
    expect(await page.locator('#members').textContent()).toBe('pg1: leader, timeline 1');
    await expect
      .poll(async () => (await coloursPerChart(page)).map((colours) => colours > 3), soon)
      .toEqual([true, true, true]);
    const zoom = () => page.evaluate(`document.querySelector('#charts').dataset.zoom`);
    await page.locator('[data-zoom=in]').click();
    const zoomed = await zoom();
    for (let at = 5; at < 9; at++) live?.figures(second(at * 1_000));
    await expect.poll(() => page.locator('#rate').textContent(), soon).toBe('580');
    expect(await zoom()).toBe(zoomed);
    // It asks its own server and no other, and a claim is no markup.
    expect(requests.filter((asked) => !asked.startsWith(url))).toEqual([]);
    expect([complaints, await page.locator('.what img').count()]).toEqual([[], 0]);
    writeFileSync(path.join(folder, 'report.html'), html.render(losing));
    await live?.end(losing, folder, new AbortController().signal);
    await expect.poll(() => page.url(), soon).toBe(`${url}report.html`);
    await page.close();
  });
});
