/**
 * Suricata's stream engine: its tests look for records (flow, stats, alert ...). Those that say something about TCP have a
 * counterpart here; what its rules match in payloads and what its protocol parsers find has none and is counted apart.
 */
import { compare } from './library.mjs';
import { reassemble } from './streams.mjs';

/** Rules of its own that are about TCP (rules/stream-events.rules, rules/decoder-events.rules). */
const RULES = {
  2210044: (facts, frame) => (facts.forged.has(frame) ? 1 : 0),
  2210048: (facts) => facts.missing,
  2200036: (facts) => facts.malformedOptions,
};

const STATS = {
  'stats.stream.pkt_invalid_timestamp': (facts) => facts.forged.size,
  'stats.tcp.reassembly_gap': (facts) => facts.missing,
  'stats.tcp.midstream_pickups': (facts) => facts.midstream,
};

export function checkSuricata(lib, { id, expected }, path) {
  const failures = [];
  const facts = gather(lib, path);
  let applicable = 0;
  let notApplicable = 0;
  for (const { count, match } of expected.checks) {
    const outcome = checkRecord(lib, facts, count, match, id);
    if (outcome === null) notApplicable++;
    else {
      applicable++;
      failures.push(...outcome);
    }
  }
  if (expected.reassembled !== undefined || expected.reassembled_with_marker !== undefined) {
    applicable++;
    checkStreams(lib, expected, path, facts, failures);
  }
  return { failures, applicable, notApplicable };
}

function gather(lib, path) {
  const { streams, rows, connections, reader } = reassemble(lib, path, { overlap: 'bsd' }, { keep: 'record' });
  const origin = reader.session.origin.first ?? 0n;
  return {
    streams,
    rows,
    connections,
    flows: connections.map((connection) => flowOf(lib, connection, rows, origin)),
    missing: streams.reduce((sum, one) => sum + one.gaps('missing-in-capture').length, 0),
    midstream: connections.filter((connection) => !connection.sawHandshake).length,
    malformedOptions: rows.filter(({ view }) => view.options & lib.Option.MALFORMED).length,
    forged: forged(connections),
  };
}

/** Suricata knows forged segments by a timestamp that cannot be; tcpscope may know them by something else as well. */
const FORGED = ['timestamps-backwards', 'timestamps-missing', 'injected-segment', 'forged-reset', 'blind-reset'];

function forged(connections) {
  const findings = connections.flatMap((connection) => connection.findings);
  return new Set(findings.filter(({ id }) => FORGED.includes(id)).flatMap(({ evidence }) => evidence));
}

/** A connection under the names of Suricata's flow record. Its bytes are those of the frames. */
function flowOf(lib, connection, rows, origin) {
  const { client, server } = connection;
  const own = rows.filter((row) => row.connection === connection);
  const bytes = (sender) =>
    own.filter((row) => row.sender === sender).reduce((sum, row) => sum + row.view.originalLength, 0);
  const flags = (sender) =>
    own.filter((row) => row.sender === sender).reduce((all, row) => all | (row.view.flags & 255), 0);
  const both = flags(client) | flags(server);
  const hex = (word) => word.toString(16).padStart(2, '0');
  const second = (time) => Number((origin + BigInt(Math.round(time))) / 1000000000n);
  const isOver = /^(closed|reset|FIN of)/.test(lib.ending(connection));
  // Suricata has one state for both ends, and this one for every close that waits for its last ACK.
  const isLastAck = [client, server].some(({ state }) => state === lib.State.LAST_ACK || state === lib.State.CLOSING);
  return {
    proto: 'TCP',
    src_ip: wide(client.address),
    src_port: client.port,
    dest_ip: wide(server.address),
    dest_port: server.port,
    'flow.pkts_toserver': client.packets,
    'flow.pkts_toclient': server.packets,
    'flow.bytes_toserver': bytes(client),
    'flow.bytes_toclient': bytes(server),
    'flow.age': second(connection.lastTime) - second(connection.firstTime),
    'flow.state': isOver ? 'closed' : 'established',
    'tcp.state': isLastAck ? 'last_ack' : isOver ? 'closed' : 'established',
    'tcp.syn': (both & lib.SYN) !== 0,
    'tcp.fin': (both & lib.FIN) !== 0,
    'tcp.ack': (both & lib.ACK) !== 0,
    'tcp.psh': (both & lib.PSH) !== 0,
    'tcp.tcp_flags': hex(both),
    'tcp.tcp_flags_ts': hex(flags(client)),
    'tcp.tcp_flags_tc': hex(flags(server)),
  };
}

/** IPv6 with all its digits, as Suricata writes it. */
function wide(address) {
  if (!address.includes(':')) return address;
  const [head, tail] = address.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const groups = tail === undefined ? head : [...head, ...new Array(8 - head.length - tail.length).fill('0'), ...tail];
  return groups.map((group) => group.padStart(4, '0')).join(':');
}

/** The failures of one check, or null when nothing in it has a counterpart. */
function checkRecord(lib, facts, count, match, id) {
  const failures = [];
  switch (match.event_type) {
    case 'flow':
      return checkFlow(facts, count, match);
    case 'stats': {
      const names = Object.keys(match).filter((name) => name in STATS);
      if (names.length === 0) return null;
      for (const name of names) compare(failures, name, match[name], STATS[name](facts));
      return failures;
    }
    case 'alert': {
      const rule = RULES[match['alert.signature_id']];
      if (rule !== undefined)
        compare(failures, `rule ${match['alert.signature_id']}`, count, rule(facts, match.pcap_cnt));
      else if (match.payload_printable !== undefined && !id.endsWith('-ips')) return checkPayload(facts, match, id);
      else return null;
      return failures;
    }
    case 'http':
      return checkRequest(facts, count, match);
    case 'stream_tcp':
      return checkSession(lib, facts, match);
    default:
      return null;
  }
}

function checkFlow(facts, count, match) {
  // Flows of other protocols are not ours.
  if (facts.flows.length === 0) return null;
  const names = Object.keys(match).filter((name) => name in facts.flows[0]);
  const isWhole = Object.keys(match).every((name) => name === 'event_type' || name in facts.flows[0]);
  if (names.length === 0 && !isWhole) return null;
  const found = facts.flows.filter((flow) => names.every((name) => flow[name] === match[name])).length;
  // With conditions that have no counterpart there may be more of ours.
  if (isWhole ? found === count : found >= count) return [];
  const wanted = names.map((name) => `${name} ${match[name]}`).join(', ');
  const nearest = facts.flows.find((flow) => flow.src_port === match.src_port) ?? facts.flows[0];
  const differs = names.filter((name) => nearest[name] !== match[name]).map((name) => `${name} ${nearest[name]}`);
  return [`flows with ${wanted}: expected ${count}, got ${found} (${differs.join(', ')})`];
}

/** What a rule matched: a segment's payload, or the stream. */
function checkPayload(facts, match, id) {
  const text = match.payload_printable;
  const isStream = match.stream === 1 || match.pkt_src?.startsWith('stream');
  // The policy "old-linux" is not among ours.
  if (isStream && id.endsWith('-oldlinux')) return null;
  const found = isStream
    ? facts.streams.some((one) => [one.connection.a, one.connection.b].some((side) => one.text(side) === text))
    : facts.rows.some(({ view }) => payloadOf(view) === text);
  const failures = [];
  compare(failures, `${isStream ? 'stream' : 'payload'} ${JSON.stringify(text)} found`, true, found);
  return failures;
}

function payloadOf(view) {
  const { payloadOffset, payloadCaptured } = view;
  return Buffer.from(view.bytes.subarray(payloadOffset, payloadOffset + payloadCaptured)).toString('latin1');
}

/** tcpscope does not parse HTTP, but the request that the parser found must be in the client's stream. */
function checkRequest(facts, count, match) {
  if (match['http.url'] === undefined || count === 0) return null;
  const request = `${match['http.http_method'] ?? 'GET'} ${match['http.url']} `;
  const found = facts.streams.some((one) => one.text(one.connection.client).includes(request));
  const failures = [];
  compare(failures, `request ${JSON.stringify(request)} in the stream`, true, found);
  return failures;
}

/** The state of its session after a packet. */
function checkSession(lib, facts, match) {
  const failures = [];
  const row = facts.rows.find(({ view }) => view.frame === match.pcap_cnt);
  const { connection, view } = row;
  const [client, server] = [connection.client, connection.server].map(({ timeline }) => timeline.stateAt(view.frame));
  const { SYN_SENT, SYN_RECEIVED } = lib.State;
  const ours = client === SYN_SENT ? 'syn_sent' : server === SYN_RECEIVED ? 'syn_recv' : 'established';
  compare(failures, `state after packet ${match.pcap_cnt}`, match['stream_tcp.session.state'], ours);
  compare(
    failures,
    `direction of packet ${match.pcap_cnt}`,
    match.direction,
    row.sender.isClient ? 'to_server' : 'to_client',
  );
  const length = match['stream_tcp.packet.len'];
  if (length !== undefined) compare(failures, `length of packet ${match.pcap_cnt}`, length, view.ipTotalLength);
  if (match['stream_tcp.events[0]'] === 'stream.3whs_synack_tfo_data_ignored') {
    const reasons = facts.streams.flatMap((one) => one.exclusions.map((excluded) => excluded.reason));
    compare(failures, 'data of the SYN', ['syn-data-ignored'], reasons);
  }
  return failures;
}

function checkStreams(lib, expected, path, facts, failures) {
  const texts = (streams) =>
    streams.flatMap((one) => [one.connection.a, one.connection.b].map((side) => one.text(side)));
  for (const [policy, text] of Object.entries(expected.reassembled ?? {})) {
    if (policy === 'old_linux') continue;
    const { streams } = reassemble(lib, path, { overlap: policy });
    compare(failures, `stream under the policy ${policy}`, true, texts(streams).includes(text));
  }
  const marked = expected.reassembled_with_marker;
  if (marked !== undefined) compare(failures, 'stream with its gap', true, texts(facts.streams).includes(marked));
  const { conflict_bytes: conflicting, missing_bytes: missing } = expected;
  if (conflicting !== undefined) {
    const found = facts.streams.flatMap((one) => one.conflicts.map(({ start, end }) => end - start));
    compare(failures, 'bytes in conflict', [conflicting], found);
  }
  if (missing !== undefined) {
    const found = facts.streams.flatMap((one) => one.pieces.filter(({ gap }) => gap > 0).map(({ gap }) => gap));
    compare(failures, 'missing bytes', [missing], found);
  }
}
