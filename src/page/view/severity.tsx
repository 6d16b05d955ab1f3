const SIGNS = { error: '✕', warning: '▲', info: '•' } as const;

/** Colour is never alone: a sign says the same. */
export function Severity({ severity }: { severity: keyof typeof SIGNS }) {
  return (
    <span class={`sign ${severity}`} role="img" aria-label={severity} title={severity}>
      {SIGNS[severity]}
    </span>
  );
}
