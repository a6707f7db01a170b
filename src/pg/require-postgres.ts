import type { LeastPostgres } from '../contracts/least-postgres.ts';
import { ScenarioError } from '../std/errors.ts';

/** Errors: ScenarioError when this version, '15.18', is older than what the scenario needs. */
export function requirePostgres(version: string, least: LeastPostgres | undefined): void {
  if (!least || Number.parseInt(version, 10) >= least.major) return;
  throw new ScenarioError(
    `${least.key}: needs PostgreSQL ${least.major} or later, and this cluster has ${version}`,
  );
}
