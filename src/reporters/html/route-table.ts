import type { Result } from '../../contracts/result.ts';
import { html, type Markup } from '../../render/support/markup.ts';
import {
  oldPrimarySentences,
  routeHead,
  routeNotes,
  routeRows,
} from '../../render/support/route-rows.ts';
import { groups } from './group-table.ts';
import { table } from '../../render/support/table.ts';

/** What the clients of each group and route got; nothing where the load names neither. */
export function routes(result: Result): Markup {
  const said = [...oldPrimarySentences(result), ...routeNotes(result)].join(' ');
  const head = routeHead.map((name) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`);
  const note = said === '' ? undefined : said;
  return html`${[groups(result), table('Routes', head, routeRows(result), note)]}`;
}
