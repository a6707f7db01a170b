import { type Browser, chromium, type Page } from 'playwright-core';
import { browserPath } from '../../src/commands/support/test-needs.ts';

const executablePath = browserPath();
const howToGet = 'npm run forkpoint -- doctor --for tests --install; CHROMIUM names another';

/** False: no browser here. With FORKPOINT_REQUIRE_CHROMIUM=1 that is a failure instead of a skip. */
export const hasChromium = executablePath !== undefined;
if (!hasChromium && process.env.FORKPOINT_REQUIRE_CHROMIUM === '1') {
  throw new Error(`no Chromium on this host: ${howToGet}`);
}
if (!hasChromium) {
  process.stderr.write(`No Chromium: the HTML report is not looked at (${howToGet})\n`);
}

export function launch(): Promise<Browser> {
  // As root, which labs need, the browser's sandbox does not work.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: executablePath ?? '', args });
}

export interface Look {
  readonly page: Page;
  /** Console messages of level warning and above, and exceptions. */
  readonly complaints: readonly string[];
  /** Every request except the one for the file itself. */
  readonly requests: readonly string[];
}

/** Opens a file, or an address, in the browser, and records the page's messages and requests. */
export async function lookAt(
  browser: Browser,
  file: string,
  view: { readonly width: number; readonly height: number; readonly scheme?: 'light' | 'dark' },
): Promise<Look> {
  const { width, height, scheme = 'light' } = view;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const url = file.startsWith('http') ? file : `file://${file}`;
  page.on('request', (request) => {
    if (request.url() !== url) requests.push(request.url());
  });
  await page.goto(url);
  return { page, complaints, requests };
}

/** Distinct colours in each canvas: a chart that drew nothing has one. */
export function coloursPerChart(page: Page): Promise<number[]> {
  // Code for the page is text, because Node does not have the browser's globals.
  return page.evaluate(`[...document.querySelectorAll('canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  })`);
}
