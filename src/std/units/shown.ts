/** 1963 -> '1,963', whatever the reader's locale: reports of one run are the same everywhere. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** 13120 -> '13.1 s'; a short duration is not rounded to zero: 47 -> '47 ms'. */
export function seconds(ms: number): string {
  if (ms > 0 && ms < 100) return `${Math.ceil(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** For ages that are known to a few hundredths: 2013 -> '2.01 s'. */
export function fineSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** 75, 7100 -> '0.1 s and 7.1 s': both ends in one unit. */
export function shownRange(fromMs: number, toMs: number): string {
  if (toMs < 100) return `${seconds(fromMs)} and ${seconds(toMs)}`;
  return `${(fromMs / 1000).toFixed(1)} s and ${(toMs / 1000).toFixed(1)} s`;
}

/** 'unknown' for an unmeasured value: null is never zero. */
export function known(value: number | null): string {
  return value === null ? 'unknown' : grouped(value);
}

export function secondsOrUnknown(ms: number | null): string {
  return ms === null ? 'unknown' : seconds(ms);
}

/** 1234567 -> '1.2 MB'. */
export function bytes(count: number | null): string {
  if (count === null) return 'unknown';
  const units = ['bytes', 'kB', 'MB', 'GB'];
  let value = Math.abs(count);
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  const shown = unit === 0 ? String(value) : value.toFixed(1);
  return `${count < 0 ? '-' : ''}${shown} ${units[unit] ?? ''}`;
}

/** 'a', 'a and b', 'a, b and c'. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

export function plural(count: number, word: string): string {
  return `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** A replica ahead of the primary has diverged, or was read later. */
export function lagWords(lagBytes: number | null): string {
  if (lagBytes === null) return 'lag unknown';
  return lagBytes < 0 ? `${bytes(-lagBytes)} ahead of the primary` : `lag ${bytes(lagBytes)}`;
}

/** 12.34 -> '12.3 ms', 4100 -> '4.1 s'; '' where it was not measured. */
export function milliseconds(ms: number | undefined): string {
  if (ms === undefined) return '';
  return ms < 1000 ? `${ms.toFixed(1)} ms` : seconds(ms);
}
