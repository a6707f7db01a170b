/** One damage, and whether exactly this damage was found. */
export interface TrialResult {
  readonly planted: string;
  /** `lost 3, corrupted 1` */
  readonly demanded: string;
  /** Differences between the verdict and the planted damage; none if it is right. */
  readonly problems: readonly string[];
}

/** Logs what was planted and found. */
export function logged(trial: TrialResult, log: (line: string) => void): TrialResult {
  const { planted, demanded, problems } = trial;
  const isRight = problems.length === 0;
  log(`${isRight ? 'ok  ' : 'FAIL'}  ${planted}: ${isRight ? 'found' : 'wanted'} ${demanded}`);
  for (const problem of problems) log(`        ${problem}`);
  return trial;
}
