import { describe, expect, it } from 'vitest';
import { CubicController } from '../../src/congestion/cubic.ts';
import { Fit } from '../../src/congestion/fit.ts';
import { NewRenoController } from '../../src/congestion/newreno.ts';
import { Algorithm } from '../../src/model/congestion.ts';

/** Both with windows of 100 segments, which the wire shows to be others. */
function fit(shown: { cubic?: number; reno?: number }): Fit {
  const fit = new Fit([new CubicController(100, 50), new NewRenoController(100, 50)], true);
  if (shown.cubic !== undefined) fit.correct(0, shown.cubic, false);
  if (shown.reno !== undefined) fit.correct(1, shown.reno, false);
  return fit;
}

describe('the model that was corrected least', () => {
  it('is named, with the next and a confidence that grows with the lead', () => {
    const clear = fit({ cubic: 150 });
    expect(clear).toMatchObject({
      algorithm: Algorithm.RENO,
      runnerUp: Algorithm.CUBIC,
      isTelling: true,
      isCertain: true,
    });
    const less = fit({ cubic: 120 });
    expect(less).toMatchObject({ algorithm: Algorithm.RENO, isTelling: true, isCertain: false });
    expect(less.confidence).toBeLessThan(clear.confidence);
  });

  it('is a guess while both explain the sender, and none when CUBIC has lost its advance', () => {
    expect(fit({})).toMatchObject({ algorithm: Algorithm.CUBIC, isTelling: false, isLikely: true });
    // The advance is a correction by 5 %.
    expect(fit({ cubic: 105 })).toMatchObject({ isTelling: false, isLikely: false });
    expect(fit({ cubic: 107 })).toMatchObject({ isTelling: false, isLikely: false });
  });
});
