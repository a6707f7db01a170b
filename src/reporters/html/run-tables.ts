import type { Result } from '../../contracts/result.ts';
import { grouped, seconds, secondsOrUnknown } from '../../render/support/format.ts';
import {
  configurationColumns,
  configurationName,
  configurationRows,
} from '../../render/support/configuration-rows.ts';
import { promised, repeatCommand } from '../../render/support/sentences.ts';
import { html, type Markup } from '../../render/support/markup.ts';
import { badge, table } from '../../render/support/table.ts';
import { windowHead, windowRows } from '../../render/support/window-rows.ts';

/** Each demand with the measured value, and what was measured in the phases that demands name. */
export function checks(result: Result): Markup {
  const demands = table(
    'Demands',
    ['', 'Check', 'Measured, and what was demanded'],
    result.checks.map(({ check, status, summary }) => [badge(status), check, summary]),
  );
  return html`${demands}${table('Phases', windowHead, windowRows(result))}`;
}

/** The obstacles to judging the run in full. */
export function problems({ problems: all, journal, structure }: Result): Markup | undefined {
  const found = [
    ...new Set([...all, ...journal.cuts]),
    ...structure.map(({ node, relation, message }) => `${node} ${relation}: ${message}`),
  ];
  return table(
    'Obstacles to judging',
    ['Problem'],
    found.map((text) => [text]),
  );
}

/** What else a reader must know of the cluster. */
export function notes({ notes: all }: Result): Markup | undefined {
  return table(
    'About the cluster',
    ['Note'],
    all.map((text) => [text]),
  );
}

/** The promise of its settings. */
export function durability({ durability: found }: Result): Markup | undefined {
  if (!found) return undefined;
  return table(
    'Settings that decide durability, and what they promise',
    ['', 'Setting', 'Value', 'What it promises or costs'],
    found.rows.map(({ setting, value, differs, promise, level }) => {
      const others = differs.map(({ node, value: other }) => `${node}: ${other}`).join(', ');
      const shown = value === '' ? "''" : value;
      return [badge(level), setting, others === '' ? shown : `${shown} (${others})`, promise];
    }),
    [`A failover or a crash may lose ${promised(found)}.`, ...found.problems].join(' '),
  );
}

/** What the lab ran otherwise than the user's own Patroni configuration says. */
export function configuration(result: Result): Markup | undefined {
  return table(
    'Your Patroni configuration: what the lab ran otherwise',
    configurationColumns,
    configurationRows(result),
    configurationName(result),
  );
}

/** Programs, phases and amounts. */
export function versions({
  versions: all,
  phases,
  verification,
  clients,
}: Result): Markup | undefined {
  const took = Object.entries(phases)
    .map(([name, ms]) => `${name.replace(/Ms$/, '')} ${secondsOrUnknown(ms)}`)
    .join(', ');
  const read = verification
    ? `${grouped(verification.rows)} rows of ${verification.nodes} nodes in ${seconds(verification.ms)}`
    : 'nothing was read back';
  return table(
    'Versions, phases and sizes',
    ['', ''],
    [
      ...Object.entries(all).map(([name, value]) => [name, value]),
      ['load from', clients ? clients.where : 'unknown'],
      ['phases', took],
      ['read back', read],
    ],
  );
}

/** The plan as text. */
export function planned({ plan }: Result): Markup | undefined {
  if (plan === null) return undefined;
  return html`<section>
    <h2>What was planned</h2>
    <pre><code>${plan}</code></pre>
  </section>`;
}

/** The command that repeats it. */
export function reproduce(result: Result): Markup {
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
