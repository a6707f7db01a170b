import type { Span } from './value.ts';

/** Secrets known by their own form. The first group, where there is one, is kept. */
const shapes: readonly RegExp[] = [
  // A key in PEM, also one whose end or beginning was cut off.
  /(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)(?:(?!-----)[^]){0,20000}-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/g,
  /(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)(?:(?:\s|\\+[nr])*(?:(?:Proc-Type|DEK-Info|Version|Comment): [^\n"\\]*|[A-Za-z0-9+/=]+[ \t]*(?=\r?\n|\r|\\+[nr]|["']|$)))+/g,
  /()(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/=]{16,200}(?:\s|\\+[nr])+)+(?=-----END [A-Z0-9 ]*PRIVATE KEY)/g,
  /(SCRAM-SHA-\d+(?:\$|%24|\\+u0024)+)[^\s'",;)]+/gi,
  /(\bmd5)[0-9a-f]{32}\b/g,
  /()\$(?:2[abxy]|5|6|y|argon2\w*)\$[\w./$=,+-]{20,}/g,
  // Any key whose value looks like base64 or hex: SOME_KEY=mIxEd0...
  /((?<!public[_-]?)(?:[_-][kK][eE][yY]|[a-z]Key|[A-Z\d]KEY)\\*["']?\s*[:=]\s*\\*["']?)(?:(?=[\w+/-]{0,99}\d)(?=[\w+/-]{0,99}[A-Z])(?=[\w+/-]{0,99}[a-z])[A-Za-z0-9+/_=-]{20,}|[\da-fA-F]{32,})/g,
  // JSON Web Tokens, signed or not.
  /()\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*/g,
  /(\bBearer\s+)[\w.~+/=-]{8,}/gi,
  /(\bBasic\s+)[A-Za-z0-9+/=_-]{8,}/g,
  // AWS, Google, Azure, Alibaba, DigitalOcean.
  /()\b(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{12,}\b/g,
  /()\b(?:AIza[\w-]{30,}|GOCSPX-[\w-]{20,}|ya29\.[\w.-]{10,}|1\/\/0[\w-]{20,})/g,
  /([?&;]sig=)[\w%+/=-]{10,}/g,
  /()\b(?:LTAI[A-Za-z0-9]{12,}|do[opr]_v1_[a-f0-9]{32,}|AGE-SECRET-KEY-1[A-Z0-9]{20,})/g,
  // Code and package hosts.
  /()\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,}|gl(?:pat|dt|rt|ptt|cbt|soat|ft|imt|agent|oas)-[\w.-]{16,})/g,
  /()\b(?:npm_[A-Za-z0-9]{30,}|pypi-[\w-]{16,}|rubygems_[a-f0-9]{32,}|dckr_(?:pat|oat)_[\w-]{16,}|AKCp[\w]{16,})/g,
  // Chat, payment, mail.
  /()\b(?:xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,}|[spr]k_(?:live|test)_\w{10,}|whsec_[\w+/=]{16,})/g,
  /(hooks\.slack\.com\/services\/|discord(?:app)?\.com\/api\/webhooks\/)[\w/-]{16,}/g,
  /()\b(?:SG\.[\w-]{10,}\.[\w-]{10,}|key-[0-9a-f]{32}|SK[0-9a-f]{32}|\d{8,10}:AA[\w-]{30,}|sq0[a-z]{3}-[\w-]{20,}|shp(?:at|ss|ca|pa)_[a-f0-9]{32})/g,
  // Services and models.
  /()\b(?:hv[sbr]\.[\w-]{16,}|s\.[A-Za-z0-9]{24}\b|hf_[A-Za-z]{30,}|sk-(?:ant-|proj-)?[\w-]{20,}|dapi[0-9a-f]{32}|gl(?:sa|c)_[\w=]{20,}|NRAK-[A-Z0-9]{20,})/g,
  /()\b(?:ATATT3[\w=-]{20,}|pscale_(?:tkn|pw|oauth)_[\w.-]{16,}|dp\.(?:pt|st|ct)\.[\w.]{16,}|pul-[a-f0-9]{32,}|PMAK-[\w-]{20,}|sbp_[a-f0-9]{32,}|lin_api_\w{20,}|figd_[\w-]{20,}|ntn_\w{20,})/g,
];

export function shapedSecrets(text: string): readonly Span[] {
  return shapes.flatMap((shape) =>
    Array.from(text.matchAll(shape), ({ 0: whole, 1: kept = '', index }) => ({
      from: index + kept.length,
      to: index + whole.length,
    })),
  );
}
