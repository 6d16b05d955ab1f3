import { formatBytes } from '../../model/units.ts';

/** How far something is that is being read; 0 of 0 where it is not known. */
export interface Progress {
  readonly read: number;
  readonly whole: number;
}

export function Reading({ name, read = 0, whole = 0 }: { readonly name: string } & Partial<Progress>) {
  return (
    <div role="status" class="reading">
      <p>{`Reading ${name} …`}</p>
      {whole > 0 && (
        <>
          <progress max={whole} value={read} aria-label="bytes that were read" />
          <p class="quiet">{`${formatBytes(read)} of ${formatBytes(whole)}`}</p>
        </>
      )}
    </div>
  );
}
