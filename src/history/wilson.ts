/** The 97.5 % quantile of the normal distribution: 95 % lie between it and its negative. */
const quantile = 1.959_963_984_540_054;

/**
 * The 95 % confidence interval of a probability, from `hits` in `trials`, after Wilson: it stays within 0..1 and is sound
 * for few trials and for no or only hits. Undefined without trials.
 * Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
 */
export function wilsonInterval(
  hits: number,
  trials: number,
): readonly [low: number, high: number] | undefined {
  if (trials === 0) return undefined;
  const share = hits / trials;
  const squared = quantile ** 2;
  const middle = share + squared / (2 * trials);
  const half = quantile * Math.sqrt((share * (1 - share)) / trials + squared / (4 * trials ** 2));
  const scale = 1 + squared / trials;
  // Exactly 0 and 1 at the ends, without a rounding error.
  const low = hits === 0 ? 0 : (middle - half) / scale;
  const high = hits === trials ? 1 : (middle + half) / scale;
  return [low, high];
}
