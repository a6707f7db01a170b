import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Rejoin, Result } from '../contracts/result.ts';

/** Clocks of a node and of the harness may differ a little; those of another run do by more. */
const clockSlackMs = 10_000;

/**
 * How nodes came back after their history had forked, from Patroni's logs in a run's folder.
 * Returns null where there are no such logs: nobody knows, which is not the same as nobody.
 */
export function readRejoins(directory: string, startedAt: string): Result['rejoins'] {
  const logs = path.join(directory, 'logs');
  if (!existsSync(logs)) return null;
  const found = readdirSync(logs, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const files = readdirSync(path.join(logs, entry.name)).filter(isPatroniLog).sort(oldestFirst);
    const text = files.map((file) => readFileSync(path.join(logs, entry.name, file), 'utf8'));
    return files.length === 0 ? [] : [rejoinsOf(entry.name, text.join(''), startedAt)];
  });
  if (found.length === 0) return null;
  return found.flat().sort((a, b) => a.at.localeCompare(b.at));
}

function isPatroniLog(file: string): boolean {
  return /^patroni[.]log([.]\d+)?$/.test(file);
}

/** patroni.log.2, patroni.log.1, patroni.log. */
function oldestFirst(a: string, b: string): number {
  const age = (file: string) => Number(/\d+$/.exec(file)?.[0] ?? 0);
  return age(b) - age(a);
}

interface Line {
  /** UTC, as every lab's Patroni writes it. */
  readonly at: string;
  readonly text: string;
}

/**
 * Shape: `2026-11-20 21:00:51,386 INFO: text`, and lines without a time that go on with the one before.
 * Source: Patroni, postgresql/rewind.py (pg_rewind) and bootstrap.py (create_replica), the same words in 3.0 to 4.0; pg_rewind.c.
 */
export function rejoinsOf(node: string, log: string, startedAt: string): readonly Rejoin[] {
  const fromMs = Date.parse(startedAt) - clockSlackMs;
  const rejoins: Rejoin[] = [];
  let rewind: { readonly at: string; source: string | null } | undefined;
  let isBorn = false;
  let isSaid = false;
  for (const line of linesOf(log)) {
    const { at, text } = line;
    const source = /^running pg_rewind from (\S+)$/.exec(text)?.[1];
    if (source !== undefined) rewind = { at, source };
    // Given twice: the member's name, then how it is reached.
    else if (/^running pg_rewind from .*=/.test(text))
      rewind = { at, source: rewind?.source ?? null };
    const code = /^pg_rewind exit code=(.*)$/s.exec(text)?.[1];
    if (code !== undefined) {
      const [from, ms] = [rewind?.source ?? null, since(rewind, at)];
      rejoins.push({ ...blank, node, at, from, ms, how: howOf(code) });
    }
    // Its two outputs come right after; other programs' are told in the same form.
    isSaid = code !== undefined || (isSaid && /^ std(out|err)=/.test(text));
    if (isSaid && code === undefined) addWords(rejoins, text);
    const isClone = text.startsWith('replica has been created using');
    if (isClone && isBorn) rejoins.push({ ...blank, node, at, how: 'cloned' });
    if (isClone || text.startsWith('initialized a new cluster')) isBorn = true;
  }
  return rejoins.filter(({ at }) => Date.parse(at) >= fromMs);
}

const blank = {
  ...{ from: null, ms: null, forkTimeline: null, forkLsn: null, rewoundTo: null, said: null },
};

function howOf(exitCode: string): Rejoin['how'] {
  return exitCode.trim() === '0' ? 'rewound' : 'rewindFailed';
}

function since(rewind: { readonly at: string } | undefined, at: string): number | null {
  return rewind ? Date.parse(at) - Date.parse(rewind.at) : null;
}

/** What pg_rewind said goes with the attempt before it. */
function addWords(rejoins: Rejoin[], said: string): void {
  const last = rejoins.pop();
  if (!last) return;
  const fork = /servers diverged at WAL location (\S+) on timeline (\d+)/.exec(said);
  const checkpoint = /rewinding from last common checkpoint at (\S+)/.exec(said);
  const error = /(?:fatal|error): (.*)/.exec(said);
  rejoins.push({
    ...last,
    ...(fork && { forkLsn: fork[1] ?? null, forkTimeline: Number(fork[2]) }),
    ...(checkpoint && { rewoundTo: checkpoint[1] ?? null }),
    ...(error && { said: error[1] ?? null }),
  });
}

function linesOf(log: string): readonly Line[] {
  const lines: { at: string; text: string }[] = [];
  for (const line of log.split('\n')) {
    const [, day, time, ms, text] =
      /^(\S{10}) (\d\d:\d\d:\d\d),(\d{3}) \w+: (.*)$/.exec(line) ?? [];
    const last = lines.at(-1);
    if (text !== undefined) lines.push({ at: `${day}T${time}.${ms}Z`, text });
    else if (last) last.text += `\n${line}`;
  }
  return lines;
}
