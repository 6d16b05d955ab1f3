import { escapeText } from '../model/escape.ts';
import { holdingOn } from './conditions.ts';
import type { CaptureState } from './facts/capture-state.ts';
import type { FlowFacts } from './facts/flow-facts.ts';
import { nearestRank } from './language/series.ts';

/** Servers that get a group of their own. */
const MAX_GROUPS = 10;

/**
 * A rules file to begin with: what is true of this capture, with some room, and comments that say what to change. The
 * rules pass on the capture that they were made from. `schema` is where an editor finds the schema of rules files.
 */
export function starterRules(state: CaptureState, captures: readonly string[], schema: string): string {
  const groups = groupByPort(state.flows);
  const lines = [
    `# Rules for tcpscope check, made from ${captures.map(escapeText).join(', ')}.`,
    '# They hold for that capture: tighten what matters, delete what does not.',
    ...(state.unkept === null ? [] : [`# Not looked at: ${state.unkept}.`]),
    '# Names, units and functions: docs/check.md. An editor that knows JSON Schema helps with',
    `# yaml-language-server: $schema=${schema}`,
    'version: 1',
    '',
    'input:',
    '  # A capture that is cut or has dropped packets cannot show that something did not happen:',
    '  # inconclusive (exit status 4), fail, or ignore.',
    `  on_incomplete: ${state.missing === null ? 'inconclusive' : 'ignore  # this capture is incomplete'}`,
    '',
    'capture:',
    '  assert:',
    `    - capture.packets > 0  # ${state.counts.total} here`,
    '',
    'flows:',
    ...groups.slice(0, MAX_GROUPS).flatMap(([port, flows]) => group(port, flows, state)),
  ];
  if (groups.length === 0) lines[lines.length - 1] = '# There are no TCP connections to write rules for.';
  if (groups.length > MAX_GROUPS) lines.push(`  # ${groups.length - MAX_GROUPS} more server ports are not listed.`);
  return `${lines.join('\n').replace(/ +$/gm, '')}\n`;
}

function groupByPort(flows: readonly FlowFacts[]): [number, FlowFacts[]][] {
  const groups = new Map<number, FlowFacts[]>();
  for (const flow of flows) {
    const { port } = flow.connection.server;
    const group = groups.get(port);
    if (group === undefined) groups.set(port, [flow]);
    else group.push(flow);
  }
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}

function group(port: number, flows: readonly FlowFacts[], state: CaptureState): string[] {
  const ids = [...new Set(flows.flatMap(({ anomalies }) => anomalies.filter(isTrouble).map(({ id }) => id)))].sort();
  const except = ids.length === 0 ? '' : `, except: [${ids.join(', ')}]`;
  const worst = worstRoundTrip(flows);
  const candidates = [
    'handshake.complete',
    ...(worst === null ? [] : [`p(95, rtt) < ${roomy(worst)}`]),
    retransmissions(flows),
    'zero_window.count == 0',
    `anomalies.none(severity >= warning${except})`,
  ];
  // What the capture cannot tell is left out, with what is not so.
  const assertions = holdingOn(candidates, flows, state).map((condition) =>
    condition.startsWith('p(95') ? `${condition}  # twice the ${milliseconds(worst ?? 0)} ms of now` : condition,
  );
  return [
    `  - name: port-${port}`,
    `    select: server.port == ${port}`,
    '    # Without expect_flows at least one connection must match, and none is a mistake in the rules.',
    `    expect_flows: ">= 1"  # ${flows.length} here`,
    ...(assertions.length === 0 ? [] : ['    assert:', ...assertions.map((assertion) => `      - ${assertion}`)]),
    '',
  ];
}

function isTrouble({ severity }: { severity: string }): boolean {
  return severity !== 'info';
}

/** The longest 95th percentile (ns) of the round trips; null where a connection has none. */
function worstRoundTrip(flows: readonly FlowFacts[]): number | null {
  const figures = flows.map(({ farSide: { rtt } }) => (rtt.length === 0 ? null : nearestRank(rtt.values, 95)));
  return figures.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)), 0);
}

function retransmissions(flows: readonly FlowFacts[]): string {
  const most = flows.reduce((a, { a: x, b: y }) => Math.max(a, x.retransmissions.length + y.retransmissions.length), 0);
  return most === 0 ? 'retransmissions.count == 0' : `retransmissions.count <= ${most}`;
}

function milliseconds(nanoseconds: number): string {
  return String(Number((nanoseconds / 1e6).toPrecision(3)));
}

/** Twice the time, rounded up to one or two digits. */
function roomy(nanoseconds: number): string {
  const target = Math.max(2 * nanoseconds, 1e6) / 1e6;
  const unit = 10 ** Math.max(Math.floor(Math.log10(target)) - 1, 0);
  return `${Math.ceil(target / unit) * unit}ms`;
}
