export interface Failure {
  seed: number;
  args: readonly string[];
  error: string;
}
export function fileOf(seed: number): Buffer;
export function fuzz(
  seed: number,
  path: string,
  options?: { commands?: number; report?: (args: readonly string[]) => void },
): Promise<{ failures: Failure[]; runs: number }>;
