import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { useContext } from '../../../../src/shells/docker/context.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-context-'));
afterAll(() => rmSync(folder, { recursive: true }));

function makeContext(name: string, host: string): string {
  const id = createHash('sha256').update(name).digest('hex');
  mkdirSync(path.join(folder, 'contexts/meta', id), { recursive: true });
  const meta = { Name: name, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } };
  writeFileSync(path.join(folder, 'contexts/meta', id, 'meta.json'), JSON.stringify(meta));
  return path.join(folder, 'contexts/tls', id, 'docker');
}

const certificates = makeContext('far', 'tcp://far:2376');
mkdirSync(certificates, { recursive: true });
makeContext('colima', 'unix:///home/me/.colima/docker.sock');
writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ currentContext: 'colima' }));

/** Additions to an environment. */
function added(given: Readonly<Record<string, string>>): object {
  const env = { DOCKER_CONFIG: folder, ...given };
  useContext(env);
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => name !== 'DOCKER_CONFIG' && !(name in given)),
  );
}

test('the engine is that of DOCKER_HOST, else of DOCKER_CONTEXT, else of the context in use', () => {
  expect([
    added({ DOCKER_HOST: 'unix:///x', DOCKER_CONTEXT: 'far' }),
    added({ DOCKER_CONTEXT: 'far' }),
    added({ DOCKER_CONTEXT: 'default' }),
    added({}),
    added({ DOCKER_CONFIG: path.join(folder, 'none') }),
  ]).toEqual([
    {},
    { DOCKER_HOST: 'tcp://far:2376', DOCKER_CERT_PATH: certificates, DOCKER_TLS_VERIFY: '1' },
    {},
    { DOCKER_HOST: 'unix:///home/me/.colima/docker.sock' },
    {},
  ]);
});

test('a missing context is an error, and no other engine is used instead', () => {
  expect(() => added({ DOCKER_CONTEXT: 'gone' })).toThrow(/^docker context 'gone' does not exist/);
});
