import { stripVTControlCharacters } from 'node:util';

/*
 * Claims, problems, versions and settings come from other people's servers, files and bundles. On a terminal they
 * must not move a cursor, set a title or forge a line; in a CI job's log they must not give the CI commands.
 */

/** A text from a server or a file as one plain line: nothing in it moves a cursor or sets a title. */
export function plain(text: string): string {
  return withoutControls(text)
    .replace(/[\n\t\u2028\u2029]+/g, ' ')
    .replace(unseen, '');
}

/** Makes every text of a value plain, at any depth, key names included. */
export function plainValues<T>(value: T): T {
  return plainOf(value) as T;
}

function plainOf(value: unknown): unknown {
  if (typeof value === 'string') return plain(value);
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, child]) => [plain(key), plainOf(child)]));
}

/**
 * Output text of several lines: Forkpoint's own line breaks and colours stay, and no line is a command to GitHub
 * (`::error::`, `##[group]`), Azure (`##vso[...]`) or TeamCity.
 */
export function forTerminal(text: string): string {
  return text
    .split(ownColours)
    .map((part, index) => (index % 2 === 1 ? part : withoutControls(part)))
    .join('')
    .replace(/^([^\S\n]*):(?=:)/gm, '$1: ')
    .replace(/##(?=\[|vso\[|teamcity\[)/g, '# #');
}

// eslint-disable-next-line no-control-regex -- the colours that styleText makes; none of them can hide a text
const ownColours = /(\u001b\[(?:0|1|2|22|39|3[1-6]|90)m)/;

/** Marks that change the direction of a text, and so what it seems to say. */
const unseen = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Line feeds and tabs stay. */
function withoutControls(text: string): string {
  return stripVTControlCharacters(text.replace(/\r\n/g, '\n')).replace(/[^\P{Cc}\n\t]+/gu, ' ');
}

/** Equivalent JSON that holds no control characters and no unseen marks, and that `forTerminal` leaves unchanged. */
export function asciiControls(json: string): string {
  const escaped = (found: string) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json
    .replace(/[\u007f-\u009f\u2028\u2029]/g, escaped)
    .replace(unseen, escaped)
    .replace(/##(?=\[|vso\[|teamcity\[)/g, '#\\u0023');
}
