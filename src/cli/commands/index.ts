import type { Command } from 'commander';
import type { Context } from '../context.ts';

/** Adds one command, with its options and its action, to the program. */
type Register = (program: Command, context: Context) => void;

export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly about: string;
  readonly isDefault?: boolean;
  /** Loaded when it is wanted: what one command needs shall not slow down the start of the others. */
  readonly load: () => Promise<Register>;
}

/** All commands in the order of the help. A new one is a file beside this one and an entry here. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'analyze',
    about: 'what happened, connection by connection (the default)',
    isDefault: true,
    load: async () => (await import('./analyze.ts')).registerAnalyze,
  },
  {
    name: 'explain',
    about: 'one connection, or one packet of it, in plain words',
    load: async () => (await import('./explain.ts')).registerExplain,
  },
  {
    name: 'connections',
    about: 'a line for each connection as it ends, for pipes without end',
    load: async () => (await import('./connections.ts')).registerConnections,
  },
  {
    name: 'live',
    about: 'a screen that shows what happens while it happens',
    load: async () => (await import('./live.ts')).registerLive,
  },
  {
    name: 'packets',
    about: 'packet by packet, with states and verdicts',
    load: async () => (await import('./packets.ts')).registerPackets,
  },
  {
    name: 'flow',
    about: 'one connection as a sequence diagram',
    load: async () => (await import('./flow.ts')).registerFlow,
  },
  {
    name: 'diagram',
    about: "RFC 9293's state diagram, with the path of a connection",
    load: async () => (await import('./diagram.ts')).registerDiagram,
  },
  {
    name: 'graph',
    about: 'sequence numbers, round trips, rates and windows over time',
    load: async () => (await import('./graph.ts')).registerGraph,
  },
  {
    name: 'report',
    about: 'one HTML file to read and to share',
    load: async () => (await import('./report.ts')).registerReport,
  },
  {
    name: 'app',
    about: 'the analyzer as one HTML file, for a browser',
    load: async () => (await import('./app.ts')).registerApp,
  },
  {
    name: 'states',
    about: 'what netstat showed on each host, and when',
    load: async () => (await import('./states.ts')).registerStates,
  },
  {
    name: 'follow',
    about: 'the bytes that one connection carried',
    load: async () => (await import('./follow.ts')).registerFollow,
  },
  {
    name: 'congestion',
    about: 'how each sender reacted to the path, and what limited it',
    load: async () => (await import('./congestion.ts')).registerCongestion,
  },
  {
    name: 'exchanges',
    about: 'requests and answers, and what each of them waited for',
    load: async () => (await import('./exchanges.ts')).registerExchanges,
  },
  {
    name: 'compare',
    about: 'captures of several places, or of two runs',
    load: async () => (await import('./compare.ts')).registerCompare,
  },
  {
    name: 'check',
    about: 'assertions on captures, for CI',
    load: async () => (await import('./check.ts')).registerCheck,
  },
  {
    name: 'init',
    about: 'write a starter rules file',
    load: async () => (await import('./init.ts')).registerInit,
  },
  {
    name: 'baseline',
    about: 'figures of a capture, kept to compare with',
    load: async () => (await import('./baseline.ts')).registerBaseline,
  },
  {
    name: 'script',
    about: "one connection in packetdrill's notation",
    load: async () => (await import('./script.ts')).registerScript,
  },
  {
    name: 'split',
    about: 'captures into shards, for many machines',
    load: async () => (await import('./split.ts')).registerSplit,
  },
  {
    name: 'part',
    about: 'the analysis of one shard',
    load: async () => (await import('./part.ts')).registerPart,
  },
  {
    name: 'merge',
    about: 'the parts of all shards, as one report',
    load: async () => (await import('./merge.ts')).registerMerge,
  },
  {
    name: 'findings',
    about: 'what can be found, and what it means',
    load: async () => (await import('./findings.ts')).registerFindings,
  },
  {
    name: 'mcp',
    about: 'answers for assistants and editors (Model Context Protocol)',
    load: async () => (await import('./mcp.ts')).registerMcp,
  },
  {
    name: 'completion',
    about: 'completion script for a shell',
    load: async () => (await import('./completion.ts')).registerCompletion,
  },
  {
    name: 'help',
    about: 'help on a command',
    load: async () => (await import('./help.ts')).registerHelp,
  },
];
