import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLsn, lsnDistance, parseLsn } from '../../../../src/pg/lsn.ts';

describe('an LSN', () => {
  it('is a position of 64 bits, high half first', () => {
    expect(['0/0', '0/3000060', '1/0', 'FFFFFFFF/ffffffff'].map(parseLsn)).toEqual([
      0n,
      0x3000060n,
      2n ** 32n,
      2n ** 64n - 1n,
    ]);
  });

  it('survives formatting and parsing, for every position', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (lsn) => {
        expect(parseLsn(formatLsn(lsn))).toBe(lsn);
      }),
    );
  });

  it('is written without leading zeros, as PostgreSQL writes it', () => {
    expect([0x3000060n, 2n ** 32n + 10n].map(formatLsn)).toEqual(['0/3000060', '1/A']);
  });

  it('has a negative distance to a later one', () => {
    expect([lsnDistance('1/0', '0/FFFFFFFF'), lsnDistance('0/10', '0/20')]).toEqual([1, -16]);
  });

  it('is refused if invalid', () => {
    for (const text of ['', '0', '0/', '/0', '0/G', '0/123456789', '-1/0', '0/1 ', '0x1/0']) {
      expect(() => parseLsn(text)).toThrow(`not an LSN: '${text}'`);
    }
  });
});
