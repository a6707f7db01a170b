import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredLine } from '../contracts/downstream.ts';
import type { Figures } from '../contracts/figures.ts';
import type { Result } from '../contracts/result.ts';
import type { Plan } from '../contracts/scenario.ts';
import type { NewEvent } from '../evidence/events/event-log.ts';
import { listenAddress } from './listen-address.ts';
import { livePage } from './live-page.ts';
import { LiveRun } from './live-run.ts';
import { LiveWords } from './live-view.ts';
import type { Metrics } from './metrics.ts';
import { type ReadOnlyServer, serveReadOnly } from './read-only-server.ts';

/** How long the end of a run is kept up for who is watching it: as long as Prometheus waits between scrapes by default. */
const lingerMs = 15_000;
/** A page asks once a second, a scraper more seldom. */
const watcherIsGoneMs = 60_000;

export interface LiveOptions {
  readonly prometheus?: string;
  readonly web?: string;
}

/** Shows a run to those who watch it elsewhere than on its terminal. */
export interface LiveWatch extends AsyncDisposable {
  line(text: string): void;
  event(event: NewEvent): void;
  figures(figures: Figures): void;
  /** What a consumer of the run said. */
  consumer(name: string, line: StoredLine): void;
  /** Resolves when the pages and scrapers that asked lately have seen it, or after 15 s, or when aborted. */
  end(result: Result, directory: string, signal: AbortSignal): Promise<void>;
}

/** Undefined: neither was asked for. Errors: ScenarioError for a wrong address, EnvironmentError for one in use. */
export async function watchLive(
  plan: Plan,
  { prometheus, web }: LiveOptions,
  log: (line: string) => void,
): Promise<LiveWatch | undefined> {
  if (prometheus === undefined && web === undefined) return undefined;
  await using servers = new AsyncDisposableStack();
  const metrics = prometheus === undefined ? undefined : await metricsOf(plan);
  const seen = new Seen();
  const run = new LiveRun();
  const words = new LiveWords();
  let report: string | undefined;
  if (prometheus !== undefined && metrics) {
    const server = servers.use(await serveMetrics(metrics, prometheus, seen));
    log(`metrics for Prometheus: ${server.url}metrics`);
  }
  if (web !== undefined) {
    const address = listenAddress(web, '--web');
    const pages = async (name: string) => {
      if (name === '/') return { type: htmlType, body: livePage(plan) };
      if (name === '/state.json') {
        seen.look('web', report === undefined);
        const view = words.view(run, report === undefined ? null : 'report.html');
        return { type: 'application/json', body: JSON.stringify(view) };
      }
      if (name !== '/report.html' || report === undefined) return undefined;
      const body = await readFile(report, 'utf8');
      seen.end('web');
      return { type: htmlType, body };
    };
    const server = servers.use(await serveReadOnly(address, pages, '--web'));
    log(`this run in a browser: ${server.url}`);
  }
  const kept = servers.move();
  return {
    line: (text) => words.line(text),
    event: (event) => {
      metrics?.event(event);
      run.event(event);
      words.event(event);
    },
    figures: (figures) => {
      metrics?.figures(figures);
      run.figures(figures);
    },
    consumer: (name, line) => metrics?.consumer(name, line),
    end: async (result, directory, signal) => {
      metrics?.result(result);
      words.result(result);
      const file = path.join(directory, 'report.html');
      // A full disk leaves a run without a report.
      if (existsSync(file)) report = file;
      await seen.untilSeen(signal);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const htmlType = 'text/html; charset=utf-8';

/** The library is loaded only by who asks for it. */
async function metricsOf(plan: Plan): Promise<Metrics> {
  const { Metrics } = await import('./metrics.ts');
  return new Metrics(plan);
}

function serveMetrics(metrics: Metrics, option: string, seen: Seen): Promise<ReadOnlyServer> {
  const pages = async (name: string) => {
    if (name !== '/metrics') return undefined;
    const body = await metrics.text();
    seen.look('metrics', true);
    return { type: metrics.contentType, body };
  };
  return serveReadOnly(listenAddress(option, '--prometheus'), pages, '--prometheus');
}

/** Who is watching, and whether they have seen the end. */
class Seen {
  readonly #lastLookMs = new Map<string, number>();
  readonly #waiting = new Set<string>();
  #hasEnded = false;

  /** `isAll`: once the run has ended, this one answer shows its end; a page has to fetch the report, too. */
  look(who: string, isAll: boolean): void {
    this.#lastLookMs.set(who, performance.now());
    if (isAll && this.#hasEnded) this.#waiting.delete(who);
  }

  end(who: string): void {
    this.#waiting.delete(who);
  }

  async untilSeen(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    for (const [who, atMs] of this.#lastLookMs) {
      if (now - atMs < watcherIsGoneMs) this.#waiting.add(who);
    }
    this.#hasEnded = true;
    const untilMs = now + lingerMs;
    while (this.#waiting.size > 0 && performance.now() < untilMs && !signal.aborted) {
      await sleep(100);
    }
  }
}
