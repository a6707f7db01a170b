import type { LostRange, Result } from '../../contracts/result.ts';
import { bytes, grouped, known, seconds, secondsOrUnknown } from '../support/format.ts';
import { repeatCommand, spanned } from '../support/sentences.ts';
import { html, type Markup } from './markup.ts';

const rangesShown = 200;
const anomaliesShown = 200;
const faultsShown = 200;

/** Everything that was measured, in words and numbers: what the charts show, and more. */
export function tables(result: Result): Markup {
  return html`${checks(result)} ${problems(result)} ${fates(result)} ${lost(result)}
  ${anomalies(result)} ${replicas(result)} ${forks(result)} ${faults(result)} ${latency(result)}
  ${durability(result)} ${versions(result)} ${planned(result)} ${reproduce(result)}`;
}

type Cell = string | Markup;

function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  note?: string,
): Markup | undefined {
  if (rows.length === 0) return undefined;
  return html`<section>
    <h2>${title}</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            ${head.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (cells) =>
              html`<tr>
                ${cells.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${note === undefined ? undefined : html`<p class="note">${note}</p>`}
  </section>`;
}

function more(rest: number, what: string): string | undefined {
  return rest > 0 ? `${grouped(rest)} more ${what} are in result.json.` : undefined;
}

function badge(status: string): Markup {
  return html`<span class="badge ${status}">${status}</span>`;
}

function checks({ checks: all }: Result): Markup | undefined {
  return table(
    'Demands',
    ['', 'Check', 'Measured, and what was demanded'],
    all.map(({ check, status, summary }) => [badge(status), check, summary]),
  );
}

function problems({ problems: all, journal, structure }: Result): Markup | undefined {
  const found = [
    ...new Set([...all, ...journal.cuts]),
    ...structure.map(({ node, relation, message }) => `${node} ${relation}: ${message}`),
  ];
  return table(
    'What stood in the way',
    ['Problem'],
    found.map((text) => [text]),
  );
}

const fateWords: Readonly<Record<string, string>> = {
  durable: 'acknowledged, and on the final primary',
  lost: 'acknowledged, and not there',
  lostUpdates: 'acknowledged updates that are undone',
  lostLocalOnly: 'acknowledged with a warning that no standby has it, and not there',
  recovered: 'nobody knew, and it is there',
  dropped: 'nobody knew, and it is not there',
  rejected: 'refused, and not there',
  unexpected: 'refused or never sent, and there all the same',
  duplicated: 'there more than once',
  corrupted: 'there with other content',
  reissued: 'its id was given to another write as well',
};

function fates({ writes }: Result): Markup | undefined {
  const counts: Readonly<Record<string, number | null>> = { ...writes };
  const rows = Object.entries(fateWords).map(([fate, meaning]) => [
    fate,
    known(counts[fate] ?? null),
    meaning,
  ]);
  const { attempted, acknowledged, localOnly, failed, indeterminate } = writes;
  const outcomes = `Outcomes: ${grouped(attempted)} attempted; ${grouped(acknowledged)} acknowledged, ${grouped(localOnly)} localOnly, ${grouped(failed)} failed, ${grouped(indeterminate)} indeterminate.`;
  return table('Fates of the writes', ['Fate', 'Writes', 'Meaning'], rows, outcomes);
}

function lost({ lostRanges, lossPattern, rpo }: Result): Markup | undefined {
  const pattern =
    lossPattern.kind === 'periodic'
      ? `every ${lossPattern.modulus}th write, remainder ${lossPattern.remainder}`
      : lossPattern.kind;
  return table(
    'Lost writes',
    ['Writer', 'What', 'Acknowledged', 'By', 'WAL', 'Cause'],
    lostRanges.slice(0, rangesShown).map(lostRow),
    [`Pattern: ${pattern}.`, spanned(rpo), more(lostRanges.length - rangesShown, 'ranges')]
      .filter((sentence) => sentence !== undefined)
      .join(' '),
  );
}

function lostRow(range: LostRange): Cell[] {
  const { writer, kind, from, to, ackedAtMs, node, timeline, lsn, cause } = range;
  return [
    String(writer),
    `${kind} ${from === to ? String(from) : `${from} to ${to}`}`,
    `${seconds(ackedAtMs[0])} to ${seconds(ackedAtMs[1])}`,
    `${node ?? 'unknown'}, timeline ${timeline ?? 'unknown'}`,
    lsn ? `${lsn[0]} to ${lsn[1]}` : '',
    cause ?? 'unknown',
  ];
}

function anomalies({ anomalies: all }: Result): Markup | undefined {
  return table(
    'Other rows that are not as they should be',
    ['What', 'Node', 'Writer', 'Rows', 'Why'],
    all
      .slice(0, anomaliesShown)
      .map(({ kind, node, writer, from, to, why }) => [
        ...[kind, node, String(writer), from === to ? String(from) : `${from} to ${to}`, why ?? ''],
      ]),
    more(all.length - anomaliesShown, 'rows'),
  );
}

function replicas({ replicas: all }: Result): Markup | undefined {
  return table(
    'Replicas, compared with the final primary',
    ['Node', '', 'Missing', 'Extra', 'Corrupted', 'Lag', 'Why'],
    all.map(({ node, status, missing, extra, corrupted, lagBytes, reason }) => [
      ...[node, badge(status), grouped(missing), grouped(extra), grouped(corrupted)],
      ...[bytes(lagBytes), reason ?? ''],
    ]),
  );
}

function forks({ forks: all }: Result): Markup | undefined {
  return table(
    'Forks',
    ['From timeline', 'To', 'Fork point', 'Old primary', 'New primary', 'WAL past the fork'],
    all.map(({ parentTimeline, timeline, lsn, oldPrimary, newPrimary, divergentBytes }) => [
      ...[String(parentTimeline), String(timeline), lsn, oldPrimary ?? 'unknown'],
      ...[newPrimary ?? 'unknown', bytes(divergentBytes)],
    ]),
  );
}

function faults({ faults: all, outage, rto }: Result): Markup | undefined {
  const gaps = new Map(outage.perFault.map((gap) => [gap.fault, gap]));
  return table(
    'Faults, and the longest time without a write around each',
    [
      ...['Fault', 'On', 'Planned', 'In force', 'Healed', 'No write from', 'until'],
      ...['Lock lost', 'Lock taken', 'First write'],
    ],
    all
      .slice(0, faultsShown)
      .map(({ id, fault, targets, plannedAtMs, inForceAtMs, healedAtMs }) => {
        const gap = gaps.get(id);
        return [
          ...[id === fault ? id : `${id} (${fault})`, targets.join(', ') || 'the cluster'],
          ...[seconds(plannedAtMs), secondsOrUnknown(inForceAtMs)],
          ...[healedAtMs === null ? 'not healed' : seconds(healedAtMs)],
          ...[
            secondsOrUnknown(gap?.fromMs ?? null),
            gap?.untilMs == null ? 'the end' : seconds(gap.untilMs),
          ],
          ...[later(gap?.detectMs), later(gap?.electMs)],
          gap?.untilMs === null ? 'none' : later(gap?.firstAckMs),
        ];
      }),
    [
      'The last three count from the injection.',
      ...(rto.ms === null
        ? []
        : [`From a fault to the first write on the server that took over: ${seconds(rto.ms)}.`]),
      more(all.length - faultsShown, 'faults'),
    ]
      .filter((sentence) => sentence !== undefined)
      .join(' '),
  );
}

/** What follows an injection; empty when it did not come to that. */
function later(ms: number | null | undefined): string {
  return ms == null ? '' : `+${seconds(ms)}`;
}

function latency({ throughput }: Result): Markup | undefined {
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  return table(
    'Latency of acknowledged operations',
    ['Kind', 'Operations', 'p50', 'p95', 'p99', 'Longest'],
    Object.entries(throughput.latencyMs).map(([kind, { count, p50, p95, p99, max }]) => [
      ...[kind, grouped(count), ms(p50), ms(p95), ms(p99), ms(max)],
    ]),
    'From the intended start of each operation, so that a stall is not hidden.',
  );
}

function durability({ durability: found }: Result): Markup | undefined {
  if (!found) return undefined;
  return table(
    'Settings that decide durability, and what they promise',
    ['', 'Setting', 'Value', 'What it promises or costs'],
    found.rows.map(({ setting, value, differs, promise, level }) => {
      const others = differs.map(({ node, value: other }) => `${node}: ${other}`).join(', ');
      const shown = value === '' ? "''" : value;
      return [badge(level), setting, others === '' ? shown : `${shown} (${others})`, promise];
    }),
    [
      `By these settings a failover or a crash may take ${found.promise.text}.`,
      ...found.problems,
    ].join(' '),
  );
}

function versions({ versions: all, phases, verification, clients }: Result): Markup | undefined {
  const took = Object.entries(phases)
    .map(([name, ms]) => `${name.replace(/Ms$/, '')} ${secondsOrUnknown(ms)}`)
    .join(', ');
  const read = verification
    ? `${grouped(verification.rows)} rows of ${verification.nodes} nodes in ${seconds(verification.ms)}`
    : 'nothing was read back';
  return table(
    'What it ran with',
    ['', ''],
    [
      ...Object.entries(all).map(([name, value]) => [name, value]),
      ['load from', clients ? clients.where : 'unknown'],
      ['phases', took],
      ['read back', read],
    ],
  );
}

function reproduce(result: Result): Markup {
  const { runId, folder, replayOf, reproduce: today } = result;
  const origin = replayOf
    ? html` It repeats run ${replayOf.runId} of ${replayOf.startedAt}.`
    : undefined;
  const asItIsNow =
    folder === null
      ? undefined
      : html`<p class="note">The scenario's file, as it is now: <code>${today}</code></p>`;
  return html`<section>
    <h2>Run it again</h2>
    <pre><code>${repeatCommand(result)}</code></pre>
    <p class="note">
      Run ${runId}.${origin} The same plan and seed; times differ by what the cluster does.
    </p>
    ${asItIsNow}
  </section>`;
}

function planned({ plan }: Result): Markup | undefined {
  if (plan === null) return undefined;
  return html`<section>
    <h2>What was planned</h2>
    <pre><code>${plan}</code></pre>
  </section>`;
}
