import type { CaptureInput } from '../node/capture-input.ts';
import { type CheckOptions, type CheckReport, check } from '../node/check.ts';
import { checkTerminal } from '../render/check-terminal.ts';
import { PLAIN } from '../render/style.ts';

/** What a matcher reads: a path, a Buffer, a stream, or several of them, each of which is checked. */
export type Capture = CaptureInput | readonly CaptureInput[];

/** Which connections a matcher speaks of; without `select`, all. At least one must be chosen. */
export interface Selection {
  /** A condition, such as `server.port == 443`. */
  select?: string;
  /** How many connections it is to choose: `2`, `>= 1`. */
  expectFlows?: string;
}

/** What vitest and Jest hand to a matcher, as far as it is used here. */
export interface MatcherContext {
  readonly isNot?: boolean;
}

export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Causes of retransmissions, as in `tcpscope check`. */
export type RetransmissionCause = 'syn' | 'syn-ack' | 'fast' | 'rto' | 'rto-recovery' | 'tlp' | 'pmtu' | 'unknown';

/**
 * Matchers for `expect.extend`, in vitest as in Jest. They read the capture, so they are awaited:
 *
 *     await expect('trace.pcap').toCompleteHandshake();
 *
 * What the capture cannot tell fails, with `.not` too.
 */
export const matchers = {
  /** Nothing was sent again. `except`: causes that are allowed. */
  toHaveNoRetransmissions(
    this: MatcherContext,
    capture: Capture,
    { except = [], ...selection }: Selection & { except?: readonly RetransmissionCause[] } = {},
  ): Promise<MatcherResult> {
    const allowed = except.map((cause) => `cause == ${cause}`).join(' || ');
    const expression =
      except.length === 0
        ? 'retransmissions.count == 0'
        : `retransmissions.packets.all(${allowed}) || retransmissions.count == 0`;
    return match(this, capture, { ...selection, expect: [expression] });
  },

  /** SYN, SYN,ACK and ACK. */
  toCompleteHandshake(this: MatcherContext, capture: Capture, selection: Selection = {}): Promise<MatcherResult> {
    return match(this, capture, { ...selection, expect: ['handshake.complete'] });
  },

  /** A figure is less than a limit: `toStayBelow('rtt.p95', '50ms')`. */
  toStayBelow(
    this: MatcherContext,
    capture: Capture,
    figure: string,
    limit: string | number,
    selection: Selection = {},
  ): Promise<MatcherResult> {
    return match(this, capture, { ...selection, expect: [`${figure} < ${limit}`] });
  },

  /** No finding of that severity (`warning`) or graver, but those of the ids in `except`. */
  toHaveNoAnomalies(
    this: MatcherContext,
    capture: Capture,
    {
      severity = 'warning',
      except = [],
      ...selection
    }: Selection & { severity?: 'info' | 'warning' | 'error'; except?: readonly string[] } = {},
  ): Promise<MatcherResult> {
    const excepted = except.length === 0 ? '' : `, except: [${except.map((id) => JSON.stringify(id)).join(', ')}]`;
    return match(this, capture, { ...selection, expect: [`anomalies.none(severity >= ${severity}${excepted})`] });
  },

  /** Any condition of `tcpscope check`. */
  toHold(this: MatcherContext, capture: Capture, condition: string, selection: Selection = {}): Promise<MatcherResult> {
    return match(this, capture, { ...selection, expect: [condition] });
  },

  /** The connection begins like an expected trace, in packetdrill's notation. */
  toMatchTcpScript(
    this: MatcherContext,
    capture: Capture,
    script: string,
    { tolerance, ...selection }: Selection & { tolerance?: string } = {},
  ): Promise<MatcherResult> {
    const expected = tolerance === undefined ? { text: script } : { text: script, tolerance };
    return match(this, capture, { ...selection, scripts: [expected] });
  },

  /** All rules of a file pass. `controls`: where its control captures may be, besides its own folder and the current one. */
  toPassRules(
    this: MatcherContext,
    capture: Capture,
    rules: string | URL,
    { controls = [] }: { controls?: readonly string[] } = {},
  ): Promise<MatcherResult> {
    return match(this, capture, { rules, controls });
  },
};

async function match(
  { isNot = false }: MatcherContext,
  capture: Capture,
  options: CheckOptions,
): Promise<MatcherResult> {
  const report = await check(capture, options);
  const { outcome } = report;
  // What cannot be told, or could not be checked, is no proof of the contrary either.
  const pass = outcome === 'pass' || (outcome !== 'fail' && isNot);
  return { pass, message: () => messageOf(report, isNot) };
}

function messageOf(report: CheckReport, isNot: boolean): string {
  const text = checkTerminal(report, PLAIN, true).trimEnd();
  if (report.outcome === 'pass' && isNot) {
    return `expected it not to hold, but it does:\n${report.results.map(({ assertion }) => `  ${assertion}`).join('\n')}`;
  }
  return `${report.captures.join(', ')}\n${text}`;
}
