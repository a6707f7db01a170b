import { readQuoted } from './quoted.ts';
import type { Span } from './value.ts';

const field = String.raw`(?:\\.|[^\s:"'\\])+`;
const host = String.raw`(?:${field}|\[[0-9a-fA-F:.%]+\]|[0-9a-fA-F]*::[0-9a-fA-F:.]*)`;

/** Secrets without a name, known by their place. The first group is kept; the second is the secret. */
const places: readonly RegExp[] = [
  // postgres://user:password@host: up to the last @ of the word, for a password may hold one.
  /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,40}:\/\/[^\s:@/'"\\]*:)((?:\\*['"](?=\w)|[^\s'"\\]|\\(?!\\*["']).)+)@/gi,
  // The same, percent-encoded or escaped within a URL or JSON.
  /(\b[a-z][a-z0-9+.-]{0,40}(?::|%(?:25)*3A|\\{1,8}u003a)(?:\\*\/|%(?:25)*2F|\\{1,8}u002f){2}(?:(?!%(?:25)*(?:3A|40))[\w.~%+-])*(?::|%(?:25)*3A|\\{1,8}u003a))((?:(?!%(?:25)*2F|\\{1,8}u002f|\\*["'])[^\s/@])+)(?=@|%(?:25)*40|\\{1,8}u0040)/gi,
  // A token in place of the user.
  /(\w:\/\/)((?=[^\s:@/]*\d)[\w.~%-]{20,})@/g,
  /(\bhttps?:\/\/)((?=[^\s:@/]*\d)[\w.~%-]{8,}|[\w.~%-]{20,})@/g,
  // .pgpass: host:port:database:user:password, also in a text of JSON.
  new RegExp(
    String.raw`((?:^|\\n|")[ \t]*(?:#[ \t]*)?${host}:(?:\d{1,5}|\*):${field}:${field}:)((?:\\(?!n|\\*")[^\n]|[^\n"\\])+)`,
    'gm',
  ),
  // PgBouncer's userlist.txt.
  /^([ \t]*(?:;[ \t]*)?"(?:[^"\n]|"")*"[ \t]+")((?:[^"\n]|"")+)/gm,
  // curl -u name:X, --user name:X, also as items of a list.
  /((?:^|[\s"'[(,])(?:-u|-U|--user|--proxy-user)(?:=|[ \t]+|\\*["'],[ \t]*)?\\*["']?[^\s:"'\\=]*:)([^\s"'\\]+)/gm,
  /((?:^|[\s"'[(,])(?:-u|-U|--user|--proxy-user)(?:=|[ \t]+)?"[^:"\n]*:)([^"\n]+)/gm,
  /((?:^|[\s"'[(,])(?:-u|-U|--user|--proxy-user)(?:=|[ \t]+)?'[^:'\n]*:)([^'\n]+)/gm,
  // The same with short options joined: curl -su name:X.
  /(\bcurl\b[^\n]{0,200}?[\s"',]-[a-zA-Z#\d]+[uU](?:[ \t]*|\\*["'],[ \t]*)\\*["']?[^\s:"'\\=]*:)([^\s"'\\]+)/g,
  /(\bcurl\b[^\n]{0,200}?\s-[a-zA-Z#\d]+[uU][ \t]*"[^:"\n]*:)([^"\n]+)/g,
  /(\bcurl\b[^\n]{0,200}?\s-[a-zA-Z#\d]+[uU][ \t]*'[^:'\n]*:)([^'\n]+)/g,
  /(\blogin\b[^\n|;&]{0,200}?[\s"',]-p(?:\\*["'],[ \t]*|[ \t=]*)\\*["']?)([^\s"'\\]+)/g,
  // Passwords on standard input: echo "name:X" | chpasswd, echo X | passwd --stdin.
  /((?:echo|printf)[ \t]+(?:-\w+[ \t]+)*(?:\\*["'])?[\w.-]+:)([^\n|]{1,200}?)(?=(?:\\*["'])?\s{0,9}\|[^\n|]{0,100}\bchpasswd\b)/g,
  /(\bchpasswd\b[^\n<]{0,100}<<<[ \t]*(?:\\*["'])?[\w.-]+:)([^\n"'\\]+)/g,
  /((?:echo|printf)[ \t]+(?:-\w+[ \t]+)*(?:\\*["'])?)([^\n|]{1,200}?)(?=(?:\\*["'])?\s{0,9}\|[^\n|]{0,100}(?:--stdin\b|--password-stdin\b|\bsudo[ \t]+-S\b))/g,
  // redis.conf, keepalived.conf, haproxy.cfg.
  /(\b(?:requirepass|masterauth|auth_pass|insecure-password|sentinel[ \t]+auth-pass[ \t]+\S+)[ \t]+(?:\\*["'])?)([^\s"'\\]+)/gi,
  /(\bstats[ \t]+auth[ \t]+[^\s:]+:)([^\s"'\\]+)/g,
  // Docker's config.json: base64 of name:X.
  /(["']auth\\*["']\s*:\s*\\*["'])((?=[^"']*[A-Z\d=])[A-Za-z\d+/=]{8,})(?=\\*["'])/g,
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
