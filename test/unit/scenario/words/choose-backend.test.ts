import { expect, test } from 'vitest';
import { chooseBackend } from '../../../../src/scenario/words/choose-backend.ts';

test('the caller overrides the scenario, and the default is local only on Linux', () => {
  expect([
    chooseBackend('docker', 'local', 'linux'),
    chooseBackend(undefined, 'docker', 'linux'),
    chooseBackend(undefined, undefined, 'linux'),
    chooseBackend(undefined, undefined, 'darwin'),
    chooseBackend(undefined, undefined, 'win32'),
  ]).toEqual([
    { name: 'docker', why: 'asked for by --backend' },
    { name: 'docker', why: 'pinned by the scenario' },
    { name: 'local', why: 'the default on Linux' },
    { name: 'docker', why: 'the default on darwin, where local cannot run' },
    { name: 'docker', why: 'the default on win32, where local cannot run' },
  ]);
});
