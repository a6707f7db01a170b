/** How far a worker's clock is ahead of ours, and by how much that may be wrong. Nanoseconds. */
export interface ClockOffset {
  readonly offsetNs: bigint;
  readonly errorNs: bigint;
}

/** Both read the same clock of the same kernel. */
export const sameClock: ClockOffset = { offsetNs: 0n, errorNs: 0n };

export interface ClockSample {
  readonly sentNs: bigint;
  /** What the worker's clock said in between. */
  readonly workerNs: bigint;
  readonly receivedNs: bigint;
}

/**
 * The best of several: the one with the shortest round trip, for the worker looked at its clock somewhere between the
 * sending and the answer, and half of that time is all that can be wrong.
 */
export function offsetOf(samples: readonly [ClockSample, ...ClockSample[]]): ClockOffset {
  let best = samples[0];
  for (const sample of samples) if (roundTrip(sample) < roundTrip(best)) best = sample;
  const halfNs = roundTrip(best) / 2n;
  // Rounded up: an error is never said to be smaller than it is.
  return { offsetNs: best.workerNs - (best.sentNs + halfNs), errorNs: halfNs + 1n };
}

function roundTrip({ sentNs, receivedNs }: ClockSample): bigint {
  return receivedNs - sentNs;
}
