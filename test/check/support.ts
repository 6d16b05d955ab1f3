import { readFileSync } from 'node:fs';
import type { CaptureSource } from '../../src/capture/source.ts';
import { checkCaptures } from '../../src/check/check.ts';
import type { AssertionResult, CheckReport } from '../../src/check/outcome.ts';
import { type LooseRules, looseRules } from '../../src/check/rules/expressions.ts';
import type { Rules } from '../../src/check/rules/model.ts';
import { parseRules } from '../../src/check/rules/rules-file.ts';
import { type ScenarioOptions, scenario } from '../support/scenario.ts';

/** Round trip 20 ms; the client's windows have a scale of 7, the server's of 8. Without timestamps, which every line would need. */
export const HANDSHAKE = `
  0.000 > S   seq 0 win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 7>
  0.020 < S.  seq 0 ack 1 win 65160 <mss 1400,nop,nop,sackOK,nop,wscale 8>
  0.020 > .   ack 1 win 502`;

/** Ends a connection in which the client sent up to `c` and the server up to `s`; the client is then in TIME-WAIT. */
export function closing(c: number, s: number, at: number): string {
  const time = (offset: number) => (at + offset).toFixed(3);
  return `
  ${time(0)} > F.  seq ${c} ack ${s}
  ${time(0.02)} < F.  seq ${s} ack ${c + 1}
  ${time(0.02)} > .   ack ${s + 1}`;
}

export function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));
}

export function sourceOf(bytes: Uint8Array, name = 'test.pcap'): CaptureSource {
  return {
    name,
    rewinds: true,
    open: async () => {
      let at = 0;
      return {
        read: async (buffer, offset, length) => {
          const part = bytes.subarray(at, at + length);
          buffer.set(part, offset);
          at += part.length;
          return part.length;
        },
        close: async () => {},
      };
    },
  };
}

export function pcapOf(text: string, options: ScenarioOptions = {}): Uint8Array {
  return scenario(options, text).pcap;
}

/** The client sends 100 bytes, which arrive at once; and which are lost and sent again after 300 ms. */
export const PLAIN = pcapOf(`${HANDSHAKE}
  0.030 > P.  1:101(100) ack 1
  0.050 < .   ack 101 ${closing(101, 1, 0.4)}`);
export const RESENT = pcapOf(`${HANDSHAKE}
  0.030 > P.  1:101(100) ack 1
  0.330 > P.  1:101(100) ack 1
  0.350 < .   ack 101 ${closing(101, 1, 0.4)}`);

const NO_CONTROL = () => {
  throw new Error('no control is expected');
};

export async function checkRules(
  capture: Uint8Array,
  rules: Rules,
  controls: Record<string, Uint8Array> = {},
): Promise<CheckReport> {
  const open = ({ capture: path }: { capture: string }) =>
    controls[path] === undefined ? NO_CONTROL() : sourceOf(controls[path], path);
  return checkCaptures([sourceOf(capture)], rules, open);
}

export function checkYaml(
  capture: Uint8Array,
  yaml: string,
  controls: Record<string, Uint8Array> = {},
): Promise<CheckReport> {
  return checkRules(capture, parseRules(yaml, 'rules.yaml'), controls);
}

/** Checks one expression on every connection of a capture. */
export async function expectOn(
  capture: Uint8Array,
  expression: string,
  more: LooseRules = {},
): Promise<AssertionResult> {
  const report = await checkRules(capture, looseRules({ expect: [expression], ...more }));
  return report.results.at(-1)!;
}

/** `pass`, or the outcome with its reason or with what was found. */
export async function say(capture: Uint8Array, expression: string, more: LooseRules = {}): Promise<string> {
  const { outcome, cases } = await expectOn(capture, expression, more);
  if (outcome === 'pass') return 'pass';
  const [{ reason, found }] = cases;
  return `${outcome}: ${reason ?? found.map(({ text, value }) => `${text} is ${value}`).join(', ')}`;
}
