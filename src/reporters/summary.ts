import { lostWrites } from '../std/units/lost-writes.ts';
import type { Reporter } from '../contracts/evidence.ts';
import { lossSummaryOf } from '../std/units/loss-summary.ts';
import type {
  Injection,
  LostRange,
  Result,
  Straggler,
  UnplannedChange,
} from '../contracts/result.ts';
import { plainValues } from '../std/plain.ts';
import { settingsBehind } from '../render/support/durability-words.ts';
import { dataLossReport } from '../render/support/data-loss-report.ts';
import { counted } from '../render/support/counted.ts';
import { grouped, lagWords, seconds } from '../render/support/format.ts';
import { lostCommand, spanned } from '../render/support/loss-sentence.ts';
import { markLine } from '../render/support/mark-words.ts';
import { archiveLines } from '../render/support/archive-rows.ts';
import { consumerLines } from '../render/support/consumer-rows.ts';
import { groupLines } from '../render/support/group-rows.ts';
import { loadSentences } from '../render/support/load-sentences.ts';
import { readLines } from '../render/support/read-rows.ts';
import { oldPrimarySentences, routeLines } from '../render/support/route-rows.ts';
import { stageSentences } from '../render/support/stage-rows.ts';
import { unplannedWords } from '../render/support/unplanned-words.ts';
import { stragglerSentence } from '../render/support/straggler-words.ts';
import {
  promised,
  repeatCommand,
  title,
  whatHappened,
  whyThisVerdict,
} from '../render/support/sentences.ts';
import { statusWord } from '../std/units/status-word.ts';

/** How many of a kind are listed before the rest are only counted or left out; result.json has all. */
const rangesShown = 8;
const marksShown = 50;

/** The whole text report: summary.txt, and the output of `--verbose`. */
const reporter: Reporter = {
  fileName: 'summary.txt',
  render: (found) => {
    const result = plainValues(withFirstLines(found));
    return [
      ...heading(result),
      '',
      ...result.faults.map(injection),
      ...(result.marks ?? []).slice(0, marksShown).map((mark) => `  ${markLine(mark)}`),
      ...(result.outage.held ?? []).map(held),
      ...section('Writes', writes(result)),
      ...section('How far the writes came', [...stageSentences(result)]),
      ...section(
        'Lost',
        result.lostRanges.slice(0, rangesShown).map(lostRange),
        restOfLost(result),
      ),
      ...section(
        'Checks',
        result.checks.map(({ status, summary }) => `${mark[status]} ${summary}`),
      ),
      ...section('Groups', groupLines(result)),
      ...section('Routes', [...routeLines(result), ...oldPrimarySentences(result)]),
      ...section('Reads', readLines(result)),
      ...section('Consumers', consumerLines(result)),
      ...section('Archive', archiveLines(result)),
      ...section('Durability', durability(result)),
      ...section('Notes', [...result.notes]),
      ...section('Broken structures', result.structure.map(finding)),
      ...section('Problems', problems(result)),
      '',
      ...dataLossReport(result),
      whatHappened(result),
      ...loadSentences(result),
      `Verdict: ${verdict(result)}`,
      `Outage: ${outage(result)}`,
      `Failovers: ${result.failovers ?? 'unknown'}`,
      ...(result.unplanned ?? []).slice(0, rangesShown).map(unplanned),
      ...recovery(result),
      ...(result.rejoins ?? []).map(rejoin),
      ...(result.converged.nodes ?? []).flatMap(straggler),
      ...result.replicas.map(replica),
      ...(result.folder === null ? [] : [`Scenario: ${result.reproduce}`]),
      `Reproduce: ${repeatCommand(result)}`,
      '',
    ].join('\n');
  },
};
export default reporter;

const mark = { pass: 'ok  ', fail: 'FAIL', unknown: '?   ' };

/** Scripts read the word before the colon. */
function verdict(result: Result): string {
  // Its problems, each with its log lines, are above.
  if (result.status === 'unknown')
    return 'UNKNOWN: the run could not be judged; see the problems above';
  return `${statusWord(result.status).toUpperCase()}: ${whyThisVerdict(result)}`;
}

/** The first line of a problem describes it; log lines that may follow are in result.json. */
function withFirstLines(result: Result): Result {
  return { ...result, problems: result.problems.map((problem) => problem.split('\n')[0] ?? '') };
}

function problems({ problems: all, journal }: Result): string[] {
  return [...new Set([...all, ...journal.cuts])];
}

function heading(result: Result): string[] {
  const { postgres, patroni, dcs } = result.versions;
  const ranWith = ['fsync', 'synchronous_commit', 'synchronous_standby_names']
    .flatMap((name) => {
      const value = result.settings[name];
      return value === undefined ? [] : [`${name}=${value === '' ? "''" : value}`];
    })
    .join(', ');
  const from = result.clients ? `; load from ${result.clients.where}` : '';
  return [
    `${title(result)}: ${result.claim}`,
    `  ${result.backend}: PostgreSQL ${postgres}, Patroni ${patroni}, ${dcs}; seed ${result.seed}${from}`,
    `  ran with ${ranWith || 'settings that could not be read'}`,
    ...(result.replayOf ? [`  replay of run ${result.replayOf.runId}`] : []),
  ];
}

function injection(fault: Injection): string {
  const where = `  ${fault.id} on ${fault.targets.join(', ') || 'the cluster'}`;
  const isFailed = fault.inForceAtMs === null && fault.healedAtMs !== null;
  if (fault.injectedAtMs === null) return `${where}: never injected`;
  if (isFailed) {
    const seen = fault.isNotCarriedOut
      ? ', and never in force'
      : '; unknown whether it was in force';
    return `${where}: tried at ${seconds(fault.injectedAtMs)}${seen}`;
  }
  const until = fault.healedAtMs === null ? 'not healed' : seconds(fault.healedAtMs);
  return `${where}: ${seconds(fault.injectedAtMs)} to ${until}`;
}

/** A pause by the harness, and so no outage of the database. */
function held({ fromMs, untilMs }: NonNullable<Result['outage']['held']>[number]): string {
  return `  a fault held the load from ${seconds(fromMs)} to ${seconds(untilMs)}: no outage is counted in that time`;
}

function writes(result: Result): string[] {
  const { writes: counts, byServerId, lossPattern, partitions } = result;
  const line = (names: readonly (keyof typeof counts)[]) =>
    names.map((name) => `${name} ${counted(result, counts[name] ?? null)}`).join(', ');
  const lines = [
    line(['attempted', 'acknowledged', 'localOnly', 'failed', 'indeterminate']),
    line(['durable', 'lost', 'lostUpdates', 'lostDeletes', 'lostLocalOnly']),
    line(['recovered', 'dropped', 'rejected']),
    line(['unexpected', 'duplicated', 'corrupted', ...(byServerId ? ['reissued' as const] : [])]),
  ];
  if (lossPattern.kind === 'periodic') {
    lines.push(`pattern: every ${lossPattern.modulus}th, remainder ${lossPattern.remainder}`);
  } else if (lossPattern.kind !== 'none') lines.push(`pattern: ${lossPattern.kind}`);
  if (partitions.length > 0) lines.push(byPartition(result));
  if (byServerId) {
    const lost = lostWrites(counts) ?? 'an unknown number';
    lines.push(
      `a check by id would have reported ${grouped(byServerId.inList)} lost (by count between lowest and ` +
        `highest id: ${grouped(byServerId.countBetween)}); ${typeof lost === 'number' ? grouped(lost) : lost} were`,
    );
  }
  return lines;
}

/** The promise of the settings, and those settings that weaken it. */
function durability({ durability: found }: Result): string[] {
  if (!found) return [];
  const settings = settingsBehind(found);
  const loud = found.rows.filter(({ level }) => level === 'risk' || level === 'defect');
  return [
    `a failover or a crash may lose: ${promised(found)}`,
    ...(settings === '' ? [] : [`it ran with ${settings}`]),
    ...loud.map(({ setting, value, promise, level }) => `${level} ${setting} ${value}: ${promise}`),
    ...found.problems.map((problem) => `settings not read: ${problem}`),
  ];
}

function byPartition(result: Result): string {
  const each = result.partitions.map(
    ({ name, lost, expected }) =>
      `${name} ${counted(result, lost)} of ${counted(result, expected)}`,
  );
  return `lost by partition: ${each.join(', ')}`;
}

function lostRange(range: LostRange): string {
  const { writer, from, to, node, timeline, lsn, ackedAtMs, cause } = range;
  const rows = from === to ? `row ${from}` : `rows ${from} to ${to}`;
  const where = `${node ?? 'an unknown node'}, timeline ${timeline ?? 'unknown'}`;
  const position = lsn ? `, ${lsn[0]} to ${lsn[1]}` : '';
  const when = `acknowledged ${seconds(ackedAtMs[0])} to ${seconds(ackedAtMs[1])}`;
  return `writer ${writer} ${range.kind} ${rows}: ${when} by ${where}${position}: ${cause ?? 'cause unknown'}`;
}

function restOfLost(result: Result): string[] {
  const { rpo } = result;
  const command = lostCommand(result);
  const { ranges, file } = lossSummaryOf(result);
  const rest = ranges - rangesShown;
  const span = spanned(rpo);
  return [
    ...(rest > 0 ? [`and ${grouped(rest)} more ranges, all in ${file ?? 'result.json'}`] : []),
    ...(span === undefined ? [] : [span]),
    ...(command === undefined ? [] : [`each operation: ${command}`]),
  ];
}

function outage({ outage: { longestMs } }: Result): string {
  return longestMs === null ? 'unknown' : `${seconds(longestMs)} at the longest without a write`;
}

function recovery({ rto }: Result): string[] {
  if (rto.ms === null) return [];
  const from = rto.fault ?? 'the fault';
  if (rto.isSameServer === true)
    return [
      `Back: ${seconds(rto.ms)} from ${from} to the same server's first write as primary again`,
    ];
  return [`Taken over: ${seconds(rto.ms)} from ${from} to the new server's first write`];
}

function unplanned({ node, what, fromMs, untilMs }: UnplannedChange): string {
  return `Unplanned ${node}: ${unplannedWords[what]}, from ${seconds(fromMs)} to ${seconds(untilMs)}`;
}

function finding({ node, relation, message }: Result['structure'][number]): string {
  return `${node} ${relation}: ${message}`;
}

function replica(found: Result['replicas'][number]): string {
  const { node, status, reason, missing, extra, corrupted, stale = 0, lagBytes } = found;
  const details = {
    agrees: lagWords(lagBytes),
    differs: `${grouped(missing)} missing, ${grouped(extra)} extra, ${grouped(stale)} stale, ${grouped(corrupted)} corrupted${reason === null ? '' : `; ${reason}`}`,
    unverifiable: reason ?? 'no reason given',
  };
  return `Replica ${node}: ${status} (${details[status]})`;
}

/** The copied bytes are unknown: pg_rewind prints them only with --progress, which Patroni does not use. */
function rejoin(found: NonNullable<Result['rejoins']>[number]): string {
  const { node, how, from, ms, forkLsn, forkTimeline, rewoundTo, said } = found;
  if (how === 'cloned') return `Rejoined ${node}: cloned again`;
  const source = from === null ? '' : ` from ${from}`;
  const fork =
    forkLsn === null ? '' : `; forked at ${forkLsn} on timeline ${forkTimeline ?? 'unknown'}`;
  if (how === 'rewindFailed') {
    return `Not rejoined ${node}: pg_rewind${source} failed${fork}: ${said ?? 'no reason given'}`;
  }
  const time = ms === null ? '' : ` in ${seconds(ms)}`;
  const since =
    rewoundTo === null ? '' : `, copied what changed since the checkpoint at ${rewoundTo}`;
  return `Rejoined ${node}: rewound${source}${time}${fork}${since}`;
}

function straggler(found: Straggler): string[] {
  return [
    `Not converged: ${stragglerSentence(found)}`,
    ...(found.log === null ? [] : [`  its log: ${found.log}`]),
    `  what to do: ${found.advice}`,
  ];
}

function section(title: string, lines: readonly string[], rest: readonly string[] = []): string[] {
  const all = [...lines, ...rest];
  return all.length === 0 ? [] : ['', title, ...all.map((line) => `  ${line}`)];
}
