import { appendFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

const shown = 10;
const linesOfError = 12;

/**
 * Names the slowest tests at the end, since a suite becomes slow one test at a time. What failed is also appended to the
 * file that FORKPOINT_FAILURES names, so that a script which runs several suites can print all failures last.
 */
export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const slowest = tests
      .map((test) => ({ test, seconds: (test.diagnostic()?.duration ?? 0) / 1000 }))
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, shown);
    const lines = slowest.map(
      ({ test, seconds }) => `  ${seconds.toFixed(1).padStart(6)} s  ${nameOf(test)}`,
    );
    process.stdout.write(`Slowest tests:\n${lines.join('\n')}\n\n`);
    const file = process.env.FORKPOINT_FAILURES;
    if (file !== undefined) appendFileSync(file, failuresOf(modules).join(''));
  }
}

/** Of tests, and of what runs before and after them. */
function failuresOf(modules: readonly TestModule[]): readonly string[] {
  const ofTests = modules
    .flatMap((module) => [...module.children.allTests('failed')])
    .map((test) => describe(nameOf(test), test.result().errors ?? []));
  const ofSuites = modules
    .flatMap((module) => [...module.children.allSuites()])
    .filter((suite) => suite.errors().length > 0)
    .map((suite) =>
      describe(`${suite.module.relativeModuleId} > ${suite.fullName}`, suite.errors()),
    );
  const ofModules = modules
    .filter((module) => module.errors().length > 0)
    .map((module) => describe(module.relativeModuleId, module.errors()));
  return [...ofModules, ...ofSuites, ...ofTests];
}

function describe(name: string, errors: readonly { readonly message: string }[]): string {
  const lines = errors.flatMap(({ message }) => message.split('\n').slice(0, linesOfError));
  return `${name}\n${lines.map((line) => `    ${line}\n`).join('')}`;
}

function nameOf({ fullName, module }: TestCase): string {
  return `${module.relativeModuleId} > ${fullName}`;
}
