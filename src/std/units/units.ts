import { ScenarioError } from '../errors.ts';
import {
  bandwidthUnits,
  durationUnits,
  percentUnits,
  quantitySchema,
  rateUnits,
  readQuantity,
  sizeUnits,
  type Quantity,
} from './quantity.ts';

export { formatDuration, formatRate, formatSize } from './format.ts';
export {
  comparison,
  compare,
  formatComparison,
  isComparison,
  isComparisonLike,
  type Comparison,
  type ComparisonKind,
} from './comparison.ts';
export { conditionsHold, formatConditions, type RanOn } from './conditions.ts';
export { formatPhase, isStepOf } from './phases.ts';
export { formatState, formatWait } from './waits.ts';
export { readVersionDemand, versionDemand } from './version.ts';

/** Milliseconds of '5s', '250ms', '2m', '1h'. Errors: ScenarioError. */
export function parseDuration(text: string): number {
  return parseQuantity(text, durationUnits);
}

/** Bytes of '256B', '64kB', '1MB', '1GB' (powers of 1024). Errors: ScenarioError. */
export function parseSize(text: string): number {
  return parseQuantity(text, sizeUnits);
}

/** '5s' in a scenario; milliseconds after parsing. */
export const duration = quantitySchema(durationUnits);
/** A duration longer than 0s. */
export const positiveDuration = duration.refine((ms) => ms > 0, 'must be longer than 0s');
/** '64kB' in a scenario; bytes after parsing. */
export const size = quantitySchema(sizeUnits);
/** '500/s' in a scenario; operations per second after parsing. */
export const rate = quantitySchema(rateUnits).refine((perSecond) => perSecond > 0, {
  error: 'must be above 0/s',
});
/** '60%' in a scenario; 0 to 100 after parsing. */
export const percentage = quantitySchema(percentUnits);
/** '1MB/s' or '8Mbit/s' in a scenario; bytes per second after parsing. */
export const bandwidth = quantitySchema(bandwidthUnits);

function parseQuantity(text: string, quantity: Quantity): number {
  const value = readQuantity(text, quantity);
  if (typeof value !== 'number') throw new ScenarioError(value.problem);
  return value;
}
