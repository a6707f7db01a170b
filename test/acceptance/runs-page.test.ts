import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PastRun } from '../../src/contracts/history.ts';
import { runsPage } from '../../src/render/runs-page/runs-page.ts';
import { coloursPerChart, hasChromium, launch, lookAt } from '../helpers/chromium.ts';
import { nightsOf } from '../helpers/records.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-index-'));
const view = { width: 1280, height: 800 };
let browser: Browser;

const runs: readonly PastRun[] = [
  ...nightsOf(['pass', 'fail', 'pass', 'pass', 'fail']),
  ...nightsOf(['pass', 'pass', 'pass', 'unknown'], { scenario: 'flapping' }),
];

function write(name: string, shown: readonly PastRun[] = runs): string {
  const file = path.join(folder, name);
  writeFileSync(file, runsPage({ runs: shown, skipped: [], overviews: [] }));
  return file;
}

// Code for the page is text, because Node does not have the browser's globals.
function visibleRows(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('#runs tbody tr')]
    .filter((row) => row.offsetParent !== null)
    .map(({ dataset }) => dataset.scenario + ' ' + dataset.status)`);
}

describe.skipIf(!hasChromium)('index.html in a browser', () => {
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  test.each(['light', 'dark'] as const)(
    'shows the runs of the chosen scenario and draws its trends, %s',
    async (scheme) => {
      const { page, complaints, requests } = await lookAt(browser, write('a.html'), {
        ...view,
        scheme,
      });
      expect(await visibleRows(page)).toHaveLength(9);
      await page.locator('#scenario').selectOption('partition-5s');
      await expect.poll(() => visibleRows(page)).toHaveLength(5);
      await page.locator('#status').selectOption('fail');
      await expect.poll(() => visibleRows(page)).toEqual(Array(2).fill('partition-5s fail'));
      expect(await page.locator('#count').textContent()).toBe('2 of 9 runs');
      expect((await coloursPerChart(page)).map((colours) => colours > 3)).toEqual(
        Array(4).fill(true),
      );
      expect(page.url()).toMatch(/#scenario=partition-5s&status=fail$/);
      expect([complaints, requests]).toEqual([[], []]);
      await page.close();
    },
  );

  test('a link selects a scenario, going back deselects it, and the pointer shows values', async () => {
    const { page } = await lookAt(browser, write('b.html'), view);
    await page.getByRole('link', { name: 'flapping' }).click();
    await expect.poll(() => visibleRows(page)).toHaveLength(4);
    const chart = (await page.locator('#charts canvas').first().boundingBox())!;
    await page.mouse.move(chart.x + chart.width - 20, chart.y + 40);
    await expect
      .poll(() => page.locator('#readout').textContent())
      .toMatch(/^2026-11-04 02:00 UTC · unknown · lost 0 · outage 5 · /);
    await page.goBack();
    await expect.poll(() => visibleRows(page)).toHaveLength(9);
    await page.close();
  });

  test('links only to reports that still exist beside the page', async () => {
    const { page } = await lookAt(browser, write('c.html'), view);
    const links = await page.evaluate<string[]>(
      `[...document.querySelectorAll('#runs a')].map((link) => link.getAttribute('href'))`,
    );
    expect(links).toEqual([
      ...[
        './partition-5s/20261105T020030Z/report.html',
        './partition-5s/20261104T020030Z/report.html',
      ],
      ...['./flapping/20261104T020030Z/report.html', './flapping/20261103T020030Z/report.html'],
    ]);
    await page.close();
  });

  test('fits a phone', async () => {
    const { page, complaints } = await lookAt(browser, write('phone.html'), {
      width: 390,
      height: 844,
    });
    await page.locator('#scenario').selectOption('partition-5s');
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect([width <= 390, complaints]).toEqual([true, []]);
    await page.close();
  });

  test('runs no script from a name, a reason, a folder or the address', async () => {
    const hostile =
      '</script><script>window.stolen=1</script><img src=x onerror="window.stolen=1">';
    const shown = runs.map((run) => ({
      ...run,
      scenario: hostile,
      backend: hostile,
      reason: hostile,
      overrides: [hostile],
      commit: hostile,
      suite: `suites/${hostile}/x`,
      hasReport: true,
      directory: `javascript:window.stolen=1/${hostile}`,
    }));
    const file = write('hostile.html', shown);
    const { page, complaints, requests } = await lookAt(browser, file, view);
    await page.evaluate(`location.hash = 'scenario=%3Cimg%20src=x%3E&status=%'`);
    await page.locator('#scenario').selectOption(hostile);
    await expect.poll(() => page.locator('#charts canvas').count()).toBe(4);
    expect(await page.evaluate(`'stolen' in window`)).toBe(false);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
    expect([complaints, requests]).toEqual([[], []]);
    await page.close();
  });

  test('shows every run and every line without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`file://${write('plain.html')}`);
    expect(await page.locator('#runs tbody tr').count()).toBe(9);
    expect(await page.locator('svg.spark').count()).toBe(8);
    await context.close();
  });
});
