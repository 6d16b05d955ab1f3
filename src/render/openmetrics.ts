import { TIME_USES } from '../model/budget.ts';
import type { CaptureReport } from '../report/capture.ts';
import { HANDSHAKE_LIMITS, type Metrics } from '../summary/metrics.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [value: number, labels?: Labels];

/**
 * OpenMetrics 1.0 of a capture, as it is now. Counters only grow while a capture goes on; what later packets may change
 * (how connections stand, findings) is a gauge. Times are seconds.
 */
export function openMetrics(capture: CaptureReport, metrics: Metrics, version: string): string {
  const { packets, bytes, dropped, first, last } = capture;
  const text = new MetricText();
  text.info('tcpscope_build', 'the program', { version });
  text.counter('tcpscope_packets', 'packets captured, by what they are', [
    [packets.tcp, { kind: 'tcp' }],
    [packets.icmpErrors, { kind: 'icmp_error' }],
    [packets.fragments, { kind: 'fragment' }],
    [packets.notTcp, { kind: 'not_tcp' }],
    [packets.cutShort, { kind: 'cut_short' }],
    [packets.malformed, { kind: 'malformed' }],
    [packets.unknownLink, { kind: 'unknown_link' }],
  ]);
  text.counter('tcpscope_wire_bytes', 'bytes of the packets on the wire', [[bytes.wire]], 'bytes');
  text.counter('tcpscope_captured_bytes', 'bytes of the packets that the capture holds', [[bytes.captured]], 'bytes');
  if (dropped !== null)
    text.counter('tcpscope_dropped_packets', 'packets that the capturing system dropped, by its own count', [
      [dropped],
    ]);
  const timestamp = (name: string, help: string, value: string | null) => {
    if (value !== null) text.gauge(name, help, [[Number(value)]], 'seconds');
  };
  timestamp('tcpscope_first_packet_timestamp_seconds', 'Unix time of the first packet', first);
  timestamp('tcpscope_last_packet_timestamp_seconds', 'Unix time of the latest packet', last);
  connections(text, metrics);
  return text.end();
}

function connections(text: MetricText, metrics: Metrics): void {
  const { connections: count, payloadBytes, dataPackets, endings, times, services, findings } = metrics;
  text.counter('tcpscope_connections_seen', 'connections with a packet so far', [[count]]);
  text.gauge(
    'tcpscope_connections',
    'connections by how they stand: open, or how they ended',
    [...endings].map(([kind, number]) => [number, { ending: kind }]),
  );
  text.counter('tcpscope_payload_bytes', 'bytes of data, repeats included', [[payloadBytes]], 'bytes');
  text.counter('tcpscope_data_packets', 'TCP packets with data', [[dataPackets]]);
  text.histogram(
    'tcpscope_handshake_seconds',
    'from the first SYN to the ACK that completes the handshake',
    HANDSHAKE_LIMITS,
    metrics.handshakes,
    metrics.handshakeTime / 1e9,
    'seconds',
  );
  text.counter(
    'tcpscope_time_seconds',
    'where the time of the connections went that are over, by its owner and cause',
    TIME_USES.map(({ owner, cause }, use) => [times[use] / 1e9, { owner, cause }]),
    'seconds',
  );
  const byService = [...services];
  text.gauge(
    'tcpscope_service_connections',
    'connections by service: address and port of the server',
    byService.map(([service, { connections: number }]) => [number, { service }]),
  );
  text.counter(
    'tcpscope_service_lost_seconds',
    'time that the connections of a service lost that are over, of what somebody could mend',
    byService.map(([service, { lost }]) => [lost / 1e9, { service }]),
    'seconds',
  );
  text.gauge(
    'tcpscope_findings',
    'findings by their identifiers (tcpscope findings ID)',
    [...findings.values()].map(({ id, severity, times: number }) => [number, { finding: id, severity }]),
  );
}

/** Writes metric families one after the other. */
class MetricText {
  private readonly lines: string[] = [];

  info(name: string, help: string, labels: Labels): void {
    this.head(name, 'info', help);
    this.sample(`${name}_info`, 1, labels);
  }

  counter(name: string, help: string, samples: readonly Sample[], unit?: string): void {
    this.head(name, 'counter', help, unit);
    for (const [value, labels] of samples) this.sample(`${name}_total`, value, labels);
  }

  gauge(name: string, help: string, samples: readonly Sample[], unit?: string): void {
    this.head(name, 'gauge', help, unit);
    for (const [value, labels] of samples) this.sample(name, value, labels);
  }

  /** `counts`: of each class, and of what is above the last limit. */
  histogram(
    name: string,
    help: string,
    limits: readonly number[],
    counts: readonly number[],
    sum: number,
    unit: string,
  ): void {
    this.head(name, 'histogram', help, unit);
    let count = 0;
    for (let i = 0; i < counts.length; i++) {
      count += counts[i];
      this.sample(`${name}_bucket`, count, { le: i < limits.length ? canonical(limits[i]) : '+Inf' });
    }
    this.sample(`${name}_count`, count);
    this.sample(`${name}_sum`, sum);
  }

  end(): string {
    return `${[...this.lines, '# EOF'].join('\n')}\n`;
  }

  private head(name: string, type: string, help: string, unit?: string): void {
    this.lines.push(`# TYPE ${name} ${type}`);
    if (unit !== undefined) this.lines.push(`# UNIT ${name} ${unit}`);
    this.lines.push(`# HELP ${name} ${escaped(help)}`);
  }

  private sample(name: string, value: number, labels: Labels = {}): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    this.lines.push(`${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`);
  }
}

/** Limits are written as numbers with a point, so that all who write them write the same. */
function canonical(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
