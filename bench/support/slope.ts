export interface Sample {
  readonly minute: number;
  readonly mb: number;
}

/** MB a minute, by least squares. */
export function slopePerMinute(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [minute, mb] = [mean((sample) => sample.minute), mean((sample) => sample.mb)];
  const covariance = mean((sample) => (sample.minute - minute) * (sample.mb - mb));
  return covariance / mean((sample) => (sample.minute - minute) ** 2);
}
