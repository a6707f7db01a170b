/** How far a worker's clock is ahead of the harness's, and the largest possible error. Nanoseconds. */
export interface ClockOffset {
  readonly offsetNs: bigint;
  readonly errorNs: bigint;
}

/** Both processes read the same clock of the same kernel. */
export const sameClock: ClockOffset = { offsetNs: 0n, errorNs: 0n };

export interface ClockSample {
  readonly sentNs: bigint;
  /** The worker's clock in between. */
  readonly workerNs: bigint;
  readonly receivedNs: bigint;
}

/**
 * The best of several measurements: the one with the shortest round trip. The worker read its clock at some time between
 * request and answer, so half of the round trip is the largest possible error.
 */
export function offsetOf(samples: readonly [ClockSample, ...ClockSample[]]): ClockOffset {
  let best = samples[0];
  for (const sample of samples) if (roundTrip(sample) < roundTrip(best)) best = sample;
  const halfNs = roundTrip(best) / 2n;
  // Rounded up: an error is never reported as smaller than it is.
  return { offsetNs: best.workerNs - (best.sentNs + halfNs), errorNs: halfNs + 1n };
}

function roundTrip({ sentNs, receivedNs }: ClockSample): bigint {
  return receivedNs - sentNs;
}
