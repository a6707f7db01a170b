import { mask } from './mask.ts';
import { namedSecrets } from './named.ts';
import { pairedSecrets } from './pairs.ts';
import { parameterSecrets, placedSecrets } from './places.ts';
import { shapedSecrets } from './shapes.ts';
import type { Span } from './value.ts';

/*
 * What merely looks like a secret, in text of any kind: addresses, environments, YAML, JSON, SQL, logs. When in
 * doubt a word is masked: what judging needs is in the journals, and its verdict is compared after scrubbing.
 */

/** `isNamed`: found by its name or place, so it is masked wherever else it occurs. */
type Found = (secret: string, isNamed: boolean) => void;

/** Masks every secret that its form or its surroundings give away. */
export function maskNamed(text: string, found: Found): string {
  const named = [...namedSecrets(text), ...pairedSecrets(text), ...placedSecrets(text)];
  const others = [...shapedSecrets(text), ...parameterSecrets(text)];
  for (const { from, to } of named) found(text.slice(from, to), true);
  for (const { from, to } of others) found(text.slice(from, to), false);
  return cutOut(text, merged([...named, ...others]));
}

/** Masks these words literally wherever they occur. */
export function maskLiterally(text: string, secrets: readonly string[]): string {
  return secrets.reduce((all, secret) => all.replaceAll(secret, mask), text);
}

function merged(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans.filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (!last || span.from >= last.to) result.push(span);
    else result[result.length - 1] = { ...last, to: Math.max(last.to, span.to) };
  }
  return result;
}

function cutOut(text: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to, around = '' } of spans) {
    parts.push(text.slice(at, from), around, mask, around);
    at = to;
  }
  return `${parts.join('')}${text.slice(at)}`;
}
