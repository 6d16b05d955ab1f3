import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { congestionOf } from '../../src/congestion/stage.ts';
import { ALGORITHM_NAMES, Algorithm, PHASE_NAMES, Trigger } from '../../src/model/congestion.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { PacketRow } from '../../src/model/row.ts';

/**
 * Captures of Linux connections with what the kernel itself traced: snd_cwnd and ssthresh at every ACK, and the state of its
 * recovery. The figures are those of the corpus's own scorer: windows where the sender is limited by its window and repairs
 * nothing.
 */
const CORPUS = fileURLToPath(new URL('../../../shared/corpus/open/', import.meta.url));

interface Table {
  columns: string[];
  rows: unknown[][];
}

interface Socket {
  t: number;
  endpoint: string;
  sport: number;
  dport: number;
}

/** Values before the ACK is processed; windows in segments. */
interface Probe extends Socket {
  data_len: number;
  snd_nxt: number;
  snd_una: number;
  snd_cwnd: number;
  ssthresh: number;
}

interface StateChange extends Socket {
  state: string;
}

interface Truth {
  base?: unknown;
  cc: string;
  /** `mbit`: rate of the emulated link, where it has one. */
  params?: { mbit?: number };
  captures: { point: string; file: string }[];
  connections: { initiator: [string, number]; responder: [string, number]; initiator_endpoint: string }[];
  tcp_probe: Table;
  cong_states: StateChange[];
}

function lines<Line>(table: Table): Line[] {
  return table.rows.map((row) => Object.fromEntries(table.columns.map((name, i) => [name, row[i]])) as Line);
}

/** A sender whose own capture there is: its rows, its end of the connection, and what the kernel said. */
interface Flow {
  scenario: string;
  algorithm: string;
  mbit: number | undefined;
  rows: PacketRow[];
  endpoint: Endpoint;
  /** Unix time of the first record. */
  origin: number;
  probes: Probe[];
  states: StateChange[];
}

function flowsOf(scenario: string): Flow[] {
  const folder = `${CORPUS}${scenario}/`;
  const truth: Truth = JSON.parse(readFileSync(`${folder}truth.json`, 'utf8'));
  if (truth.base !== undefined || !['reno', 'cubic'].includes(truth.cc)) return [];
  return truth.captures
    .filter(({ point, file }) => ['client', 'server'].includes(point) && file.endsWith('.pcap'))
    .flatMap(({ point, file }) => sendersAt(point, readFileSync(folder + file), truth, scenario));
}

function sendersAt(point: string, capture: Uint8Array, truth: Truth, scenario: string): Flow[] {
  const all: PacketRow[] = [];
  const analyzer = new Analyzer({ onRow: (row) => all.push(row) });
  const reader = new CaptureReader(analyzer);
  reader.open(scenario);
  reader.write(capture);
  reader.end();
  analyzer.end();
  const origin = Number(reader.session.facts.firstTimestamp ?? 0n) / 1e9;
  return analyzer.connections
    .flatMap(({ a, b }) => [a, b])
    .filter((endpoint) => isLocal(truth, endpoint, point))
    .map((endpoint) => {
      const ports = [endpoint.port, endpoint.peer.port];
      const own = (of: Socket) => of.endpoint === point && ports.includes(of.sport) && ports.includes(of.dport);
      return {
        scenario,
        algorithm: truth.cc,
        mbit: truth.params?.mbit,
        rows: all.filter((row) => row.connection === endpoint.connection),
        endpoint,
        origin,
        probes: lines<Probe>(truth.tcp_probe).filter((probe) => own(probe) && probe.data_len === 0),
        states: truth.cong_states.filter(own),
      };
    });
}

function isLocal({ connections }: Truth, endpoint: Endpoint, point: string): boolean {
  return connections.some(({ initiator, responder, initiator_endpoint }) => {
    const ports = [initiator[1], responder[1]];
    if (!ports.includes(endpoint.port) || !ports.includes(endpoint.peer.port)) return false;
    return (initiator_endpoint === point ? initiator[1] : responder[1]) === endpoint.port;
  });
}

const quantile = (values: number[], q: number) => values.sort((x, y) => x - y)[Math.floor(q * (values.length - 1))];

describe.skipIf(!existsSync(CORPUS))('against the Linux kernel', () => {
  const flows = existsSync(CORPUS)
    ? readdirSync(CORPUS)
        .filter((name) => existsSync(`${CORPUS}${name}/truth.json`))
        .flatMap(flowsOf)
    : [];

  it('window and phase', () => {
    const errors: Record<string, number[]> = { reno: [], cubic: [] };
    let right = 0;
    let all = 0;
    for (const { algorithm, rows, endpoint, origin, probes, states } of flows) {
      if (probes.length < 40 || rows.length < 60) continue;
      const { smss } = congestionOf(endpoint)!;
      let next = 0;
      let change = 0;
      let state = 'Open';
      for (const probe of probes) {
        while (next < rows.length && origin + rows[next].view.time / 1e9 < probe.t - 150e-6) next++;
        while (change < states.length && states[change].t <= probe.t) state = states[change++].state;
        const snapshot = next === 0 ? null : rows[next - 1].congestion[endpoint.index];
        const phase = snapshot === null ? '' : PHASE_NAMES[snapshot.phase];
        const inFlight = ((probe.snd_nxt - probe.snd_una) >>> 0) / smss;
        if (state === 'Open' && inFlight >= 0.7 * probe.snd_cwnd) {
          const cwnd = snapshot === null ? 0 : snapshot.cwnd / smss;
          errors[algorithm].push(Math.abs(cwnd - probe.snd_cwnd) / probe.snd_cwnd);
          all++;
          if (phase === (probe.snd_cwnd < probe.ssthresh ? 'slow-start' : 'congestion-avoidance')) right++;
        } else if (state === 'Recovery' || state === 'Loss') {
          all++;
          if (phase === (state === 'Recovery' ? 'fast-recovery' : 'loss-recovery')) right++;
        }
      }
    }
    expect(errors.reno.length).toBeGreaterThan(1000);
    expect(quantile(errors.reno, 0.5)).toBeLessThanOrEqual(0.1);
    expect(quantile(errors.reno, 0.9)).toBeLessThanOrEqual(0.35);
    expect(quantile(errors.cubic, 0.5)).toBeLessThanOrEqual(0.15);
    expect(quantile(errors.cubic, 0.9)).toBeLessThanOrEqual(0.35);
    expect(right / all).toBeGreaterThanOrEqual(0.92);
  });

  it('the algorithm of flows with losses', () => {
    const named = flows
      .filter(
        ({ probes, states }) => probes.length > 150 && states.some(({ state }) => ['Recovery', 'Loss'].includes(state)),
      )
      .map(({ scenario, algorithm, endpoint }) => {
        const name = ALGORITHM_NAMES[congestionOf(endpoint)!.algorithm];
        const isRight = name === algorithm || (algorithm === 'reno' && name === 'newreno');
        return { scenario, name, isRight };
      });
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter(({ isRight, name }) => !isRight && name !== 'unknown')).toEqual([]);
    // Nothing was sent after the loss; every loss was none.
    const silent = ['lfn_high_bdp', 'spurious_rto_no_ts'];
    expect(named.filter(({ isRight, scenario }) => !isRight && !silent.includes(scenario))).toEqual([]);
  });

  it('ssthresh after each recovery', () => {
    const errors: number[] = [];
    for (const { endpoint, origin, probes } of flows) {
      const state = congestionOf(endpoint);
      if (state === null || state.algorithm === Algorithm.UNKNOWN || probes.length < 40) continue;
      for (const { trigger, startTime, endTime, endFrame, ssthreshAfter, undone } of state.episodes) {
        if (trigger !== Trigger.FAST || undone || endFrame === 0) continue;
        // Values before the ACK is processed: the last ones of the recovery.
        const end = origin + endTime / 1e9 + 150e-6;
        const last = probes.findLast(({ t }) => t > origin + startTime / 1e9 + 150e-6 && t < end);
        if (last !== undefined && last.ssthresh < 1 << 30)
          errors.push(Math.abs(ssthreshAfter - last.ssthresh) / last.ssthresh);
      }
    }
    expect(errors.length).toBeGreaterThan(10);
    expect(quantile(errors, 0.5)).toBeLessThanOrEqual(0.05);
    expect(quantile(errors, 0.9)).toBeLessThanOrEqual(0.2);
  });

  it('the rate of the emulated link', () => {
    const ratios = flows
      .filter(({ mbit, endpoint }) => mbit !== undefined && endpoint.dataPackets >= 300)
      .map(({ mbit, endpoint }) => (congestionOf(endpoint)!.bottleneckRate * 8) / (mbit! * 1e6));
    expect(ratios.length).toBeGreaterThan(3);
    for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(0.1);
  });

  it('recovery episodes: start and end within a round trip, none invented', () => {
    let found = 0;
    const missed: string[] = [];
    const invented: string[] = [];
    for (const { scenario, endpoint, origin, states } of flows) {
      const roundTrip = Math.max(endpoint.outbound!.rtt.srtt / 1e9, 0.03);
      // Where no ACK was captured nobody can say when a repair ended.
      if (!endpoint.peer.seen) continue;
      const { synTime, handshakeTime, firstTime } = endpoint.connection;
      // Lost SYNs are no matter of the congestion window, and a capture may begin in the middle.
      const begin = origin + (Number.isNaN(synTime) ? firstTime : handshakeTime) / 1e9;
      const episodes = (congestionOf(endpoint)?.episodes ?? [])
        .filter(({ trigger }) => trigger === Trigger.FAST || trigger === Trigger.TIMEOUT)
        .map((e) => ({
          kind: e.trigger === Trigger.TIMEOUT ? 'Loss' : 'Recovery',
          start: origin + e.startTime / 1e9,
          end: e.endFrame === 0 ? Number.POSITIVE_INFINITY : origin + e.endTime / 1e9,
          isKnown: false,
        }));
      for (const wanted of kernelEpisodes(states)) {
        if (!(wanted.start >= begin)) continue;
        const match = episodes.find(
          (e) => !e.isKnown && e.kind === wanted.kind && Math.abs(e.start - wanted.start) <= roundTrip,
        );
        if (match !== undefined) match.isKnown = true;
        const ends = match !== undefined && (match.end === wanted.end || Math.abs(match.end - wanted.end) <= roundTrip);
        if (ends) found++;
        else missed.push(`${scenario} ${wanted.kind} ${(wanted.start - origin).toFixed(4)}`);
      }
      for (const { kind, start } of episodes.filter(({ isKnown }) => !isKnown))
        invented.push(`${scenario} ${kind} ${(start - origin).toFixed(4)}`);
    }
    expect(invented).toEqual([]);
    expect(found).toBeGreaterThan(50);
    // A single segment outstanding: a probe and a timeout come at the same time, and look the same.
    expect(missed).toEqual([expect.stringMatching(/^tail_loss_rto Loss/)]);
  });
});

interface KernelEpisode {
  kind: string;
  start: number;
  end: number;
}

function kernelEpisodes(states: readonly StateChange[]): KernelEpisode[] {
  const episodes: KernelEpisode[] = [];
  let current: KernelEpisode | null = null;
  for (const { state, t } of states) {
    if (current !== null && state !== current.kind) {
      current.end = t;
      current = null;
    }
    if (current === null && (state === 'Recovery' || state === 'Loss')) {
      current = { kind: state, start: t, end: Number.POSITIVE_INFINITY };
      episodes.push(current);
    }
  }
  return episodes;
}
