import type { ClusterBackend } from '../../contracts/backend.ts';
import type { CapabilityName } from '../../contracts/cluster.ts';
import { capabilityNames, capabilityWords } from '../../machine/capabilities.ts';
import { ScenarioError } from '../../std/errors.ts';

const begin = '<!-- made by `npm run schema`: what each backend offers -->';
const end = '<!-- end -->';

/** A page with the table of capabilities between its two marks. Errors: ScenarioError where the marks are not there. */
export function withCapabilityTable(
  page: string,
  backends: ReadonlyMap<string, ClusterBackend>,
): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new ScenarioError(`docs/backends.md: '${begin}' is gone`);
  return `${page.slice(0, from)}${begin}\n${capabilityTable(backends)}${page.slice(to)}`;
}

/** One column for each kind of cluster; root and ordinary user apart where that differs. */
export function capabilityTable(backends: ReadonlyMap<string, ClusterBackend>): string {
  const columns = [...backends].flatMap(([name, backend]) => columnsOf(name, backend));
  const reasons = [...new Set(columns.flatMap(({ lacks }) => Object.values(lacks)))];
  const rows = capabilityNames.map((capability) => [
    `\`${capability}\` (${capabilityWords[capability]})`,
    ...columns.map((column) => cell(column, capability, reasons)),
  ]);
  const lines = [['', ...columns.map(({ title }) => title)], ...rows].map(row);
  const rule = `|${'---|'.repeat(columns.length + 1)}`;
  const notes = reasons.map((reason, index) => `${index + 1}. ${reason}`);
  return [lines[0], rule, ...lines.slice(1), '', ...notes, ''].join('\n');
}

interface Column {
  readonly title: string;
  readonly offers: readonly CapabilityName[];
  readonly lacks: Readonly<Partial<Record<CapabilityName, string>>>;
}

function columnsOf(name: string, backend: ClusterBackend): readonly Column[] {
  const { topologies, offers } = backend;
  // What a cluster that exists offers stands in its file.
  if (backend.existing) return [];
  return topologies.flatMap((topology) => {
    const kind = topologies.length > 1 ? `${name}, \`topology: ${topology}\`` : name;
    const root = backend.lacks?.({ topology }, { isRoot: true }) ?? {};
    const user = backend.lacks?.({ topology }, { isRoot: false }) ?? {};
    if (JSON.stringify(root) === JSON.stringify(user))
      return [{ title: kind, offers, lacks: root }];
    return [
      { title: `${kind}, root`, offers, lacks: root },
      { title: `${kind}, ordinary user`, offers, lacks: user },
    ];
  });
}

function cell(
  { offers, lacks }: Column,
  capability: CapabilityName,
  reasons: readonly string[],
): string {
  const reason = lacks[capability];
  if (reason !== undefined) return `no (${reasons.indexOf(reason) + 1})`;
  return offers.includes(capability) ? 'yes' : 'no';
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
