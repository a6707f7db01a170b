import { describe, expect, test } from 'vitest';
import '../../../src/vitest.ts';
import { losing, passing, unjudged } from '../../helpers/sample-results.ts';

/** The message of a failing expectation. */
function said(work: () => void): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
}

describe('a matcher', () => {
  test('distinguishes a run that lost nothing from one that lost something, and shows the summary', () => {
    expect(passing).toHaveLostNothing();
    expect({ result: passing, directory: '' }).toHaveLostNothing();
    expect(losing).not.toHaveLostNothing();
    expect(said(() => expect(losing).toHaveLostNothing())).toMatch(
      /^expected async-tail-loss to have lost nothing: Lost 2,000 of 10,000 .*\nReport: .*\nRun it again: /,
    );
  });

  test('names the report, and a command that repeats the stored run', () => {
    const run = { result: losing, directory: '/a folder/20260101T000000Z' };
    expect(said(() => expect(run).toHaveLostNothing())).toMatch(
      /\nReport: \/a folder\/20260101T000000Z\/report\.html\nRun it again: npx forkpoint replay '\/a folder\/20260101T000000Z'$/,
    );
  });

  test('counts lost writes exactly', () => {
    expect(losing).toHaveLost(2_000);
    expect(losing).not.toHaveLost(1_999);
    expect(passing).toHaveLost(0);
  });

  test('compares the longest time without a write with a limit that has a unit', () => {
    expect(passing).toHaveRecoveredWithin('5230ms');
    expect(passing).not.toHaveRecoveredWithin('5.2s');
    expect(said(() => expect(passing).toHaveRecoveredWithin('5'))).toMatch(/unit/);
  });

  test('checks the verdict', () => {
    expect(passing).toHavePassed();
    expect(losing).not.toHavePassed();
  });

  test('fails with and without `not` for a value that was not measured', () => {
    for (const failure of [
      said(() => expect(unjudged).toHaveLostNothing()),
      said(() => expect(unjudged).not.toHaveLostNothing()),
      said(() => expect(unjudged).not.toHaveLost(3)),
      said(() => expect(unjudged).not.toHaveRecoveredWithin('1s')),
      said(() => expect(unjudged).not.toHavePassed()),
    ]) {
      expect(failure).toMatch(/which was not measured: The fates of 1,000 acknowledged writes/);
    }
  });
});
