/**
 * What an extension imports from 'forkpoint/extension': the contracts, and helpers that the shipped extensions use
 * themselves. An extension in a folder given by --extensions needs nothing installed: this is the Forkpoint that runs.
 */
export type * from '../contracts/backend.ts';
export type * from '../contracts/cluster.ts';
export type * from '../contracts/evidence.ts';
export type * from '../contracts/fault.ts';
export type * from '../contracts/finding.ts';
export type * from '../contracts/json.ts';
export type * from '../contracts/observation.ts';
export type * from '../contracts/result.ts';
export type * from '../contracts/scenario.ts';
export type * from '../contracts/shell.ts';
export type * from '../contracts/workload.ts';
export { z } from 'zod';
export { connectByString } from './connect-by-string.ts';
export { countCheck } from '../checks/support/count-check.ts';
export { rowChecksum } from '../pg/checksum.ts';
export { quoteIdentifier } from '../pg/quote.ts';
export { commandShell } from '../shells/support/command-shell.ts';
export { ClusterError, EnvironmentError, lacks, NotCarriedOut } from '../std/errors.ts';
export { seededRandom } from '../std/random.ts';
export {
  compare,
  comparison,
  duration,
  formatComparison,
  percentage,
  size,
} from '../std/units/units.ts';
export { allDone, waitUntil } from '../std/wait.ts';
