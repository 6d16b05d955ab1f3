import type { Expression } from '../language/node.ts';
import type { Location } from '../outcome.ts';
import type { ExpectedTrace } from '../script/expected.ts';

/** One thing to be checked. */
export interface Assertion {
  /** As it is shown: its name, or what is written. */
  readonly text: string;
  readonly location: Location;
  readonly test:
    | { readonly kind: 'expression'; readonly expression: Expression }
    | { readonly kind: 'script'; readonly trace: ExpectedTrace };
}

/** How many connections there are to be, both bounds included. */
export interface Range {
  readonly least: number;
  readonly most: number;
  readonly text: string;
}

/** Shows on another capture that the selector, or the assertions, can tell a difference. */
export interface Control {
  /** Path of the capture, relative to the rules file. */
  readonly capture: string;
  readonly expectFlows: Range;
  /** What the assertions are to say there; null: they are not asked. */
  readonly expect: 'pass' | 'fail' | null;
  readonly location: Location;
}

/** The same for controls of one file that name the same capture. */
export function controlKey({ capture, location }: Control): string {
  return `${location.file ?? ''}\n${capture}`;
}

/** Assertions on connections that a selector chooses. */
export interface FlowRule {
  /** Null on the command line. */
  readonly name: string | null;
  /** Null chooses all. */
  readonly select: Expression | null;
  readonly selectText: string;
  readonly selectLocation: Location;
  /** Null where it was not written: at least one then, and none is a mistake in the rules. */
  readonly expectFlows: Range | null;
  readonly assertions: readonly Assertion[];
  readonly control: Control | null;
}

export type Incomplete = 'inconclusive' | 'fail' | 'ignore';
export type Requirement = 'handshake' | 'both-directions';

export interface Rules {
  readonly onIncomplete: Incomplete;
  readonly require: readonly Requirement[];
  readonly capture: readonly Assertion[];
  readonly flows: readonly FlowRule[];
}

export const NO_RULES: Rules = { onIncomplete: 'inconclusive', require: [], capture: [], flows: [] };

/** Rules of several sources as one. */
export function join(...all: readonly Rules[]): Rules {
  const strict = all.map(({ onIncomplete }) => onIncomplete).find((choice) => choice !== 'inconclusive');
  return {
    onIncomplete: strict ?? 'inconclusive',
    require: all.flatMap(({ require }) => require),
    capture: all.flatMap(({ capture }) => capture),
    flows: all.flatMap(({ flows }) => flows),
  };
}

/** A condition or a script asks for single packets, so that they have to be kept. */
export function needsPackets({ capture, flows }: Rules): boolean {
  const asks = ({ test }: Assertion) => test.kind === 'script' || test.expression.needsPackets;
  return capture.some(asks) || flows.some(({ select, assertions }) => select?.needsPackets || assertions.some(asks));
}
