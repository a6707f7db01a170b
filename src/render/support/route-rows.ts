import type { Result, RouteResult } from '../../contracts/result.ts';
import { counted } from './counted.ts';
import { grouped, seconds, secondsOrUnknown } from './format.ts';

export const routeHead = [
  ...['route', 'clients', 'acknowledged', 'lost', 'longest outage', 'failed', 'indeterminate'],
  ...['errors', 'answered by'],
];
const errorsShown = 3;

/** What each route's clients got, but for those that only read. */
export function routeRows(result: Result): readonly (readonly string[])[] {
  return writing(result).map((route) => [
    ...[routeName(route), grouped(route.clients), counted(result, route.acknowledged)],
    ...[counted(result, route.lost), secondsOrUnknown(route.outageMs)],
    ...[counted(result, route.failed), counted(result, route.indeterminate)],
    ...[errorWords(route), serverWords(route)],
  ]);
}

function writing({ routes = [] }: Pick<Result, 'routes'>): readonly RouteResult[] {
  return routes.filter(({ readsOnly }) => readsOnly !== true);
}

/** Writes that a route sent to a primary that had been replaced, a sentence each. */
export function oldPrimarySentences({ routes = [] }: Pick<Result, 'routes'>): readonly string[] {
  return routes.flatMap(({ name, onOldPrimary }) =>
    (onOldPrimary ?? []).map(
      ({ node, timeline, newPrimary, sinceMs, acknowledged, untilMs }) =>
        `Route ${name} sent ${grouped(acknowledged)} acknowledged ${acknowledged === 1 ? 'write' : 'writes'} to ` +
        `the old primary ${node} (timeline ${timeline}) after ${newPrimary} had taken over at ` +
        `${seconds(sinceMs)}, until ${seconds(untilMs)}.`,
    ),
  );
}

/** What stands behind the routes, and what was replaced in the user's configuration. */
export function routeNotes({ routes = [] }: Pick<Result, 'routes'>): readonly string[] {
  return routes.flatMap(({ name, what, notes }) => [
    ...(what === undefined ? [] : [`Route ${name}: ${what}.`]),
    ...notes.map((note) => `Route ${name}: ${note}.`),
  ]);
}

/** One line per route, for a terminal. */
export function routeLines(result: Result): readonly string[] {
  return writing(result).map(
    (route) =>
      `Route ${route.name}: lost ${counted(result, route.lost)} of ${counted(result, route.acknowledged)}, ` +
      `outage ${secondsOrUnknown(route.outageMs)}, failed ${counted(result, route.failed)}, ` +
      `indeterminate ${counted(result, route.indeterminate)}`,
  );
}

function routeName({ name, via }: RouteResult): string {
  return name === via ? name : `${name} (${via})`;
}

function errorWords({ errors }: RouteResult): string {
  const shown = errors
    .slice(0, errorsShown)
    .map(({ sqlState, outcome, count }) => `${sqlState || outcome} ${grouped(count)}`);
  const rest = errors.length - errorsShown;
  return [...shown, ...(rest > 0 ? [`${grouped(rest)} more`] : [])].join(', ');
}

function serverWords({ servers }: RouteResult): string {
  return servers
    .map(
      ({ node, timeline, acknowledged }) =>
        `${node ?? 'unknown'} (timeline ${timeline}) ${grouped(acknowledged)}`,
    )
    .join(', ');
}
