import type { FindingReport, Report } from '../../src/index.ts';

export const PEERS: string;
export const hasPeers: boolean;
export const CORPUS: string;
export function isCapture(name: string): boolean;
export function sourceOf(root: string, name: string): { repository: string; path: string } | { capture: string };
export function fileOf(source: { repository: string; path: string }): string;
export function findingsOf(analyze: (path: string) => Promise<Report>, path: string): Promise<FindingReport[]>;
