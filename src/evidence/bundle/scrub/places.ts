import { readQuoted } from './quoted.ts';
import type { Span } from './value.ts';

const field = String.raw`(?:\\.|[^\s:"'\\])+`;
const host = String.raw`(?:${field}|\[[0-9a-fA-F:.%]+\]|[0-9a-fA-F]*::[0-9a-fA-F:.]*)`;

/** Places whose secret has no name: the first group is kept, and the second is secret. */
const places: readonly RegExp[] = [
  // postgres://user:password@host: up to the last @ of the word, for a password may hold one.
  /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,40}:\/\/[^\s:@/'"\\]*:)((?:\\*['"](?=\w)|[^\s'"\\]|\\(?!\\*["']).)+)@/gi,
  /(\w:\/\/)((?=[^\s:@/]*\d)[\w.~%-]{20,})@/g,
  // .pgpass: host:port:database:user:password, also in a text of JSON.
  new RegExp(
    String.raw`((?:^|\\n|")[ \t]*(?:#[ \t]*)?${host}:(?:\d{1,5}|\*):${field}:${field}:)((?:\\(?!n|\\*")[^\n]|[^\n"\\])+)`,
    'gm',
  ),
  // PgBouncer's userlist.txt.
  /^([ \t]*(?:;[ \t]*)?"(?:[^"\n]|"")*"[ \t]+")((?:[^"\n]|"")+)/gm,
  // curl -u name:X, --user name:X, also as words of a list.
  /((?:^|[\s"'[(,])(?:-u|-U|--user|--proxy-user)(?:=|[ \t]+|\\*["'],[ \t]*)?\\*["']?[^\s:"'\\=]*:)([^\s"'\\]+)/gm,
  /((?:^|[\s"'[(,])(?:-u|-U|--user|--proxy-user)(?:=|[ \t]+)?"[^:"\n]*:)([^"\n]+)/gm,
  /((?:^|[\s"'[(,])(?:-u|-U|--user|--proxy-user)(?:=|[ \t]+)?'[^:'\n]*:)([^'\n]+)/gm,
  /(\b(?:sshpass|mysql\w*)\b[^\n]*?\s-p\s*)([^\s"']+|"[^"\n]*|'[^'\n]*)/g,
  /(\b(?:redis-cli\b[^\n]*?\s-a|ldap\w+\b[^\n]*?\s-w)\s+)([^\s]+)/g,
  /(\bIDENTIFIED\s+(?:WITH\s+\w+\s+)?(?:BY|AS)\s+')((?:[^'\n]|'')+)/gi,
  /(\b(?:crypt|gen_salt|pgp_sym_(?:en|de)crypt\w*)\s*\((?:[^'()\n]*,\s*)?')((?:[^'\n]|'')+)/gi,
];

const parameter = /\$\d+\s*=\s*/g;

export function placedSecrets(text: string): readonly Span[] {
  return places.flatMap((place) =>
    Array.from(text.matchAll(place), ({ 1: kept = '', 2: secret = '', index }) => ({
      from: index + kept.length,
      to: index + kept.length + secret.length,
    })),
  );
}

/** `parameters: $1 = 'X'`: a statement's parameters may be anything. */
export function parameterSecrets(text: string): readonly Span[] {
  return Array.from(text.matchAll(parameter)).flatMap(({ 0: whole, index }) => {
    const found = readQuoted(text, index + whole.length);
    return found && found.to > found.from ? [{ from: found.from, to: found.to }] : [];
  });
}
