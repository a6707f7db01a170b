import { describe, expect, test } from 'vitest';
import { encodedAnywhere } from '../../../../../src/evidence/bundle/scrub/encoded.ts';
import { maskNamed } from '../../../../../src/evidence/bundle/scrub/scrub.ts';
import { evidence, secretForms, X } from './secret-forms.ts';

const scrubbed = (text: string) => maskNamed(text, () => undefined);

test.each(secretForms)('%j holds no secret once it is scrubbed', (form, ...parts) => {
  const masked = scrubbed(form);
  expect([...parts, X].filter((part) => masked.includes(part))).toEqual([]);
});

test.each(evidence)('%s stays as it is', (text) => {
  expect(scrubbed(text)).toBe(text);
});

test('there are at least 123 forms, and each is also scrubbed between other lines', () => {
  expect(secretForms.length).toBeGreaterThanOrEqual(123);
  const before = 'LOG:  checkpoint complete\n';
  const after = '\n2026-11-28 12:34:56.789 UTC [1] LOG:  redo starts at 0/3000060\n';
  for (const [form] of secretForms) {
    const masked = scrubbed(`${before}${form}${after}`);
    expect(masked.includes(X) ? form : '').toBe('');
    expect(masked.startsWith(before) && masked.endsWith(after) ? '' : form).toBe('');
  }
});

test('JSON stays JSON', () => {
  for (const [form] of secretForms.filter(([text]) => isJson(text))) {
    expect(isJson(scrubbed(form)) ? '' : form).toBe('');
  }
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('a known secret of the run is found in any encoding', () => {
  const secret = `pä's "w\\rd$&<%\nQ7`;
  const json = (text: string) => JSON.stringify(text).slice(1, -1);
  const sql = (text: string) => text.replaceAll("'", "''");
  const escapes = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n');
  const hex = Buffer.from(secret).toString('hex');
  const html = secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
  const percent = Array.from(
    Buffer.from(secret),
    (byte) => `%${byte.toString(16).padStart(2, '0')}`,
  );
  test.each<[string, string]>([
    ['as it is', secret],
    ['in JSON', json(secret)],
    ['in JSON within JSON', json(json(secret))],
    ['in JSON of ASCII only', json(secret).replaceAll('ä', '\\u00e4')],
    ['in SQL', sql(secret)],
    ['in SQL within SQL', sql(sql(secret))],
    ["in E'..'", escapes(secret)],
    ["in E'..' within JSON", json(escapes(secret))],
    ['in SQL within JSON within JSON', json(json(sql(secret)))],
    ['in a URL', encodeURIComponent(secret)],
    ['in a URL within a URL', encodeURIComponent(encodeURIComponent(secret))],
    ['in a URL, every byte', percent.join('')],
    ['in a form', new URLSearchParams({ p: secret }).toString().slice(2)],
    ['in HTML', html],
    ['in a shell', secret.replaceAll("'", `'\\''`)],
    ['in a shell within JSON', json(secret.replaceAll("'", `'\\''`))],
    ['in YAML with single quotes', sql(secret)],
    ['in hex', hex],
    ['in hex of bytea', `\\\\x${hex.toUpperCase()}`],
    ...['', 'a', 'ab', 'app:'].flatMap((before): [string, string][] => {
      const bytes = Buffer.from(`${before}${secret}tail`);
      return [
        [`in base64 after ${before.length} bytes`, bytes.toString('base64')],
        [`in base64 of URLs after ${before.length} bytes`, bytes.toString('base64url')],
      ];
    }),
  ])('%s', (_how, written) => {
    const masked = encodedAnywhere([secret], () => undefined)(`a ${written} b`);
    expect(masked).toMatch(/^a [\w+/\\-]*\*\*\*[\w+/=-]* b$/);
    expect(masked.length).toBeLessThan(written.length);
  });
});
