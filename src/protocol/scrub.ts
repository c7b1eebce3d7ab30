/**
 * Comparison of a partition's copies at one position of the log; spec: specs/scrub/Scrub.tla. The
 * scrubber marks a position, each replica reports the checksum of its copy there before it applies
 * more, and all are compared with a replica rebuilt from the archive alone. What must hold stands in
 * `invariants`; that nobody is accused without a cause, and that every wrong copy is found, needs
 * the copies and is the spec's. The spec's `length`, `archived` and `flipped` are its environment's.
 */

/** A checksum of a copy, and the position of the log up to which the copy has applied. */
export interface CopyReport {
  readonly at: number;
  readonly copy: string;
}
export interface Replica {
  readonly role: 'replica';
  readonly applied: number;
  /** The marked position whose report is still owed; undefined between scrubs. */
  readonly marker: number | undefined;
}
export interface Scrubber {
  readonly role: 'scrubber';
  readonly marker: number | undefined;
  readonly reports: Readonly<Record<string, CopyReport>>;
  readonly reference: CopyReport | undefined;
  readonly alarm: readonly string[];
}
export type Output =
  | { readonly kind: 'mark'; readonly at: number }
  | { readonly kind: 'apply'; readonly position: number }
  | { readonly kind: 'send'; readonly report: CopyReport }
  | { readonly kind: 'alarm'; readonly replicas: readonly string[] };
export interface Step<S> {
  readonly state: S;
  readonly outputs: readonly Output[];
}

export function init(role: 'replica'): Replica;
export function init(role: 'scrubber'): Scrubber;
export function init(role: 'replica' | 'scrubber'): Replica | Scrubber {
  if (role === 'replica') return { role, applied: 0, marker: undefined };
  return { role, marker: undefined, reports: {}, reference: undefined, alarm: [] };
}

/** The scrubber marks the end of the log: no replica can be past it. */
export function mark(
  state: Scrubber,
  { length }: { readonly length: number },
): Step<Scrubber> | undefined {
  if (state.marker !== undefined) return undefined;
  return { state: { ...state, marker: length }, outputs: [{ kind: 'mark', at: length }] };
}

/** A replica applies the next entry, unless it owes a report on where it is. */
export function apply(
  state: Replica,
  { length }: { readonly length: number },
): Step<Replica> | undefined {
  const { applied, marker } = state;
  if (applied >= length) return undefined;
  if (applied === marker) return undefined;
  const position = applied + 1;
  return { state: { ...state, applied: position }, outputs: [{ kind: 'apply', position }] };
}

/** A replica at the marker reports the checksum that it reads off its copy. */
export function report(
  state: Replica,
  { copy }: { readonly copy: string },
): Step<Replica> | undefined {
  const { applied, marker } = state;
  if (marker === undefined) return undefined;
  if (applied !== marker) return undefined;
  return {
    state: { ...state, marker: undefined },
    outputs: [{ kind: 'send', report: { at: applied, copy } }],
  };
}

/** A replica rebuilt from the archive alone, up to the marker; `copy` is its checksum. */
export function rebuild(
  state: Scrubber,
  { archived, copy }: { readonly archived: number; readonly copy: string },
): Step<Scrubber> | undefined {
  const { marker, reference } = state;
  if (marker === undefined || reference !== undefined) return undefined;
  if (archived < marker) return undefined;
  return { state: { ...state, reference: { at: marker, copy } }, outputs: [] };
}

/** All have reported: whoever differs from the reference is in alarm. */
export function compare(
  state: Scrubber,
  { replicas }: { readonly replicas: readonly string[] },
): Step<Scrubber> | undefined {
  const { reports, reference, alarm } = state;
  if (reference === undefined) return undefined;
  if (replicas.some((r) => reports[r] === undefined)) return undefined;
  const differs = ({ at, copy }: CopyReport): boolean =>
    at !== reference.at || copy !== reference.copy;
  const wrong = replicas.filter((r) => {
    const given = reports[r];
    return given !== undefined && differs(given);
  });
  const known = [...new Set([...alarm, ...wrong])].sort();
  return {
    state: { ...init('scrubber'), alarm: known },
    outputs: wrong.length === 0 ? [] : [{ kind: 'alarm', replicas: wrong }],
  };
}

export const invariants = {
  OnePositionInv: ({ marker, reports, reference }: Scrubber): boolean =>
    [...Object.values(reports), ...(reference ? [reference] : [])].every(({ at }) => at === marker),
};
