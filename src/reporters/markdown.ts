import type { Reporter } from '../contracts/evidence.ts';
import type { Result } from '../contracts/result.ts';
import { lostWrites } from '../std/units/lost-writes.ts';
import { counted, countedBytes } from '../render/support/counted.ts';
import { grouped, known, seconds, secondsOrUnknown } from '../render/support/format.ts';
import {
  afterInjection,
  inForceSince,
  timesAfterInjection,
} from '../render/support/after-injection.ts';
import { code, table, text } from '../render/support/markdown-text.ts';
import {
  configurationColumns,
  configurationName,
  configurationRows,
} from '../render/support/configuration-rows.ts';
import {
  clientReadSentences,
  readTimeSentences,
  readHead,
  readRows,
  stepBackSentences,
} from '../render/support/read-rows.ts';
import {
  oldPrimarySentences,
  routeHead,
  routeNotes,
  routeRows,
} from '../render/support/route-rows.ts';
import { archiveSentences, restoreHead, restoreRows } from '../render/support/archive-rows.ts';
import { consumerHead, consumerRows, consumerSentences } from '../render/support/consumer-rows.ts';
import { groupHead, groupRows } from '../render/support/group-rows.ts';
import { kneeHead, kneeRows } from '../render/support/knee-rows.ts';
import { invariantRows } from '../render/support/invariant-rows.ts';
import { phaseHead, phaseRows, phaseSentences } from '../render/support/phase-words.ts';
import { gapOf } from '../render/support/mark-words.ts';
import { loadSentences } from '../render/support/load-sentences.ts';
import { unplannedWords } from '../render/support/unplanned-words.ts';
import { stragglerSentence } from '../render/support/straggler-words.ts';
import { promiseWithSettings } from '../render/support/durability-words.ts';
import { splitBrainHead, splitBrainRows } from '../render/support/split-brain-rows.ts';
import { stageHead, stageRows, stageSentences } from '../render/support/stage-rows.ts';
import { windowHead, windowRows } from '../render/support/window-rows.ts';
import {
  headline,
  rejoinWords,
  repeatCommand,
  title,
  whatHappened,
  whyThisVerdict,
} from '../render/support/sentences.ts';

const marks = { pass: '✅', fail: '❌', unknown: '❔', knownDefect: '🐞' } as const;

/** For a pull request or a CI summary: the verdict and the numbers, without details for experts. */
const reporter: Reporter = {
  fileName: 'report.md',
  render: (result) =>
    [
      `## ${marks[result.status]} ${text(title(result))}: ${text(headline(result))}`,
      text([whatHappened(result), ...loadSentences(result)].join(' ')),
      text(whyThisVerdict(result)),
      numbers(result),
      section('Demands', demands(result)),
      section('Phases', table(windowHead, windowRows(result))),
      section('Steps to the knee', knee(result)),
      section('Groups', table(groupHead, groupRows(result))),
      section('Routes', routes(result)),
      section('Reads', reads(result)),
      section('Consumers', consumers(result)),
      section('Archive', archive(result)),
      section('How far the writes came', stages(result)),
      section('Faults', faults(result)),
      section('Outages', outages(result)),
      section('Marks', markTable(result)),
      section('Nodes that had not come back in time', stragglers(result)),
      section('Servers that ended or started unplanned', unplanned(result)),
      section('Replicas', replicas(result)),
      section('Invariants that do not hold', invariants(result)),
      section('Two primaries at once', table(splitBrainHead, splitBrainRows(result))),
      section('Forks', forks(result)),
      section('How nodes came back', rejoins(result)),
      section('About the cluster', notes(result)),
      section('Your Patroni configuration: what the lab ran otherwise', configuration(result)),
      ranWith(result),
      `Run it again: ${code(repeatCommand(result))}`,
    ]
      .filter((part) => part !== '')
      .join('\n\n') + '\n',
};
export default reporter;

function section(title: string, body: string): string {
  return body === '' ? '' : `### ${title}\n\n${body}`;
}

function numbers(result: Result): string {
  const { writes, outage, failovers, throughput } = result;
  const lost = lostWrites(writes);
  const count = (found: number | null) => counted(result, found);
  return table(
    [
      'acknowledged',
      'lost',
      'indeterminate',
      'unexpected',
      'longest outage',
      'failovers',
      'writes/s',
    ],
    [
      [
        ...[count(writes.acknowledged), count(lost), count(writes.indeterminate)],
        ...[count(writes.unexpected), secondsOrUnknown(outage.longestMs), known(failovers)],
        count(throughput.ackedPerSecond),
      ],
    ],
  );
}

function knee(result: Result): string {
  const rows = kneeRows(result, (isKept) => marks[isKept ? 'pass' : 'fail']);
  return table(kneeHead, rows);
}

function demands({ checks }: Result): string {
  return table(
    ['', 'check', 'measured'],
    checks.map(({ check, status, summary }) => [marks[status], check, summary]),
  );
}

function routes(result: Result): string {
  const sentences = [...oldPrimarySentences(result), ...routeNotes(result)].map(text);
  return [table(routeHead, routeRows(result)), ...sentences]
    .filter((part) => part !== '')
    .join('\n\n');
}

function reads(result: Result): string {
  const sentences = [
    ...readTimeSentences(result),
    ...clientReadSentences(result),
    ...stepBackSentences(result),
  ].map(text);
  return [table(readHead, readRows(result)), ...sentences]
    .filter((part) => part !== '')
    .join('\n\n');
}

function consumers(result: Result): string {
  const sentences = consumerSentences(result).map(text);
  return [table(consumerHead, consumerRows(result)), ...sentences]
    .filter((part) => part !== '')
    .join('\n\n');
}

function archive(result: Result): string {
  const sentences = archiveSentences(result).map(text);
  return [table(restoreHead, restoreRows(result)), ...sentences]
    .filter((part) => part !== '')
    .join('\n\n');
}

function stages(result: Result): string {
  const rows = table(stageHead, stageRows(result));
  return [rows, ...stageSentences(result).map(text)].filter((part) => part !== '').join('\n\n');
}

function faults({ faults: all, outage }: Result): string {
  const gaps = new Map(outage.perFault.map((gap) => [gap.fault, gap]));
  return table(
    ['fault', 'on', 'in force', 'healed', ...afterInjection],
    all.map((injection) => {
      const { id, targets, healedAtMs } = injection;
      return [
        ...[id, targets.join(', ') || 'the cluster', inForceSince(injection)],
        healedAtMs === null ? 'not healed' : seconds(healedAtMs),
        ...timesAfterInjection(gaps.get(id)),
      ];
    }),
  );
}

function outages(result: Result): string {
  const [only, ...others] = result.outagePhases ?? [];
  const sentences = phaseSentences(result).map((sentence) => `- ${text(sentence)}`);
  const moments = only && others.length === 0 ? table(phaseHead, phaseRows(only)) : '';
  return [sentences.join('\n'), moments].filter((part) => part !== '').join('\n\n');
}

function markTable({ marks: all }: Result): string {
  return table(
    ['mark', 'at', 'longest time without an acknowledged write until the next'],
    (all ?? []).map((mark) => [
      ...[mark.text, seconds(mark.atMs), mark.gap === null ? 'unknown' : gapOf(mark.gap)],
    ]),
  );
}

function replicas({ replicas: all }: Result): string {
  return table(
    ['node', '', 'missing', 'extra', 'stale', 'corrupted', 'why'],
    all.map(({ node, status, missing, extra, corrupted, stale = 0, reason }) => [
      ...[node, status, grouped(missing), grouped(extra), grouped(stale), grouped(corrupted)],
      reason ?? '',
    ]),
  );
}

function invariants(result: Result): string {
  return table(['node', 'invariant', 'what must hold', 'found'], invariantRows(result));
}

function stragglers({ converged }: Result): string {
  return table(
    ['finding', 'log', 'what to do'],
    (converged.nodes ?? []).map((found) => [
      ...[stragglerSentence(found), found.log ?? '', found.advice],
    ]),
  );
}

function unplanned({ unplanned: all }: Result): string {
  return table(
    ['node', 'what PostgreSQL did there', 'from', 'to'],
    (all ?? []).map(({ node, what, fromMs, untilMs }) => [
      ...[node, unplannedWords[what], seconds(fromMs), seconds(untilMs)],
    ]),
  );
}

function forks(result: Result): string {
  return table(
    ['timelines', 'fork point', 'old primary', 'new primary', 'WAL past the fork'],
    result.forks.map(
      ({ parentTimeline, timeline, lsn, oldPrimary, newPrimary, divergentBytes }) => [
        ...[
          `${parentTimeline} → ${timeline}`,
          lsn,
          oldPrimary ?? 'unknown',
          newPrimary ?? 'unknown',
        ],
        countedBytes(result, divergentBytes),
      ],
    ),
  );
}

function rejoins({ rejoins: all }: Result): string {
  return table(
    ['node', 'how', 'from', 'took', 'message'],
    (all ?? []).map(({ node, how, from, ms, said }) => [
      ...[node, rejoinWords[how], from ?? '', ms === null ? '' : seconds(ms), said ?? ''],
    ]),
  );
}

function notes({ notes: all }: Result): string {
  return all.map((note) => `- ${text(note)}`).join('\n');
}

function configuration(result: Result): string {
  const rows = table(configurationColumns, configurationRows(result));
  return rows === '' ? '' : `${text(configurationName(result))}\n\n${rows}`;
}

function ranWith({ versions, backend, seed, startedAt, durability }: Result): string {
  const promise = durability ? `; ${promiseWithSettings(durability)}` : '';
  return text(
    `${startedAt}, ${backend}: PostgreSQL ${versions.postgres}, Patroni ${versions.patroni}, ${versions.dcs}, seed ${seed}${promise}`,
  );
}
