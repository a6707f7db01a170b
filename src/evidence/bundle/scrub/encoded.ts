import { mask } from './mask.ts';

/*
 * A secret that the run knows, wherever it occurs and however it is written. What escapes letter by letter (URL, JSON,
 * SQL, E'..', HTML, a shell), also one within another, is one pattern; base64 and hex are texts of their own.
 */

/** Replaces these secrets in every encoding, and reports each. */
export function encodedAnywhere(
  secrets: readonly string[],
  found: () => void,
): (text: string) => string {
  const longestFirst = [...new Set(secrets)].sort((a, b) => b.length - a.length);
  const patterns = longestFirst.map(
    (secret) => new RegExp([escaped(secret), ...whole(secret)].join('|'), 'g'),
  );
  const masked = (written: string, at: number, text: string) => {
    if (!isWhole(text, at, written)) return written;
    found();
    return mask;
  };
  return (text) => patterns.reduce((all, pattern) => all.replace(pattern, masked), text);
}

/** Digits and plain words also occur within longer numbers and words, which are no secrets. */
function isWhole(text: string, at: number, written: string): boolean {
  const isNumber = /^\d+$/.test(written);
  if (!isNumber && !(written.length < 16 && /^[a-z_-]+$/i.test(written))) return true;
  const before = text.slice(Math.max(0, at - 300), at);
  const after = text.slice(at + written.length, at + written.length + 2);
  // The last letter of an escape belongs to no word.
  const opens = /(?:^|\W|\\[nrtbf]|%[\da-f]{2}|\\u[\da-f]{4})$/i.test(before);
  if (!opens || /^\w/.test(after)) return false;
  // A decimal, an LSN, a number of JSON.
  const isPart = /\d\.$|\b[\dA-F]{1,8}\/$|[^\\]":\s*$|\[(?:[\d.,\s-]*,)?\s*$/.test(before);
  return !isNumber || !(isPart || /^\.\d/.test(after));
}

function escaped(secret: string): string {
  return Array.from(secret, (character) => `(?:${writings(character).join('|')})`).join('');
}

/** How one character may be written. */
function writings(character: string): readonly string[] {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  const bytes = [...Buffer.from(character)].map((byte) => byte.toString(16).padStart(2, '0'));
  const units = Array.from({ length: character.length }, (_, n) =>
    character.charCodeAt(n).toString(16).padStart(4, '0'),
  );
  return [
    // A backslash before a plain letter belongs to the text before it.
    `${/\w/.test(character) ? '' : String.raw`\\*`}${RegExp.escape(character)}`,
    bytes.map((byte) => `%(?:25)*${anyCase(byte)}`).join(''),
    units.map((unit) => String.raw`\\+u${anyCase(unit)}`).join(''),
    bytes.map((byte) => String.raw`\\+x${anyCase(byte)}`).join(''),
    bytes.map((byte) => String.raw`\\+${parseInt(byte, 16).toString(8).padStart(3, '0')}`).join(''),
    // U&'..'
    String.raw`\\+${anyCase(hex.padStart(4, '0'))}`,
    `&(?:amp;)*#(?:0*${code}|[xX]0*${anyCase(hex)});`,
    ...(special[character] ?? []),
  ];
}

const special: Readonly<Partial<Record<string, readonly string[]>>> = {
  "'": [String.raw`\\*'+(?:\\+'+)?`, String.raw`'"'"'`, '&apos;'],
  '"': [String.raw`\\*"+`, '&quot;'],
  '\\': [String.raw`\\+`],
  '&': ['&(?:amp;)+'],
  '<': ['&lt;'],
  '>': ['&gt;'],
  ' ': [String.raw`\+`],
  $: [String.raw`\$+`],
  '%': ['%+'],
  '\n': [String.raw`\\+n`],
  '\t': [String.raw`\\+t`],
};

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

/** In hex, and in base64 at each of the three offsets at which it can begin in a longer text. */
function whole(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const inBase64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // Characters shared with a neighbouring byte depend on that byte.
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor(((before + bytes.length) * 8) / 6);
    return encoded.slice(from, to);
  });
  return [
    ...(bytes.length >= 4 ? [anyCase(hex)] : []),
    ...inBase64.filter((text) => text.length >= 6).map(inAnyAlphabet),
  ];
}

/** URL-safe base64 writes two characters differently; lines may be wrapped. */
function inAnyAlphabet(base64: string): string {
  const character = (one: string) =>
    ({ '+': '(?:[+-]|%2[Bb])', '/': String.raw`(?:[/_]|\\/|%2[Ff])` })[one] ?? one;
  return Array.from(base64, character).join(String.raw`(?:\s|\\+[rn])*`);
}
