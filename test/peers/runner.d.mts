/** One case and what came of it. */
export interface CaseResult {
  id: string;
  kind: string;
  outcome: 'passed' | 'known' | 'failed' | 'not applicable';
  failures: string[];
  /** Why it differs, for those that are known to. */
  reason?: string;
  /** Expectations that were compared, and those that tcpscope has no counterpart for. */
  applicable: number;
  notApplicable: number;
}

export const isPresent: boolean;
export const missingNotice: string;
export function run(lib: object, only?: string | null): CaseResult[];
export function summarize(results: readonly CaseResult[]): string[];
