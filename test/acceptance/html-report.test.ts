import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogExcerpt, RunLinks } from '../../src/contracts/evidence.ts';
import type { DownstreamResult, Result } from '../../src/contracts/result.ts';
import html from '../../src/reporters/html.ts';
import { coloursPerChart, hasChromium, launch, lookAt } from '../helpers/chromium.ts';
import { withTimeline } from '../helpers/sample-results.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-html-'));
let browser: Browser;

function write(name: string, result: Result, links?: RunLinks): string {
  const file = path.join(folder, name);
  writeFileSync(file, html.render(result, links));
  return file;
}

const log: LogExcerpt = {
  lines: [
    [1_000, 'pg2', 'patroni', 'INFO: no action'],
    [5_200, 'pg1', 'postgres', '[7] LOG:  received fast shutdown request'],
    [5_400, 'pg2', 'patroni', 'INFO: promoted self to leader <b>now</b>'],
  ],
  leftOut: 3,
};

const consumer: DownstreamResult = {
  ...{ name: 'feed', consumer: 'cdc', reason: null, expected: 900, delivered: 800, missing: 100 },
  missingAt: { slot: 100, consumer: 0, sink: 0 },
  ...{ skipped: 0, duplicates: 0, outOfOrder: 0, corrupted: 0, phantoms: 0, longestLagMs: 9000 },
  ...{ gaps: [], missingRanges: [], anomalies: [], confirmedLsn: '0/1', starts: 1 },
  stopped: 'slot feed does not exist on pg2, timeline 2',
  course: {
    spans: [
      { state: 'up', fromMs: -500, toMs: 4_000 },
      { state: 'frozen', fromMs: 4_000, toMs: 6_000 },
      { state: 'sinkAway', fromMs: 6_000, toMs: 9_000 },
      { state: 'down', fromMs: 9_000, toMs: 30_000 },
    ],
    deliveries: [{ fromMs: 4_000, batches: 2, changes: 120 }],
    gapsAtMs: [8_900],
  },
};

// Code for the page is text, because Node does not have the browser's globals.

function zoomed(page: Page): Promise<string> {
  return page.evaluate(`document.querySelector('#charts').dataset.zoom`);
}

describe.skipIf(!hasChromium)('report.html in a browser', () => {
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  test.each(['light', 'dark'] as const)(
    'shows what was lost, where, when and why at 1280x800 without scrolling, %s',
    async (scheme) => {
      const file = write('lossy.html', withTimeline);
      const { page, complaints, requests } = await lookAt(browser, file, {
        width: 1280,
        height: 800,
        scheme,
      });
      expect([complaints, requests]).toEqual([[], []]);
      expect((await coloursPerChart(page)).map((colours) => colours > 3)).toEqual(
        Array(6).fill(true),
      );
      for (const part of ['.what', '.why', '.tiles', '#charts canvas >> nth=-1', '#legend']) {
        const box = await page.locator(part).boundingBox();
        expect([part, (box?.y ?? 9e9) + (box?.height ?? 9e9) <= 800]).toEqual([part, true]);
      }
      await page.close();
    },
  );

  test('shows the values at the pointer, zooms into a dragged range, and resets', async () => {
    const { page, complaints } = await lookAt(browser, write('zoom.html', withTimeline), {
      width: 1280,
      height: 800,
    });
    const chart = (await page.locator('#charts canvas').nth(1).boundingBox())!;
    const at = (share: number) => [chart.x + chart.width * share, chart.y + 40] as const;
    await page.mouse.move(...at(0.5));
    await expect
      .poll(() => page.locator('#readout').textContent())
      .toMatch(/writes\/s · .*pg1 leader \(unreachable\), pg2/);
    await page.mouse.move(...at(0.3));
    await page.mouse.down();
    await page.mouse.move(...at(0.6), { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => zoomed(page)).not.toBe('0-20');
    await page.getByRole('button', { name: 'All' }).click();
    await expect.poll(() => zoomed(page)).toBe('0-20');
    await page.locator('#charts').focus();
    await page.keyboard.press('+');
    await expect.poll(() => zoomed(page)).toBe('5-15');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('#readout').textContent()).toMatch(/ s · /);
    await page.keyboard.press('Escape');
    await expect.poll(() => zoomed(page)).toBe('0-20');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('has a lane for each consumer, and says at the pointer what it did', async () => {
    const { page, complaints } = await lookAt(
      browser,
      write('consumers.html', { ...withTimeline, downstream: [consumer] }),
      { width: 1280, height: 800 },
    );
    expect((await coloursPerChart(page)).map((colours) => colours > 3)).toEqual(
      Array(7).fill(true),
    );
    const lane = (await page.locator('#charts canvas').nth(1).boundingBox())!;
    await page.mouse.move(lane.x + 62 + (lane.width - 78) * 0.225, lane.y + 20);
    await expect
      .poll(() => page.locator('#readout').textContent())
      .toMatch(/feed frozen, 120 delivered\/s/);
    expect(await page.locator('#legend').innerText()).toContain('a consumer names a gap');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('shows what the nodes logged around a moment that is linked to, clicked on a chart, or chosen by node', async () => {
    const file = write('look.html', withTimeline, { files: [], log });
    const view = { width: 1280, height: 800 };
    const { page, complaints } = await lookAt(browser, `${file}#at=5.300`, view);
    const shown = () => page.locator('#look-lines tr').allInnerTexts();
    expect((await shown()).map((text) => text.split('\t').slice(0, 3))).toEqual([
      ['5.200 s', 'pg1', 'postgres'],
      ['5.400 s', 'pg2', 'patroni'],
    ]);
    expect(await page.locator('#look-lines b').count()).toBe(0);
    await page.locator('#look-form [value=pg1]').uncheck();
    expect(await shown()).toHaveLength(1);
    const canvas = page.locator('#charts canvas').nth(1);
    await canvas.scrollIntoViewIfNeeded();
    const chart = (await canvas.boundingBox())!;
    await page.mouse.click(chart.x + chart.width * 0.1, chart.y + 40);
    const inAddress = () =>
      page.evaluate<string>('location.hash').then((hash) => Number(hash.slice(4)));
    await expect.poll(inAddress).toBeLessThan(3);
    expect((await shown()).map((text) => text.split('\t')[0])).toEqual(['1.000 s']);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('saves lost writes and series as CSV, and narrows the table of lost writes', async () => {
    const { page, complaints } = await lookAt(browser, write('csv.html', withTimeline), {
      width: 1280,
      height: 800,
    });
    const saved = async (name: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name }).click(),
      ]);
      return readFileSync(await download.path(), 'utf8')
        .trimEnd()
        .split('\r\n');
    };
    const lost = await saved('Lost writes as CSV');
    expect(lost).toHaveLength(1 + withTimeline.lostRanges.length);
    expect(lost[0]).toMatch(/^writer,kind,from,to,/);
    const series = await saved('Chart series as CSV');
    expect(series).toHaveLength(1 + withTimeline.timeline!.acknowledged.length);
    const rows = page.locator('[data-lost] tbody tr');
    const all = await rows.count();
    const writer = await rows.first().locator('td').first().innerText();
    await page.getByLabel('Lost writes of which writer').selectOption(writer);
    const left = await rows.filter({ visible: true }).allInnerTexts();
    expect(left.length).toBeLessThan(all);
    expect(new Set(left.map((text) => text.split('\t')[0]))).toEqual(new Set([writer]));
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('fits a phone: only tables that scroll by themselves are wider than the screen', async () => {
    const { page, complaints } = await lookAt(browser, write('phone.html', withTimeline), {
      width: 390,
      height: 844,
    });
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect([width <= 390, complaints]).toEqual([true, []]);
    await page.close();
  });

  test('prints on white paper in dark mode too', async () => {
    const { page } = await lookAt(browser, write('print.html', withTimeline), {
      width: 1280,
      height: 800,
      scheme: 'dark',
    });
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.length).toBeGreaterThan(20_000);
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
    const paper = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(paper).toBe('rgb(255, 255, 255)');
    await page.close();
  });

  test('runs no script from a name, a node or an error text', async () => {
    const hostile =
      '</script><script>window.stolen=1</script><img src=x onerror="window.stolen=1">';
    const result: Result = {
      ...withTimeline,
      scenario: hostile,
      claim: hostile,
      problems: [hostile],
      backend: hostile,
      faults: withTimeline.faults.map((fault) => ({ ...fault, id: hostile, targets: [hostile] })),
      checks: withTimeline.checks.map((check) => ({ ...check, summary: hostile })),
      rejoins: withTimeline.rejoins!.map((rejoin) => ({ ...rejoin, node: hostile, said: hostile })),
      staleHolders: [{ node: hostile, before: hostile, timeline: 1, atMs: 1 }],
      structure: [{ node: hostile, relation: hostile, message: hostile }],
      timeline: {
        ...withTimeline.timeline!,
        roles: withTimeline.timeline!.roles.map((role) => ({ ...role, node: hostile })),
        unreachable: [{ node: hostile, fromMs: 0, toMs: 9_000 }],
      },
    };
    const { page, complaints, requests } = await lookAt(browser, write('hostile.html', result), {
      width: 1280,
      height: 800,
    });
    expect(await page.evaluate(`'stolen' in window`)).toBe(false);
    expect(await page.locator('img').count()).toBe(0);
    expect([complaints, requests]).toEqual([[], []]);
    await page.close();
  });

  test('shows every number without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`file://${write('plain.html', withTimeline)}`);
    expect(await page.locator('table').count()).toBeGreaterThan(4);
    expect(await page.locator('noscript').textContent()).toMatch(/every number is in the tables/);
    await context.close();
  });

  test('names every part for screen readers', async () => {
    const { page } = await lookAt(browser, write('names.html', withTimeline), {
      width: 1280,
      height: 800,
    });
    const unnamed = await page.evaluate<number>(`
      [...document.querySelectorAll('[role=img], button, [tabindex="0"]')].filter(
        (element) => (element.getAttribute('aria-label') ?? element.textContent) === '',
      ).length`);
    const levels = await page.evaluate<string[]>(
      `[...document.querySelectorAll('h1, h2')].map(({ tagName }) => tagName)`,
    );
    expect([unnamed, levels[0], new Set(levels.slice(1))]).toEqual([0, 'H1', new Set(['H2'])]);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.close();
  });
});
