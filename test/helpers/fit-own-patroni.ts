import type { LabContents } from '../../src/contracts/own-patroni.ts';
import { fitConfig } from '../../src/scenario/own-patroni/fit.ts';
import { Listing } from '../../src/scenario/own-patroni/listing.ts';
import { masker, secretsIn } from '../../src/scenario/own-patroni/secrets.ts';
import { parseYaml, valuesOf } from '../../src/scenario/parse/parse-yaml.ts';

const contents: LabContents = {
  method: 'trust',
  postgres: '15.20',
  patroni: '3.0.2',
  hasProgram: (name) => name === '/usr/bin/logger',
  hasLibrary: (name) => name === 'pg_stat_statements',
  hasParameter: (name) => name !== 'io_method',
  hasLocale: (name) => name === 'C.UTF-8',
};

/** A patroni.yml as a lab with these contents runs it. `replaced`: one line per entry, without those of this environment. */
export function fit(text: string, over: Partial<LabContents> = {}, hasTls = false) {
  const yaml = parseYaml(text, 'patroni.yml', { version: '1.1' });
  const content = valuesOf(yaml) as Parameters<typeof fitConfig>[0];
  const hide = masker(secretsIn(content as never));
  const listing = new Listing(yaml, hide);
  const fitted = fitConfig(content, {
    listing,
    contents: { ...contents, ...over },
    nodes: ['pg1', 'pg2'],
    hasTls,
    environment: { PATRONI_SCOPE: 'x', HOME: '/root' },
  });
  const refused = listing.refused.problems.map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
  const replaced = fitted.replaced
    .filter(({ key }) => key !== 'PATRONI_SCOPE')
    .map(({ key, given, instead, why }) => `${key}: ${given} -> ${instead ?? 'out'}: ${why}`);
  return { fitted, refused, replaced };
}
