/**
 * The archive of the groups' logs in an object store; src/protocol/wal.ts decides what may be listed.
 * What must hold: a segment is listed only after it was read back as it was made, and the list has no
 * holes; what is read from the archive is what was chosen, or the reading fails. One replica of a
 * group archives at a time; should two have done so, nothing is lost: segments may overlap, since
 * both hold what was chosen, and what the manifest leaves out is found by its name.
 */
import { init, list } from '../protocol/wal.ts';
import {
  archivedName,
  decodeArchiveManifest,
  encodeArchiveManifest,
  manifestName,
  rangeOfName,
  segmentsPrefix,
} from './archiveManifest.ts';
import type { ListedRange } from './archiveManifest.ts';
import { decodeSegment, digestOf, encodeSegment, encoding } from './archiveSegment.ts';
import type { ArchivedEntry } from './archiveSegment.ts';
import { comparing, inTurns } from './inPieces.ts';
import type { Turn } from './inPieces.ts';
import type { ObjectStore } from './objectStore.ts';

/** The archive does not hold what it lists. */
export class ArchiveDamaged extends Error {
  override readonly name = 'ArchiveDamaged';
}

export interface Finding {
  readonly kind: 'hole' | 'missing' | 'damaged' | 'manifest';
  readonly first: number;
  readonly last: number;
}

const lastOf = (segments: readonly ListedRange[]): number => segments.at(-1)?.last ?? 0;

/** Up to the first hole: each goes on from the one before, or overlaps with it. */
function contiguous(listed: readonly ListedRange[]): ListedRange[] {
  const hole = listed.findIndex(({ first, last }, index) => {
    const before = listed[index - 1]?.last ?? 0;
    return first > before + 1 || last <= before;
  });
  return listed.slice(0, hole < 0 ? undefined : hole);
}

/** For who has nothing else to do. */
const noTurn: Turn = () => Promise.resolve();

const hexOf = (bytes: Uint8Array): string => digestOf(bytes).toString('hex');

export class Archive {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** The last slot of the group that the archive holds, all before it included; 0: none. */
  async through(group: number): Promise<number> {
    return lastOf(await this.#segments(group));
  }

  /**
   * Takes the entries that follow; gives the last slot that is listed, and so may be truncated.
   * Entries that do not follow what is there are not taken. Between two pieces of the work on their
   * bytes others have their turn.
   */
  async add(group: number, entries: readonly ArchivedEntry[], turn = noTurn): Promise<number> {
    const { bytes, digest } = await inTurns(encoding(group, entries), turn);
    const first = entries[0]?.slot ?? 0;
    const last = first + entries.length - 1;
    let segments = contiguous((await this.#manifest(group)) ?? []);
    if (first !== lastOf(segments) + 1) segments = await this.#segments(group);
    if (first !== lastOf(segments) + 1) return lastOf(segments);
    const name = archivedName(group, first, last);
    await this.#store.put(name, bytes);
    const read = await this.#store.get(name);
    const intact = read !== undefined && (await inTurns(comparing(read, bytes), turn));
    const state = { ...init(), manifest: lastOf(segments) };
    if (list(state, { range: { from: first, to: last }, intact }) === undefined) {
      throw new ArchiveDamaged(`${name} is not read back as it was written`);
    }
    const listed = [...segments, { first, last, digest }];
    await this.#store.put(manifestName(group), encodeArchiveManifest(group, listed));
    return lastOf(contiguous((await this.#manifest(group)) ?? []));
  }

  close(): void {
    this.#store.close?.();
  }

  async #manifest(group: number): Promise<ListedRange[] | undefined> {
    const bytes = await this.#store.get(manifestName(group));
    return bytes && decodeArchiveManifest(bytes, group);
  }

  /** What the manifest lists, up to its first hole, and the segments that go on from there. */
  async #segments(group: number): Promise<ListedRange[]> {
    const segments = contiguous((await this.#manifest(group)) ?? []);
    // In the order of their first slots: nothing can go on after a hole.
    for (const name of await this.#store.list(segmentsPrefix(group))) {
      const range = rangeOfName(name);
      if (range === undefined || range.last <= lastOf(segments)) continue;
      if (range.first > lastOf(segments) + 1) break;
      const bytes = await this.#store.get(name);
      const segment = bytes && decodeSegment(bytes, name);
      if (bytes === undefined || segment === undefined) continue;
      const { first, last } = segment;
      if (segment.group !== group || first !== range.first || last !== range.last) continue;
      segments.push({ first, last, digest: hexOf(bytes) });
    }
    return segments;
  }

  /** The entries from one slot to another, in order; throws ArchiveDamaged where one is not there. */
  async *entries(group: number, from: number, to: number): AsyncGenerator<ArchivedEntry> {
    let next = from;
    for (const { first, last, digest } of await this.#segments(group)) {
      if (last < next || next > to) continue;
      const name = archivedName(group, first, last);
      const bytes = await this.#store.get(name);
      const intact = bytes !== undefined && hexOf(bytes) === digest;
      const segment = intact ? decodeSegment(bytes, name) : undefined;
      if (segment?.group !== group || segment.first !== first) {
        throw new ArchiveDamaged(
          `${name} is missing or damaged. Archive its slots again from a live replica.`,
        );
      }
      for (const entry of segment.entries) {
        if (entry.slot < next || entry.slot > to) continue;
        yield entry;
        next = entry.slot + 1;
      }
    }
    if (next <= to) {
      throw new ArchiveDamaged(`the archive of group ${group} holds no slot ${next}`);
    }
  }

  /** Whether all that is listed is there, as it was made, without a hole. */
  async verify(group: number): Promise<Finding[]> {
    const manifest = await this.#manifest(group);
    const names = await this.#store.list(segmentsPrefix(group));
    const findings: Finding[] = [];
    if (manifest === undefined && names.length > 0) {
      findings.push({ kind: 'manifest', first: 1, last: 1 });
    }
    let next = 1;
    for (const { first, last, digest } of manifest ?? (await this.#segments(group))) {
      if (first > next) findings.push({ kind: 'hole', first: next, last: first - 1 });
      if (last < next) findings.push({ kind: 'manifest', first, last });
      const bytes = await this.#store.get(archivedName(group, first, last));
      if (bytes === undefined) findings.push({ kind: 'missing', first, last });
      else if (hexOf(bytes) !== digest) findings.push({ kind: 'damaged', first, last });
      next = last + 1;
    }
    // Segments with numbers beyond the list, and none that goes on from it.
    const [later] = names
      .flatMap((name) => rangeOfName(name) ?? [])
      .filter(({ first }) => first >= next);
    if (later !== undefined && later.first > next) {
      findings.push({ kind: 'hole', first: next, last: later.first - 1 });
    }
    return findings;
  }

  /** Mends a damaged or lost segment with what a live replica holds of its slots. */
  async mend(group: number, entries: readonly ArchivedEntry[]): Promise<boolean> {
    const bytes = encodeSegment(group, entries);
    const [first = 0, last = 0] = [entries[0]?.slot, entries.at(-1)?.slot];
    const listed = await this.#segments(group);
    const wanted = listed.find((one) => one.first === first && one.last === last);
    if (wanted !== undefined && wanted.digest !== hexOf(bytes)) return false;
    const name = archivedName(group, first, last);
    await this.#store.put(name, bytes);
    return (await this.#store.get(name))?.equals(bytes) === true;
  }
}
