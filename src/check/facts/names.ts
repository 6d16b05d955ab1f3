import {
  BOOL,
  DURATION,
  type Field,
  field,
  listOf,
  NUMBER,
  record,
  type Schema,
  SIZE,
  type Type,
} from '../language/type.ts';
import { counted, exact, unknown } from '../language/value.ts';
import { ANOMALY, listed } from './anomaly-names.ts';
import type { CaptureState } from './capture-state.ts';
import { CONNECTION } from './connection-names.ts';
import { VIEWS } from './view-names.ts';

function captureCount(type: Type, about: string, get: (state: CaptureState) => number): Field<CaptureState> {
  return field(type, about, (state) => counted(get(state), state.missing));
}

const CAPTURE: Schema<CaptureState> = {
  name: 'capture',
  fields: {
    packets: captureCount(NUMBER, 'packets of all sorts', ({ counts }) => counts.total),
    tcp_packets: captureCount(NUMBER, 'TCP segments', ({ counts }) => counts.tcp),
    icmp_errors: captureCount(NUMBER, 'ICMP errors about a TCP segment', ({ counts }) => counts.icmpErrors),
    other_packets: captureCount(NUMBER, 'packets that are not TCP', ({ counts }) => counts.notTcp),
    malformed: captureCount(NUMBER, 'packets whose headers contradict themselves', ({ counts }) => counts.malformed),
    bytes: captureCount(SIZE, 'bytes on the wire', ({ counts }) => counts.wireBytes),
    duration: captureCount(
      DURATION,
      'from the first to the last packet',
      ({ counts }) => counts.lastTime - counts.firstTime,
    ),
    dropped: field(NUMBER, 'packets that the capturing system dropped, by its own count', ({ dropped }) =>
      dropped === null ? unknown('the capture does not say how many packets were dropped') : exact(dropped),
    ),
    complete: field(BOOL, 'neither cut nor damaged, and nothing known to be dropped', ({ missing }) =>
      exact(missing === null),
    ),
    views: field(
      listOf(VIEWS),
      'each connection as several points of view saw it; empty with one',
      ({ flows, unkept }) => listed([...new Set(flows.flatMap(({ connection }) => connection.views ?? []))], unkept),
    ),
    anomalies: field(
      listOf(ANOMALY),
      'findings on all connections and on the capture itself',
      ({ anomalies, missing, unlisted, unfound }) => listed(anomalies, missing ?? unlisted ?? unfound),
    ),
  },
};

/** Names that are known everywhere. */
export const ROOT: Schema<CaptureState> = {
  name: 'root',
  fields: {
    capture: field(record(CAPTURE), 'the capture as a whole', exact),
    flows: field(listOf(CONNECTION), 'all connections', ({ flows, missing, unkept }) =>
      listed(flows, missing ?? unkept),
    ),
  },
};
