import type { Reporter, TestCase, TestModule } from 'vitest/node';

const shown = 10;

/** Names the slowest tests at the end, since a suite becomes slow one test at a time. */
export default class SlowestTests implements Reporter {
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
  }
}

function nameOf({ fullName, module }: TestCase): string {
  return `${module.relativeModuleId} > ${fullName}`;
}
