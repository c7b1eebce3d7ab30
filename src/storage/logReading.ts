/**
 * A write-ahead log as it was read back: which positions are damaged, whose they were, what the
 * log's own records say of them. What must hold: nothing here touches the disk; a position is
 * called corrupt if a later valid record says that it was durable, or if a file that was is gone.
 */
import { init, recover } from '../protocol/wal.ts';
import type { ReadRecord, State } from '../protocol/wal.ts';
import type { Damage, LogEntry } from './log.ts';
import { decodeCover, decodeRepair, decodeVerdict, ownKind } from './ownRecords.ts';
import type { Cover, Repair } from './ownRecords.ts';
import { noGroup, ownKinds, slotOf } from './record.ts';
import type { Owner, RecordHeader } from './record.ts';
import type { Chain, Scanned } from './segment.ts';

interface Bad {
  readonly position: number;
  /** The file it stood in is gone. */
  readonly lost: boolean;
  owner?: Partial<Owner>;
}

/** Records of the log's own have no group, but a kind of their own. */
const isOwn = ({ owner }: Bad): boolean => owner?.group === noGroup;

/** What the record after says of one, unless that was unknown when it was written. */
const isKnown = ({ group, kind }: Owner): boolean => group !== noGroup || kind >= ownKinds;

/** From where to where a group's records cannot be relied on; see `deliver`. */
interface Hole {
  readonly from: number;
  until: number;
}

function recovered(first: number, records: readonly ReadRecord[]): State {
  const step = recover(init({ first, snapshot: 0, manifest: 0 }), { records });
  if (step === undefined) throw new Error('logReading: a log that is down can be recovered');
  return step.state;
}

export class LogReading {
  /** What follows the last record. */
  chain: Chain = { position: 1, previous: undefined };
  /** Of each group the position of its last valid record. */
  readonly lastOf = new Map<number, number>();
  readonly repairs = new Map<number, Repair>();
  readonly #bad = new Map<number, Bad>();
  readonly #covers: Cover[] = [];
  readonly #verdicts = new Map<number, Damage['reason']>();
  /** From the first bad record on: what the protocol judges. */
  readonly #judged: ReadRecord[] = [];
  /** The last record, where the file ends inside it: it was never durable, and is dropped. */
  #cut: ReadRecord | undefined;
  /** How far valid records say that the log was durable. */
  #through = 0;

  get through(): number {
    return this.#through;
  }

  get isDamaged(): boolean {
    return this.#bad.size > 0;
  }

  isBad(position: number): boolean {
    return this.#bad.has(position);
  }

  /** The first bad position. */
  get firstBad(): number | undefined {
    return this.#judged[0]?.position;
  }

  /** A position, valid or not, in order. `lost`: the file it stood in is gone. */
  note(one: Scanned, lost = false): void {
    const { position, valid, whole, header } = one;
    const { through = 0, bodySum: sum } = header ?? {};
    const read: ReadRecord = { position, body: undefined, sum, through, valid, whole };
    if (!whole) {
      this.#cut = read;
      return;
    }
    if (!valid) this.#bad.set(position, { position, lost, ...(header && { owner: header }) });
    if (this.isDamaged) this.#judged.push(read);
    if (header !== undefined && one.body !== undefined) this.#noteValid(header, one.body);
    this.chain = { position: position + 1, previous: header };
  }

  #noteValid(header: RecordHeader, body: Uint8Array): void {
    const { position, group, back, before } = header;
    this.#through = Math.max(this.#through, header.through);
    const last = this.#bad.get(position - 1);
    if (last !== undefined && isKnown(before)) last.owner ??= before;
    if (header.kind >= ownKinds) this.#noteOwn(header.kind, Buffer.from(body));
    if (group === noGroup) return;
    const lost = back > 0 ? this.#bad.get(position - back) : undefined;
    if (lost !== undefined) lost.owner ??= { group };
    this.lastOf.set(group, position);
  }

  #noteOwn(kind: number, body: Buffer): void {
    if (kind === ownKind.verdict) {
      for (const { position, reason } of decodeVerdict(body)) this.#verdicts.set(position, reason);
    } else if (kind === ownKind.repair) {
      const repair = decodeRepair(body);
      if (repair !== undefined) this.repairs.set(repair.position, repair);
    } else if (kind === ownKind.cover) {
      const cover = decodeCover(body);
      if (cover !== undefined) this.#covers.push(cover);
    }
  }

  /** What the protocol makes of it, and of it with everything healed: the log that goes on. */
  judge(): { readonly found: State; readonly settled: State } {
    const open = new Set(this.damage.map(({ position }) => position));
    const records = this.#judged.map((read) => ({ ...read, valid: !open.has(read.position) }));
    const firstOpen = records.findIndex(({ valid }) => !valid);
    const settled = recovered(this.chain.position, this.#cut === undefined ? [] : [this.#cut]);
    if (firstOpen < 0) return { found: settled, settled };
    const [first] = this.damage;
    const found = recovered(first?.position ?? 1, records.slice(firstOpen));
    return { found: { ...found, reason: first?.reason ?? found.reason }, settled };
  }

  #reasonOf({ position, lost }: Bad): Damage['reason'] {
    const certified = position <= this.#through || lost;
    return this.#verdicts.get(position) ?? (certified ? 'corrupt' : 'torn');
  }

  /** Records of the log's own that are damaged: what they said counts no more. */
  get ownDamage(): number {
    return [...this.#bad.values()].filter(isOwn).length;
  }

  /** Every bad position whose reason no verdict holds, and later records would change. */
  get unjudged(): Damage[] {
    return this.#all().filter(({ position }) => {
      return !this.#verdicts.has(position) && position > this.#through;
    });
  }

  /** What is damaged and not healed. */
  get damage(): Damage[] {
    return this.#all().filter(({ position, group }) => {
      if (this.repairs.has(position)) return false;
      return !this.#covers.some((cover) => cover.group === group && cover.position > position);
    });
  }

  #all(): Damage[] {
    const all: Damage[] = [];
    for (const bad of this.#bad.values()) {
      if (isOwn(bad)) continue;
      const { group, kind, slot } = bad.owner ?? {};
      all.push({
        position: bad.position,
        reason: this.#reasonOf(bad),
        ...(group !== undefined && { group }),
        ...(kind !== undefined && { kind }),
        ...(slot !== undefined && slotOf(slot)),
      });
    }
    return all;
  }

  /**
   * Which entries of a damaged log may be handed on: those of a group up to its first damage that
   * no repair fills, and again from the image on with which it began anew.
   */
  reliable(): (entry: LogEntry, position: number) => boolean {
    const holes = new Map<number, Hole>();
    for (const { position: from, group } of this.#all()) {
      if (group === undefined || this.repairs.has(from)) continue;
      const until = Math.max(
        0,
        ...this.#covers.filter((cover) => cover.group === group).map(({ position }) => position),
      );
      const hole = holes.get(group) ?? { from, until: until > from ? until : Infinity };
      if (until < from) hole.until = Infinity;
      holes.set(group, hole);
    }
    return ({ group }, position) => {
      const hole = holes.get(group);
      return hole === undefined || position < hole.from || position >= hole.until;
    };
  }
}
