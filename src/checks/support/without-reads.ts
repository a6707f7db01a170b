import type { SchemaIssue } from '../../contracts/json.ts';
import type { LoadSpec } from '../../contracts/scenario.ts';
import { hasClientReads } from '../../std/units/client-reads.ts';

/** A demand on what reads see makes no sense for a load that reads nothing. */
export function withoutReads(_params: unknown, load: LoadSpec): readonly SchemaIssue[] {
  if (load.readers || hasClientReads(load)) return [];
  const message = 'the load reads nothing: add `readers: 2` to `load`';
  return [{ path: [], message }];
}
