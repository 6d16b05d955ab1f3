import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { CaptureSession } from '../../src/capture/session.ts';
import { FINDING_IDS, type FindingId } from '../../src/detect/catalogue.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { PacketRow } from '../../src/model/row.ts';

/** Real connections with the kernel's own record and the link emulator's log of what happened to them. */
const CORPUS = new URL('../../../shared/corpus/open/', import.meta.url);

interface Truth {
  captures: { file: string; point: string; frames: number }[];
  connections: { initiator: [string, number]; responder: [string, number]; initiator_endpoint: string }[];
  packets: { columns: string[]; rows: unknown[][] };
}

/** What the description of each scenario says that happens, and at which point of capture it shows. */
const EXPECTED: Record<string, Partial<Record<'client' | 'server' | 'both' | 'lo', FindingId[]>>> = {
  black_hole: { client: ['syn-unanswered'] },
  blind_rst_exact: { client: ['peer-forgot'], server: ['forged-reset'] },
  capture_drops: { client: ['missing-in-capture'], server: ['missing-in-capture'] },
  capture_drops_clean: { client: ['missing-in-capture'], server: ['missing-in-capture'] },
  captured_twice: { client: ['capture-duplicate'], server: ['capture-duplicate'] },
  challenge_ack: {
    client: ['challenge-ack'],
    server: ['blind-reset', 'blind-syn', 'injected-segment', 'challenge-ack'],
  },
  conn_refused: { client: ['connection-refused'], server: ['connection-refused'] },
  corrupted_payload: { client: ['packet-loss'], server: ['corrupted-segment', 'packet-loss'] },
  fin_wait2_timeout_rst: { client: ['reset-after-fin'], server: ['reset-after-fin'] },
  forged_future_data: { client: ['challenge-ack'], server: ['injected-segment'] },
  half_close_data: { client: ['half-close'], server: ['half-close'] },
  half_open_crash: { client: ['peer-forgot'], server: ['peer-forgot'] },
  icmp_unreachable: { client: ['icmp-unreachable', 'connection-refused'] },
  keepalive: { client: ['keep-alive'], server: ['keep-alive'] },
  keepalive_dead_peer: { client: ['keep-alive-failure'] },
  last_ack_retransmit: { server: ['retransmission-timeout'] },
  loopback: { lo: ['checksum-offload'] },
  loss_and_reorder: { client: ['packet-loss'], server: ['reordering', 'packet-loss'] },
  lost_retransmission_rto: { client: ['retransmission-timeout'] },
  midstream: { client: ['mid-stream'], server: ['mid-stream'] },
  misordered_file: { client: ['capture-misordered'], server: ['capture-misordered'] },
  network_duplicates: { client: ['network-duplicate'], server: ['network-duplicate'] },
  no_options_loss: { client: ['no-window-scaling', 'no-sack', 'no-timestamps'] },
  no_wscale_loss: { client: ['no-window-scaling'] },
  old_duplicate_syn: { client: ['handshake-reset'], server: ['handshake-reset'] },
  oneway_capture: { client: ['one-way-capture'], server: ['one-way-capture'] },
  outage_rto_backoff: { client: ['retransmission-timeout'] },
  pcapng_two_interfaces: { both: ['packet-loss'] },
  port_reuse_rst: { client: ['port-reused', 'connection-aborted'] },
  port_reuse_timewait: { client: ['port-reused'], server: ['port-reused'] },
  reorder_3: { client: ['spurious-retransmission'], server: ['reordering', 'spurious-retransmission'] },
  reorder_5: { client: ['spurious-retransmission'], server: ['reordering', 'spurious-retransmission'] },
  rst_data_after_close: { client: ['reset-after-fin'], server: ['reset-after-fin'] },
  rst_linger0: { client: ['connection-aborted'], server: ['connection-aborted'] },
  rst_unread_data: { client: ['connection-aborted'], server: ['connection-aborted'] },
  simultaneous_open: { client: ['simultaneous-open'], server: ['simultaneous-open'] },
  single_loss_sack: { client: ['packet-loss'], server: ['packet-loss'] },
  snaplen_68: { client: ['snaplen-cut', 'packet-loss'] },
  spurious_rto_spike: { client: ['spurious-retransmission'] },
  spurious_tlp: { client: ['spurious-retransmission'] },
  syn_flood: { client: ['syn-flood'], server: ['syn-flood'] },
  syn_flood_cookies: { client: ['syn-flood'], server: ['syn-flood'] },
  syn_lost_backoff: { client: ['syn-retransmission'] },
  syn_lost_once: { client: ['syn-retransmission'] },
  synack_backoff: { server: ['syn-ack-retransmission'] },
  tail_loss_tlp: { client: ['tail-loss'] },
  tfo: { client: ['tfo-accepted'], server: ['tfo-accepted'] },
  tfo_syn_lost: { client: ['tfo-ignored', 'syn-retransmission'] },
  tso_gso: { client: ['offload-segments', 'checksum-offload'] },
  urgent_data: { client: ['urgent-data'], server: ['urgent-data'] },
  // Next to the receiver its newest ACK is seen before the sender knows of it: the window is never seen full.
  window_full_slow_reader: { client: ['window-full'] },
  window_update_lost: { client: ['zero-window', 'window-update-lost'], server: ['zero-window', 'window-update-lost'] },
  zero_window_probe: { client: ['zero-window'], server: ['zero-window'] },
};

/** Nothing was lost, reordered, repeated, probed, reset or limited by the receiver in these. */
const CLEAN = [
  'big_endian_pcap',
  'bulk_deep_buffer_cubic',
  'bulk_download_cubic',
  'fin_fin_ack_3seg_close',
  'half_close_data',
  'idle_restart',
  'loopback',
  'plain_echo_client_closes',
  'plain_echo_ipv6',
  'request_response',
  'server_closes_first',
  'simultaneous_close',
  'simultaneous_open',
  'tfo',
];

const LOSS_IDS: readonly FindingId[] = ['packet-loss', 'retransmission-timeout', 'tail-loss', 'retransmission'];

function capture(scenario: string, file: string, rows: PacketRow[] | null = null): Finding[] {
  let bytes: Uint8Array = readFileSync(new URL(`${scenario}/${file}`, CORPUS));
  if (file.endsWith('.gz')) bytes = gunzipSync(bytes);
  const session = new CaptureSession();
  const analyzer = new Analyzer(rows === null ? {} : { onRow: (row) => rows.push(row) });
  const reader = new CaptureReader(analyzer, session);
  reader.open(file);
  reader.write(bytes);
  reader.end();
  analyzer.end(session.facts);
  return [...analyzer.findings, ...analyzer.connections.flatMap((connection) => connection.findings)];
}

function truthOf(scenario: string): Truth {
  return JSON.parse(readFileSync(new URL(`${scenario}/truth.json`, CORPUS), 'utf8'));
}

const idsOf = (findings: Finding[]) => [...new Set(findings.map((finding) => finding.id))];

describe.skipIf(!existsSync(CORPUS))('the corpus', () => {
  const scenarios = existsSync(CORPUS) ? readdirSync(CORPUS).filter((name) => !name.includes('.')) : [];

  it.each(Object.keys(EXPECTED))('%s: finds what happened', (scenario) => {
    for (const [point, ids] of Object.entries(EXPECTED[scenario])) {
      const file = readdirSync(new URL(`${scenario}/`, CORPUS)).find((name) => name.startsWith(`${point}.pcap`))!;
      expect(idsOf(capture(scenario, file)), `${scenario}/${file}`).toEqual(expect.arrayContaining(ids));
    }
  });

  it('says between which points of view packets were lost', () => {
    // The link emulator dropped three segments of the client between its two interfaces.
    const [loss] = capture('pcapng_two_interfaces', 'both.pcapng').filter(({ id }) => id === 'packet-loss');
    expect(loss.text).toMatch(/ In all of the connection 3 packets of the client were lost between m0 and m1\.$/);
  });

  it.each(CLEAN)('%s: warns of nothing', (scenario) => {
    for (const { file } of truthOf(scenario).captures) {
      const rows: PacketRow[] = [];
      const findings = capture(scenario, file, rows).concat(rows.flatMap((row) => row.findings));
      expect(findings.filter((finding) => finding.severity !== 'info').map((finding) => finding.text)).toEqual([]);
    }
  });

  it('speaks of no loss where the link lost none', () => {
    for (const scenario of scenarios) {
      const { captures, packets } = truthOf(scenario);
      const column = (name: string) => packets.columns.indexOf(name);
      const lost = packets.rows.filter(
        (row) => row[column('lost')] && (Number(row[column('len')]) > 0 || /[SF]/.test(String(row[column('flags')]))),
      );
      if (lost.length > 0) continue;
      for (const { file } of captures) {
        const findings = capture(scenario, file).filter((finding) => LOSS_IDS.includes(finding.id as FindingId));
        expect(
          findings.map((finding) => finding.text),
          `${scenario}/${file}`,
        ).toEqual([]);
      }
    }
  });

  it('names the point of capture right wherever it names one', () => {
    let named = 0;
    for (const scenario of scenarios) {
      const { captures, connections } = truthOf(scenario);
      // The addresses of a flood are forged.
      if (connections.length === 0 || scenario.startsWith('syn_flood')) continue;
      const { initiator, responder, initiator_endpoint } = connections[0];
      const [client, server] = initiator_endpoint === 'client' ? [initiator, responder] : [responder, initiator];
      for (const { file, point } of captures) {
        const position = capture(scenario, file).find((finding) => finding.id === 'capture-position');
        if (position === undefined || client[0] === server[0] || point === 'middle') continue;
        named++;
        const host = point === 'client' ? client[0] : server[0];
        expect(position.text, `${scenario}/${file}`).toContain(`The capture was made at ${host}:`);
      }
    }
    expect(named).toBeGreaterThan(150);
  });

  it('knows every id that it writes, and attaches findings to frames that exist', () => {
    for (const scenario of scenarios) {
      for (const { file, frames } of truthOf(scenario).captures) {
        for (const finding of capture(scenario, file)) {
          expect(FINDING_IDS).toContain(finding.id);
          for (const frame of finding.evidence) expect(frame).toBeLessThanOrEqual(Math.max(frames, 1) * 2);
        }
      }
    }
  });
});
