import { libpqParameters, type ParameterRule } from '../../pg/libpq/parameters.ts';
import { ScenarioError } from '../../std/errors.ts';

const begin = '<!-- made by `npm run schema`: what becomes of each parameter -->';
const end = '<!-- end -->';

/** docs/connections.md with its table. Errors: ScenarioError where the marks are gone. */
export function withParameterTable(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new ScenarioError(`docs/connections.md: '${begin}' is gone`);
  const rows = Object.entries(libpqParameters).map(([name, rule]) => rowOf(name, rule));
  const table = ['| parameter | variable | here | |', '|---|---|---|---|', ...rows].join('\n');
  return `${page.slice(0, from)}${begin}\n${table}\n${page.slice(to)}`;
}

function rowOf(name: string, { variable, use, values, note }: ParameterRule): string {
  const accepted = use === 'only' ? `only ${(values ?? []).map(code).join(', ')}` : use;
  return `| ${code(name)} | ${variable === undefined ? '' : code(variable)} | ${accepted} | ${note} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
