/*
 * Names whose value is secret. Only the word itself is looked for: what stands before it on a long line of base64 is
 * not worth reading again for each place.
 */

const words = [
  String.raw`passw(?:or)?d`,
  'passwrd',
  'passphrase',
  'passcode',
  'secret',
  'token',
  'credential',
  'authorization',
  'cookie',
  String.raw`api[._-]?key`,
  String.raw`(?:private|access|account|encryption|signing|shared|master|auth|hmac|s3|storage|session|service|webhook|deploy|crypto?|cipher|aes|sas|subscription|ingest(?:ion)?)[._-]?key(?![_-]?id)`,
  // `Verdict: PASS: ...` is ours.
  String.raw`(?<![a-z]|verdict: )(?:pass|pwd|pw)(?![a-z])`,
  // DBPASS, userpass, rootpw; a bypass, a compass and OLDPWD are no secrets, and ASKPASS is a program.
  String.raw`(?<=[a-z])(?<!by|com|tres|sur|over|under|en|ask|multi|single|two)pass(?![a-z])`,
  String.raw`(?<=[a-z])(?<!old)pwd(?![a-z])`,
  String.raw`(?:root|bind|user|db|admin|super|repl|replication|my|pg|app|ldap)pw(?![a-z])`,
  String.raw`(?<![a-z])(?:jwt|cred)(?![a-z])`,
  String.raw`creds(?![a-z])`,
  String.raw`(?<=[a-z])(?:Pass|Pwd)(?![a-z])`,
  String.raw`(?<![a-z])_auth(?![a-z])`,
  'signature',
];

/** The word and the rest of the name. PostgreSQL's own settings of how passwords are handled are no secrets. */
const name = String.raw`(?:${words.join('|')})(?![_-]?(?:encryption|required|authentication))[\w.-]*`;

export function secretNames(): RegExp {
  // With the flag `i`, `[a-z]` matches any letter, and the humps of camelCase could not be told.
  return new RegExp(caseless(name), 'g');
}

export function isSecretName(text: string): boolean {
  return anywhere.test(text);
}

const anywhere = new RegExp(caseless(name));

/** HTTP headers, whose value ends with the line. */
export function isHeader(word: string): boolean {
  return /^(?:authorization|cookie)/i.test(word);
}

/** Writes `password` as `[pP][aA]...`, except in the one alternative that depends on case. */
function caseless(pattern: string): string {
  return pattern
    .split(/(\(\?<=\[a-z\]\)\(\?:Pass\|Pwd\)\(\?!\[a-z\]\))/)
    .map((part, index) => (index % 2 === 1 ? part : eitherCase(part)))
    .join('');
}

function eitherCase(part: string): string {
  return part
    .replace(/\[a-z\]/g, '[@]')
    .replace(/\\[a-z]|[a-z]/g, (found) =>
      found.startsWith('\\') ? found : `[${found}${found.toUpperCase()}]`,
    )
    .replace(/\[@\]/g, '[a-zA-Z]');
}
