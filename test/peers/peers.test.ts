import { describe, expect, it } from 'vitest';
import * as analysis from '../../src/analyze.ts';
import * as capture from '../../src/capture/reader.ts';
import * as decoder from '../../src/decode/decoder.ts';
import * as options from '../../src/decode/tcp-option-list.ts';
import * as filter from '../../src/filter/compile.ts';
import * as ending from '../../src/model/ending.ts';
import * as flags from '../../src/model/flags.ts';
import * as segment from '../../src/model/segment.ts';
import * as state from '../../src/model/state.ts';
import * as verdict from '../../src/model/verdict.ts';
import * as tcpdump from '../../src/render/tcpdump.ts';
import * as history from '../../src/tcp/history.ts';
import * as reassembler from '../../src/tcp/reassembler.ts';
import { isPresent, missingNotice, run, summarize } from './runner.mjs';

const lib = {
  ...analysis,
  ...capture,
  ...decoder,
  ...options,
  ...filter,
  ...flags,
  ...segment,
  ...state,
  ...verdict,
  ...tcpdump,
  ...ending,
  ...history,
  ...reassembler,
};

if (!isPresent) console.log(missingNotice);

describe.skipIf(!isPresent)("the cases of peers' test suites", () => {
  const results = isPresent ? run(lib) : [];

  it.each([...new Set(results.map(({ kind }) => kind))])('%s', (kind) => {
    const failed = results.filter((result) => result.kind === kind && result.outcome === 'failed');
    expect(Object.fromEntries(failed.map(({ id, failures }) => [id, failures]))).toEqual({});
  });

  it('compares most of them', () => {
    // Should the reading of the cases break, nothing would fail.
    expect(results.length).toBeGreaterThan(200);
    expect(results.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(0.7 * results.length);
    expect(summarize(results).length).toBe(10);
  });
});
