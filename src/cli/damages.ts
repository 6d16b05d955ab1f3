import type { CaptureDamage } from '../model/capture-facts.ts';
import { formatNumberOf } from '../model/units.ts';
import type { Context } from './context.ts';

/** More than these are only counted on screen; `--json` has them all. */
const MAX_SHOWN = 8;

/** Warns of what was damaged in the captures, and says what was analysed all the same. */
export function reportDamages(context: Context, damages: readonly CaptureDamage[], packets: number): void {
  for (const damage of damages.slice(0, MAX_SHOWN)) {
    const { file, offset, message, found, expected } = damage;
    // A file that is not there at all is more than a flaw: the exit status tells it, so the reason is not kept quiet.
    if (offset === null) context.error(`${file}: ${message}`);
    else context.warn(`${file}: ${message} at byte ${offset}: found ${found}, expected ${expected}`);
  }
  const more = damages.length - MAX_SHOWN;
  if (more > 0) context.warn(`${formatNumberOf(more, 'further damage')} not shown; --json lists all of them`);
  // A damage that loses nothing needs no consolation.
  if (!damages.some((damage) => damage.losesPackets)) return;
  const isOver = damages.some(({ fatal, offset }) => fatal && offset !== null);
  context.note(
    `${formatNumberOf(packets, 'packet')} could be read and ${packets === 1 ? 'was' : 'were'} analysed${isOver ? '; nothing after the damage' : ''}`,
  );
}
