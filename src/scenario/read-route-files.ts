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
  try {
    return { ...route, config: { file: config.file, text: await readFile(file, 'utf8') } };
  } catch (error) {
    const key = refusals.has(`load.routes.${name}`) ? `load.routes.${name}` : 'load.route';
    refusals.add(`${key}.config`, `${config.file} cannot be read: ${messageOf(error)}`);
    return route;
  }
}
