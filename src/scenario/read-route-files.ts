import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RouteSpec } from '../contracts/route.ts';
import type { Scenario } from '../contracts/scenario.ts';
import { messageOf } from '../std/errors.ts';
import { Refusals } from './plan/refusals.ts';

/**
 * The scenario with the text of the files that its routes name, so that a replay needs no file. `folder`: where relative
 * paths start.
 * Errors: one ScenarioError with every file that cannot be read.
 */
export async function withRouteFiles(scenario: Scenario, folder: string): Promise<Scenario> {
  const { routes } = scenario.load;
  if (!routes?.some(({ config }) => config)) return scenario;
  const refusals = new Refusals(scenario);
  const read = await Promise.all(routes.map((route) => withText(route, folder, refusals)));
  refusals.throwIfAny();
  return { ...scenario, load: { ...scenario.load, routes: read } };
}

async function withText(route: RouteSpec, folder: string, refusals: Refusals): Promise<RouteSpec> {
  const { config, name } = route;
  if (!config) return route;
  const file = path.resolve(folder, config.file);
  const places = [`load.routes.${name}`, `load.groups.${name}.route`];
  const key = places.find((place) => refusals.has(place)) ?? 'load.route';
  try {
    const text = await readFile(file, 'utf8');
    const read = { ...route, config: { file: config.file, text } };
    return route.via === 'pgbouncer' ? withPooling(read, { text, key, refusals }) : read;
  } catch (error) {
    refusals.add(`${key}.config`, `${config.file} cannot be read: ${messageOf(error)}`);
    return route;
  }
}

/** PgBouncer's file decides what a client may rely on. */
function withPooling(
  route: RouteSpec,
  {
    text,
    key,
    refusals,
  }: { readonly text: string; readonly key: string; readonly refusals: Refusals },
): RouteSpec {
  const inFile = poolModeIn(text);
  const file = route.config?.file ?? '';
  if (inFile !== 'session' && inFile !== 'transaction') {
    const what = `${file} has pool_mode ${inFile}, which allows no transaction of several statements`;
    refusals.add(`${key}.config`, what);
    return route;
  }
  if (route.pooling !== undefined && route.pooling !== inFile) {
    refusals.add(`${key}.pooling`, `is ${route.pooling}, and pool_mode in ${file} is ${inFile}`);
  }
  return { ...route, pooling: inFile };
}

/** As PgBouncer reads it; its default is session. */
function poolModeIn(text: string): string {
  return /^\s*pool_mode\s*=\s*(\w+)/m.exec(text)?.[1] ?? 'session';
}
