import type { Result } from '../../contracts/result.ts';
import type { Markup } from '../../render/support/markup.ts';
import {
  oldPrimarySentences,
  routeHead,
  routeNotes,
  routeRows,
} from '../../render/support/route-rows.ts';
import { table } from '../../render/support/table.ts';

/** What the clients of each route got; nothing where all connected directly. */
export function routes(result: Result): Markup | undefined {
  const said = [...oldPrimarySentences(result), ...routeNotes(result)].join(' ');
  const head = routeHead.map((name) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`);
  return table('Routes', head, routeRows(result), said === '' ? undefined : said);
}
