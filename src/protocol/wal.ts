/**
 * The write-ahead log of one replica as decisions; spec: specs/wal/Wal.tla. Bytes, files and
 * checksums belong to the storage that performs the outputs. What must hold stands in `invariants`;
 * that damage is never silent is shown by replay, on files.
 *
 * A record's `through` says how far the log was durable when it was written. On recovery a bad
 * record is corrupt if a later valid one says that it was durable, else torn; in both cases the
 * replica neither votes nor serves before `repair`. The spec's `file`, `archive` and `synced` are
 * the disk's and the archive's, its `acked` is what callers know to be chosen. Segments are ranges of
 * positions here: how many records one has is the storage's choice.
 */

/** An entry and the checksum that its maker gave it; both are the storage's to make. */
export interface Entry {
  readonly body: unknown;
  readonly sum: unknown;
}
/** Whole segments of the log: from the first position of one to the last of one. */
export interface Range {
  readonly from: number;
  readonly to: number;
}
export interface LogRecord extends Entry {
  readonly position: number;
  readonly through: number;
}
/** A record as it was read back: `valid` if the checksum of its bytes is the one it carries. */
export interface ReadRecord extends LogRecord {
  readonly valid: boolean;
  /** False where the file ends inside it. */
  readonly whole: boolean;
}
export interface State {
  readonly mode: 'up' | 'down' | 'quarantined';
  readonly reason: 'none' | 'corrupt' | 'torn';
  readonly pending: readonly Entry[];
  readonly first: number;
  readonly known: number;
  readonly durable: number;
  readonly snapshot: number;
  /** The last position that the archive's manifest lists; it lists all before it. */
  readonly manifest: number;
}
export interface Limits {
  readonly positionMax: number;
  readonly pendingMax: number;
}
export type Output =
  | { readonly kind: 'persist'; readonly record: LogRecord }
  | { readonly kind: 'reply'; readonly upTo: number }
  | { readonly kind: 'stop'; readonly position: number }
  /** The file keeps its records up to `last`, then these, and is synced. */
  | { readonly kind: 'rewrite'; readonly last: number; readonly records: readonly LogRecord[] }
  | { readonly kind: 'upload'; readonly range: Range; readonly records: readonly LogRecord[] }
  | { readonly kind: 'list'; readonly range: Range }
  | { readonly kind: 'snapshot'; readonly upTo: number }
  | { readonly kind: 'drop'; readonly upTo: number };
export interface Step {
  readonly state: State;
  readonly outputs: readonly Output[];
}

/** What a disk keeps of the log's state through a crash. */
export type Kept = Pick<State, 'first' | 'snapshot' | 'manifest'>;

/** A new log; with what a disk kept, one that is down until it is read back. */
export function init(kept?: Kept): State {
  const fixed = { reason: 'none', pending: [], known: 0, durable: 0 } as const;
  if (kept === undefined) return { mode: 'up', ...fixed, first: 1, snapshot: 0, manifest: 0 };
  const { first, snapshot, manifest } = kept;
  return { mode: 'down', ...fixed, first, snapshot, manifest };
}

/** The log takes an entry, with the checksum that its maker gave it. */
export function submit(
  state: State,
  { entry }: { readonly entry: Entry },
  { pendingMax, positionMax }: Limits,
): Step | undefined {
  const { mode, pending, known } = state;
  if (mode !== 'up') return undefined;
  if (pending.length >= pendingMax) return undefined;
  if (known + pending.length >= positionMax) return undefined;
  return { state: { ...state, pending: [...pending, entry] }, outputs: [] };
}

/** The first waiting entry is written; `sum` is the checksum of its body as it is now. */
export function write(state: State, { sum }: { readonly sum: unknown }): Step | undefined {
  const { mode, pending, known, durable } = state;
  const [entry, ...rest] = pending;
  if (mode !== 'up' || entry === undefined) return undefined;
  if (sum !== entry.sum) return undefined;
  const record = { position: known + 1, body: entry.body, sum: entry.sum, through: durable };
  return {
    state: { ...state, pending: rest, known: known + 1 },
    outputs: [{ kind: 'persist', record }],
  };
}

/** An entry that was damaged in memory stops the replica: nothing of it is written. */
export function refuse(state: State, { sum }: { readonly sum: unknown }): Step | undefined {
  const { mode, pending, known } = state;
  const [entry] = pending;
  if (mode !== 'up' || entry === undefined) return undefined;
  if (sum === entry.sum) return undefined;
  return { state: init(state), outputs: [{ kind: 'stop', position: known + 1 }] };
}

/** An fsync ended that covers everything up to a position. */
export function sync(state: State, { upTo }: { readonly upTo: number }): Step | undefined {
  if (state.mode !== 'up') return undefined;
  if (upTo <= state.durable || upTo > state.known) return undefined;
  return { state: { ...state, durable: upTo }, outputs: [] };
}

/** What is durable may be acknowledged; `acked` is what was acknowledged before. */
export function acknowledge(state: State, { acked }: { readonly acked: number }): Step | undefined {
  if (state.mode !== 'up') return undefined;
  if (acked >= state.durable) return undefined;
  return { state, outputs: [{ kind: 'reply', upTo: state.durable }] };
}

const isBad = ({ valid, whole }: ReadRecord): boolean => !valid || !whole;

/** A later valid record says that this position was durable. */
function certified(records: readonly ReadRecord[], position: number): boolean {
  return records.some(
    (later) => later.position > position && !isBad(later) && later.through >= position,
  );
}

/** The replica reads its file back: the records in order, from `first` on. */
export function recover(
  state: State,
  { records }: { readonly records: readonly ReadRecord[] },
): Step | undefined {
  if (state.mode !== 'down') return undefined;
  const bad = records.filter(isBad);
  const [firstBad] = bad;
  const last = records.at(-1);
  const cutShort = bad.length === 1 && firstBad === last && firstBad?.whole === false;
  if (firstBad !== undefined && !cutShort) {
    const reason = certified(records, firstBad.position) ? 'corrupt' : 'torn';
    return { state: { ...state, mode: 'quarantined', reason }, outputs: [] };
  }
  const known = state.first + records.length - 1 - bad.length;
  return {
    state: { ...state, mode: 'up', known, durable: known },
    outputs: [{ kind: 'rewrite', last: known, records: [] }],
  };
}

/** Where the repaired log ends: see `repair`. */
function repairedEnd(
  { reason, first }: State,
  records: readonly ReadRecord[],
  acked: number,
): number {
  const bad = records.filter(isBad).map(({ position }) => position);
  if (reason === 'torn') return Math.max(acked, (bad[0] ?? first) - 1);
  const after = bad.find((position) => position > acked);
  return after === undefined ? Math.max(acked, first + records.length - 1) : after - 1;
}

/**
 * The peers supply what was acknowledged: `entry` gives theirs. A corrupt record is replaced where
 * it stands, and what follows is kept as far as it is valid; from a torn one on, theirs stand alone.
 */
export function repair(
  state: State,
  o: {
    readonly records: readonly ReadRecord[];
    readonly acked: number;
    readonly entry: (position: number) => Entry;
  },
): Step | undefined {
  if (state.mode !== 'quarantined') return undefined;
  const { first } = state;
  const end = repairedEnd(state, o.records, o.acked);
  const records: LogRecord[] = [];
  for (let position = first; position <= end; position += 1) {
    const own = o.records[position - first];
    if (own !== undefined && !isBad(own)) {
      const { body, sum, through } = own;
      records.push({ position, body, sum, through });
    } else records.push({ position, ...o.entry(position), through: 0 });
  }
  return {
    state: { ...state, mode: 'up', reason: 'none', known: end, durable: end },
    outputs: [{ kind: 'rewrite', last: first - 1, records }],
  };
}

/** Everything acknowledged is applied, and a durable snapshot holds it. */
export function takeSnapshot(
  state: State,
  { acked }: { readonly acked: number },
): Step | undefined {
  if (state.mode !== 'up' || state.snapshot >= acked) return undefined;
  return { state: { ...state, snapshot: acked }, outputs: [{ kind: 'snapshot', upTo: acked }] };
}

/** A segment of acknowledged entries is copied whole, each record checked. */
export function upload(
  state: State,
  o: {
    readonly range: Range;
    readonly acked: number;
    readonly records: readonly ReadRecord[];
  },
): Step | undefined {
  const { range, acked } = o;
  if (state.mode !== 'up' || range.to <= state.manifest) return undefined;
  if (range.from < state.first || range.to > acked) return undefined;
  const records = o.records.slice(range.from - state.first, range.to - state.first + 1);
  if (records.some(isBad)) return undefined;
  return { state, outputs: [{ kind: 'upload', range, records }] };
}

/** The next segment was read back, as it was uploaded, and only then is listed. */
export function list(
  state: State,
  { range, intact }: { readonly range: Range; readonly intact: boolean },
): Step | undefined {
  if (state.mode !== 'up' || range.from !== state.manifest + 1 || !intact) return undefined;
  return { state: { ...state, manifest: range.to }, outputs: [{ kind: 'list', range }] };
}

/** The first segment leaves the file: it is archived, and in a snapshot. */
export function truncate(state: State, { range }: { readonly range: Range }): Step | undefined {
  if (state.mode !== 'up' || range.from !== state.first) return undefined;
  if (range.to > state.known) return undefined;
  if (range.to > state.manifest) return undefined;
  if (range.to > state.snapshot) return undefined;
  return { state: { ...state, first: range.to + 1 }, outputs: [{ kind: 'drop', upTo: range.to }] };
}

/** What one replica's state shows by itself; the others need the disk. */
export const invariants = {
  TruncatedInv: ({ first, snapshot, manifest }: State): boolean =>
    first - 1 <= snapshot && first - 1 <= manifest,
  SyncedInv: (state: State): boolean => state.durable <= state.known,
  QuarantineInv: (state: State): boolean =>
    (state.mode === 'quarantined') === (state.reason !== 'none'),
};
