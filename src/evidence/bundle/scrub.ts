/*
 * Passwords in text of any kind: addresses, environments, YAML, JSON, SQL, logs. Rather one word too many than one
 * too few: what judging needs is in the journals and is compared after scrubbing.
 */

export const mask = '***';

/** A name whose value is nobody's business; not PostgreSQL's own setting of how passwords are stored. */
const name = String.raw`[\w.-]*(?:passw(?:or)?d|passphrase|passwrd|secret|token|api[_-]?key|private[_-]?key)(?!_encryption|_required)[\w.-]*`;
const quoted = String.raw`\\"(?:(?!\\").)*\\"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'`;

type Replace = (found: RegExpExecArray) => { readonly text: string; readonly secret: string };

/** Each finds one way to write a secret; `secret` is what it was. */
const rules: readonly (readonly [RegExp, Replace])[] = [
  [
    /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^]*?-----END \1-----/g,
    () => ({ text: mask, secret: '' }),
  ],
  // postgres://user:password@host: up to the last @ of the word, for a password may hold one.
  [
    /([a-z][a-z0-9+.-]*:\/\/[^\s:@/'"\\]*):([^\s'"\\]+)@/gi,
    ([, before = '', secret = '']) => ({ text: `${before}:${mask}@`, secret }),
  ],
  [
    /(\bauthorization["']?\s*[:=]\s*["']?(?:basic|bearer|digest)\s+)([^\s'",]+)/gi,
    ([, before = '', secret = '']) => ({ text: `${before}${mask}`, secret }),
  ],
  // YAML: everything up to the end of the line, and of a block.
  [
    new RegExp(
      String.raw`^([ \t]*(?:- )?["']?${name}["']?:[ \t]*)[|>][-+]?\n((?:[ \t]+.*\n?)+)`,
      'gim',
    ),
    ([, before = '', secret = '']) => ({ text: `${before}${mask}\n`, secret }),
  ],
  [
    new RegExp(String.raw`^([ \t]*(?:- )?${name}:[ \t]+)([^\s"'{[&*|>].*?)[ \t]*$`, 'gim'),
    ([, before = '', secret = '']) => ({ text: `${before}${mask}`, secret }),
  ],
  // --password word, and the same as two words of a JSON list.
  [
    new RegExp(String.raw`(--${name}(?:[ =]|"\s*,\s*"|'\s*,\s*'))([^\s"',\]]+)`, 'gi'),
    ([, before = '', secret = '']) => ({ text: `${before}${mask}`, secret }),
  ],
  // name=value, name: "value", and the same inside a quoted text.
  [
    new RegExp(String.raw`(\b${name})(\\?["']?)(\s*[:=]\s*)(${quoted}|[^\s,;&}\]'"\\)]+)`, 'gi'),
    replaceValue,
  ],
  [
    /(\bpassword\s+E?)('(?:[^']|'')*')/gi,
    ([, before = '', secret = '']) => ({ text: `${before}'${mask}'`, secret: unquoted(secret) }),
  ],
  [/SCRAM-SHA-256\$[^\s'"\\]+/g, ([secret]) => ({ text: `SCRAM-SHA-256$${mask}`, secret })],
  [/\bmd5[0-9a-f]{32}\b/g, ([secret]) => ({ text: `md5${mask}`, secret })],
  // .pgpass: host:port:database:user:password
  [
    /^((?:[^\s:"]+:)(?:\d{1,5}|\*):[^\s:"]+:[^\s:"]+:)(\S+)$/gm,
    ([, before = '', secret = '']) => ({ text: `${before}${mask}`, secret }),
  ],
];

function replaceValue([whole, key = '', quote = '', between = '', value = '']: RegExpExecArray) {
  if (/^(?:null|true|false|none|on|off|\*+)$/i.test(value)) return { text: whole, secret: '' };
  const open = /^(?:\\"|"|')/.exec(value)?.[0];
  // A bare value of a JSON key is a number: text in its place must be quoted.
  const around = open ?? (quote === '"' ? '"' : '');
  return { text: `${key}${quote}${between}${around}${mask}${around}`, secret: unquoted(value) };
}

function unquoted(value: string): string {
  return value.replace(/^(?:E'|\\"|"|')|(?:\\"|"|')$/g, '');
}

/** Masks every secret that its surroundings give away, and tells what they were. */
export function maskNamed(text: string, found: (secret: string) => void): string {
  return rules.reduce(
    (all, [pattern, replace]) =>
      all.replace(pattern, (...groups: unknown[]) => {
        const words = groups.filter((group) => typeof group === 'string' || group === undefined);
        // The last text is the whole input, not a group.
        const { text: masked, secret } = replace(words.slice(0, -1) as unknown as RegExpExecArray);
        if (secret !== '' && secret !== mask) found(secret);
        return masked;
      }),
    text,
  );
}

/** Masks these words wherever they stand. */
export function maskLiterally(text: string, secrets: readonly string[]): string {
  return secrets.reduce((all, secret) => all.replaceAll(secret, mask), text);
}

/**
 * What can be looked for by itself: a password such as `postgres` is also a user, a database and a word of every
 * log, and masking it there would hide more than it keeps secret.
 */
export function isTelling(secret: string): boolean {
  return (secret.length >= 8 && /[^a-z_-]/i.test(secret)) || secret.length >= 16;
}

/** What this process's environment keeps secret, for it may have gone into a log. */
export function secretsOf(environment: Readonly<Record<string, string | undefined>>): string[] {
  const isSecret = new RegExp(`^${name}$`, 'i');
  return Object.entries(environment).flatMap(([key, value]) =>
    value !== undefined && isSecret.test(key) && isTelling(value) ? [value] : [],
  );
}
