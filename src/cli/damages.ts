import type { CaptureDamage } from '../model/capture-facts.ts';
import { formatNumberOf } from '../model/units.ts';
import { damageText } from '../render/capture-text.ts';
import type { Context } from './context.ts';

/** More than these are only counted on screen; `--json` has them all. */
const MAX_SHOWN = 8;

/** What is to be said of a damage, and how it is said. */
interface DamageLine {
  readonly kind: 'error' | 'warn' | 'note';
  readonly text: string;
}

/** What was damaged in the captures, and that the rest was analysed all the same. */
export function damageLines(damages: readonly CaptureDamage[], packets: number): DamageLine[] {
  // A file that is not there at all is more than a flaw: the exit status tells it, so the reason is not kept quiet.
  const lines = damages
    .slice(0, MAX_SHOWN)
    .map((damage): DamageLine => ({ kind: damage.offset === null ? 'error' : 'warn', text: damageText(damage) }));
  const more = damages.length - MAX_SHOWN;
  if (more > 0)
    lines.push({ kind: 'warn', text: `${formatNumberOf(more, 'further damage')} not shown; --json lists all of them` });
  // A damage that loses nothing needs no consolation.
  if (!damages.some((damage) => damage.losesPackets)) return lines;
  const isOver = damages.some(({ fatal, offset }) => fatal && offset !== null);
  const text = `${formatNumberOf(packets, 'packet')} could be read and ${packets === 1 ? 'was' : 'were'} analysed${isOver ? '; nothing after the damage' : ''}`;
  return [...lines, { kind: 'note', text }];
}

/** Says it on standard error. */
export function reportDamages(context: Context, damages: readonly CaptureDamage[], packets: number): void {
  for (const { kind, text } of damageLines(damages, packets)) context[kind](text);
}
