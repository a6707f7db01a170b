import path from 'node:path';
import type { RunRecord } from '../contracts/history.ts';
import type { EntryResult, PlannedEntry, SuiteResult } from '../contracts/suite.ts';
import { messageOf } from '../std/errors.ts';
import { runPool } from '../std/job-pool.ts';
import type { Night } from '../history/suite-runs.ts';
import { newSuiteFolder, reportsFolder } from '../evidence/store/run-folders.ts';
import { entryWithoutRun, judgeEntry } from './entry-result.ts';
import { worstExitCode } from './exit-codes.ts';
import { exitCodeAgainst, unexpectedPass } from './expected-end.ts';
import { linksBelow } from './links-below.ts';
import { suiteHtml } from './render/html.ts';
import { suiteJunit } from './render/junit.ts';
import { suiteMarkdown } from './render/markdown.ts';
import { startOrder } from './order.ts';
import { recordEntry } from './record-entry.ts';
import { startRun } from './start-run.ts';
import { isRegression, summarize } from './summarize.ts';
import { describeEntry } from './render/table.ts';
import { monotonicMs } from '../std/wait.ts';
import { writeWhole } from '../std/write-whole.ts';

export interface SuiteRunOptions {
  readonly name: string;
  readonly entries: readonly PlannedEntry[];
  readonly jobs: number;
  /** The command line that starts Forkpoint: node, its flags, the script. */
  readonly cli: readonly string[];
  /** Why this host cannot run an entry; undefined when it can. */
  impossible(entry: PlannedEntry): string | undefined;
  /** Backends that this host need not have: an entry that is impossible for want of one does not count. */
  readonly optional?: readonly string[];
  /** The command that repeats the suite. */
  readonly reproduce: string;
  /** The runs it is compared with, newest first: earlier runs, or only a baseline. */
  readonly nights: readonly Night[];
  /** A baseline's name: a run that is worse than the baseline then fails. */
  readonly baseline?: string | undefined;
  readonly commit: string | null;
  readonly signal: AbortSignal;
  log(line: string): void;
}

export interface SuiteOutcome {
  readonly directory: string;
  readonly result: SuiteResult & { readonly exitCode: number };
}

/** Runs every entry in a process of its own, several at once; a failed entry does not stop the others. */
export async function runSuite(options: SuiteRunOptions): Promise<SuiteOutcome> {
  const { jobs, signal } = options;
  const suite = await SuiteRun.open(options);
  const able = startOrder(options.entries.filter((entry) => suite.isWaiting(entry)));
  await runPool(able, (entry) => suite.run(entry), {
    jobs,
    signal,
    placesOf: ({ isExclusive }) => (isExclusive ? jobs : 1),
  });
  return { directory: suite.directory, result: await suite.end() };
}

/** A suite's folder and suite.json, which is rewritten whenever an entry starts or ends. */
class SuiteRun {
  readonly directory: string;
  readonly #options: SuiteRunOptions;
  readonly #startedAt: Date;
  readonly #originMs = monotonicMs();
  readonly #results: Map<PlannedEntry, EntryResult>;
  readonly #records = new Map<PlannedEntry, RunRecord>();
  /** Serialises writes: two entries may end at once, and the later state must win. */
  #written: Promise<void> = Promise.resolve();

  private constructor(options: SuiteRunOptions, directory: string, startedAt: Date) {
    this.#options = options;
    this.directory = directory;
    this.#startedAt = startedAt;
    this.#results = new Map(
      options.entries.map((entry) => {
        const reason = options.impossible(entry);
        const state =
          reason === undefined
            ? ({ status: 'notStarted', exitCode: null, reason: 'it was never started' } as const)
            : ({ status: 'impossible', exitCode: 4, reason } as const);
        return [entry, entryWithoutRun(entry, state)];
      }),
    );
  }

  static async open(options: SuiteRunOptions): Promise<SuiteRun> {
    const startedAt = new Date();
    return new SuiteRun(options, await newSuiteFolder(options.name, startedAt), startedAt);
  }

  isWaiting(entry: PlannedEntry): boolean {
    return this.#results.get(entry)?.status === 'notStarted';
  }

  async run(entry: PlannedEntry): Promise<void> {
    const { cli, signal } = this.#options;
    const number = String(this.#options.entries.indexOf(entry) + 1).padStart(2, '0');
    const log = path.join('logs', `${number}-${entry.label}.log`);
    const startedAtMs = this.#elapsedMs();
    const about = { startedAtMs, log };
    const running = { status: 'running', exitCode: null, reason: 'it is running' } as const;
    this.#results.set(entry, { ...entryWithoutRun(entry, running), ...about });
    this.#options.log(`begin   ${entry.label}`);
    await this.#write();
    const file = path.join(this.directory, log);
    const suite = path.relative(reportsFolder(), this.directory);
    const context = { suite, commit: this.#options.commit, startedAt: new Date() };
    const ended = await judgeEntry(await startRun(entry, { cli, signal, log: file, suite }));
    const record = await recordEntry(entry, ended, {
      ...context,
      log: (line) => this.#options.log(line),
    });
    if (record) this.#records.set(entry, record);
    const durationMs = this.#elapsedMs() - startedAtMs;
    const reason = unexpectedPass(entry, ended) ?? ended.reason;
    const result = { ...entryWithoutRun(entry, ended), ...about, ...ended, reason, durationMs };
    this.#results.set(entry, result);
    this.#options.log(`${describeEntry(result)}: ${entry.label}`);
    await this.#write();
  }

  async end(): Promise<SuiteOutcome['result']> {
    const { nights, baseline } = this.#options;
    const recorded = [...this.#results].map(
      ([entry, result]) => [result, this.#records.get(entry)] as const,
    );
    const scenarios = summarize(recorded, nights);
    const counted = [...this.#results].filter(([, result]) => !this.#isSkipped(result));
    // Nothing ran: that is no night without a failure.
    const exitCodes = counted.length === 0 ? [4] : [];
    for (const [entry, result] of counted) exitCodes.push(exitCodeAgainst(entry, result) ?? 130);
    if (baseline !== undefined && scenarios.some(isRegression)) exitCodes.push(1);
    const exitCode = worstExitCode(exitCodes);
    const result = { ...this.#result(), isComplete: true, exitCode, scenarios };
    await this.#write(result);
    await this.#writeFile('suite.html', suiteHtml(result, linksBelow(reportsFolder())));
    await this.#writeFile('suite.md', suiteMarkdown(result));
    await this.#writeFile('junit.xml', suiteJunit(result));
    return result;
  }

  #isSkipped({ status, backend }: EntryResult): boolean {
    return status === 'impossible' && this.#options.optional?.includes(backend) === true;
  }

  #result(): SuiteResult {
    const { name, jobs, reproduce } = this.#options;
    return {
      schemaVersion: 1,
      suite: name,
      startedAt: this.#startedAt.toISOString(),
      durationMs: this.#elapsedMs(),
      jobs,
      isComplete: false,
      exitCode: null,
      reproduce,
      entries: [...this.#results.values()],
      scenarios: [],
      baseline: this.#options.baseline ?? null,
    };
  }

  #write(result: SuiteResult = this.#result()): Promise<void> {
    this.#written = this.#written.then(() =>
      this.#writeFile('suite.json', `${JSON.stringify(result, null, 2)}\n`),
    );
    return this.#written;
  }

  /** A full disk costs the file, not the runs or the table. */
  async #writeFile(name: string, text: string): Promise<void> {
    try {
      await writeWhole(path.join(this.directory, name), text);
    } catch (error) {
      this.#options.log(messageOf(error));
    }
  }

  #elapsedMs(): number {
    return Math.round(monotonicMs() - this.#originMs);
  }
}
