import type { Json } from '../../contracts/json.ts';

const mask = '***';
/** A shorter one is part of too many words to be looked for by itself. */
const shortest = 6;

const secretKey = /passw|passphrase|secret|token|credential|private_?key|^pass$/i;
/** In commands and connection strings. */
const inText: readonly RegExp[] = [
  /(\b(?:password|passwd|pwd|sslpassword)\s*=\s*)('(?:[^'\\]|\\.)*'|"[^"]*"|[^\s'"]+)/gi,
  /([a-z][a-z+]*:\/\/[^\s:/@]*:)([^\s@/]+)(?=@)/gi,
  /(\b\w*(?:SECRET|TOKEN|PASSWORD|PASSWD|ACCESS_KEY|API_KEY)\w*=)('[^']*'|"[^"]*"|[^\s'"]+)/gi,
];

/** A value that is a secret by its key, whatever it is. */
export function isSecretKey(key: string): boolean {
  // PostgreSQL's way to store passwords, and a file's name, are no secrets.
  return secretKey.test(key) && !/encryption|passfile|password_file/i.test(key);
}

/** Every secret in a configuration. */
export function secretsIn(value: Json, isSecret = false): readonly string[] {
  if (typeof value === 'string' || typeof value === 'number') {
    return isSecret ? [String(value)] : secretsInText(String(value));
  }
  if (Array.isArray(value)) return value.flatMap((entry: Json) => secretsIn(entry, isSecret));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    secretsIn(child, isSecret || isSecretKey(key)),
  );
}

function secretsInText(text: string): readonly string[] {
  return inText.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, , secret = '']) => secret.replace(/^(['"])(.*)\1$/, '$2')),
  );
}

/** Takes secrets out of a text: those that are given, and what looks like one. */
export function masker(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets)]
    .filter((secret) => secret.length >= shortest)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    const literal = known.reduce((all, secret) => all.replaceAll(secret, mask), text);
    return inText.reduce((all, pattern) => all.replace(pattern, `$1${mask}`), literal);
  };
}

/** The same value without its secrets. */
export function masked(value: Json, hide: (text: string) => string, isSecret = false): Json {
  if (isSecret && (typeof value === 'string' || typeof value === 'number')) return mask;
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) return value.map((entry: Json) => masked(entry, hide, isSecret));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      masked(child, hide, isSecret || isSecretKey(key)),
    ]),
  );
}
