import { describe, expect, it } from 'vitest';
// @ts-expect-error a script without types
import { isAllowed, refused } from '../../scripts/licences.mjs';

describe('the check of licences', () => {
  it.each([
    ['MIT', true],
    ['GPL-3.0-only', false],
    ['(GPL-3.0-only OR MIT)', true],
    ['MIT OR Apache-2.0', true],
    ['MIT AND GPL-3.0-only', false],
    ['MIT AND ISC', true],
    ['unknown', false],
  ])('%s: %s', (licence, allowed) => {
    expect(isAllowed(licence, ['MIT', 'ISC', 'Apache-2.0'])).toBe(allowed);
  });

  it('wants more of what users get than of what the development needs', () => {
    const lock = (license: string | undefined, dev: boolean) => ({
      packages: {
        '': {},
        'node_modules/a/node_modules/@x/b': { version: '1.0.0', ...(license === undefined ? {} : { license }), dev },
      },
    });
    expect(refused(lock('MIT', false))).toEqual([]);
    expect(refused(lock('MPL-2.0', true))).toEqual([]);
    expect(refused(lock('MPL-2.0', false))).toEqual(['@x/b 1.0.0: MPL-2.0']);
    expect(refused(lock('AGPL-3.0', true))).toEqual(['@x/b 1.0.0: AGPL-3.0']);
    expect(refused(lock(undefined, true))).toEqual(['@x/b 1.0.0: unknown']);
  });
});
