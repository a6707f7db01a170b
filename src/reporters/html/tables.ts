import type { RunLinks } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import {
  faults,
  forks,
  invariants,
  marks,
  rejoins,
  replicas,
  splitBrains,
  unplanned,
} from './cluster-tables.ts';
import { html, type Markup } from '../../render/support/markup.ts';
import {
  checks,
  configuration,
  durability,
  notes,
  planned,
  problems,
  reproduce,
  versions,
} from './run-tables.ts';
import { archive } from './archive-table.ts';
import { consumers } from './consumer-table.ts';
import { knee } from './knee-table.ts';
import { outageWaterfalls } from './outage-waterfall.ts';
import { reads } from './read-table.ts';
import { routes } from './route-table.ts';
import { anomalies, fates, latency, lost, stages } from './write-tables.ts';

/** Everything measured, in words and numbers: the content of the charts, and more. */
export function tables(result: Result, links?: RunLinks): Markup {
  const hasLog = links?.log !== undefined;
  return html`${checks(result)} ${problems(result)} ${notes(result)}
  ${[knee(result), routes(result)]} ${[reads(result), consumers(result), archive(result)]}
  ${[fates(result), stages(result)]} ${lost(result, hasLog)} ${anomalies(result)}
  ${replicas(result)} ${invariants(result)} ${[splitBrains(result), forks(result)]}
  ${rejoins(result)} ${outageWaterfalls(result)} ${faults(result, hasLog)} ${marks(result)}
  ${unplanned(result)} ${latency(result)} ${durability(result)} ${configuration(result)}
  ${versions(result)} ${planned(result)} ${reproduce(result)}`;
}
