/**
 * The scrub of one group: its live copies at one position of the log, and the one that is rebuilt
 * from the archive alone; src/protocol/scrub.ts decides what is compared with what. What must hold:
 * what is compared was read at one slot; a copy that could not be read is told, never passed over.
 */
import { compare, init, mark, rebuild } from '../protocol/scrub.ts';
import type { CopyReport, Scrubber, Step } from '../protocol/scrub.ts';
import { ArchiveDamaged } from '../storage/archive.ts';
import type { Archive, Finding } from '../storage/archive.ts';
import type { ItemChecksum } from '../storage/itemSnapshot.ts';
import type { Clock } from '../world/clock.ts';
import type { Reading } from './copyMark.ts';
import type { NodeLink } from './nodeLink.ts';
import type { ScrubAsk } from './requestCodec.ts';
import type { Archived, Where } from './scrubAnswers.ts';

export interface CopyResult {
  readonly node: string;
  readonly replica: string;
  /** `alike`: the live copies are one another's equals, and there is no rebuilt one to judge by. */
  readonly state: 'equal' | 'differs' | 'alike' | 'unjudged' | 'unread';
  readonly sum?: string;
  readonly items?: number;
  readonly bytes?: number;
  readonly why?: string;
}

export interface GroupScrub {
  readonly group: number;
  /** `partial`: nothing differs, and not all could be compared. */
  readonly verdict: 'equal' | 'differs' | 'partial';
  /** The slot at which the copies were read. */
  readonly slot?: number;
  readonly copies: readonly CopyResult[];
  readonly rebuilt: Partial<ItemChecksum> & { readonly why?: string };
  /** What is wrong with the archive itself. */
  readonly archive: readonly Finding[];
}

export interface GroupScrubOptions {
  readonly group: number;
  readonly links: readonly NodeLink[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Undefined: the region has none. */
  readonly archive: Archive | undefined;
  readonly rebuiltAt: (group: number, slot: number) => Promise<ItemChecksum>;
}

const askMs = 2_000;
/** A large copy takes its time. */
const checksumMs = 3_600_000;
/** For a replica to come to the marker. */
const waitMs = 2_000;
const pauseMs = 200;
const attemptsMax = 24;
/** Nodes that are silent so often are not waited for. */
const silentMax = 3;

interface Leader {
  readonly link: NodeLink;
  readonly where: Where;
  /** Where the storage members are, by their names; undefined: their node does not answer. */
  readonly copies: ReadonlyMap<string, NodeLink | undefined>;
}

interface Marked {
  readonly slot: number;
  readonly leader: Leader;
  readonly readings: ReadonlyMap<string, Reading | undefined>;
}

class Passed extends Error {
  readonly applied: number;

  constructor(applied: number) {
    super('a replica has passed the marker');
    this.applied = applied;
  }
}

export class GroupScrubber {
  readonly #o: GroupScrubOptions;

  constructor(o: GroupScrubOptions) {
    this.#o = o;
  }

  async run(): Promise<GroupScrub> {
    const { group } = this.#o;
    const marked = await this.#marked();
    if (marked === undefined) {
      const why = 'no leader serves, or its copies are never seen at one slot';
      return { group, verdict: 'partial', copies: [], rebuilt: { why }, archive: [] };
    }
    const { slot, leader } = marked;
    const { copy, why, damaged, findings } = await this.#rebuilt(slot, leader);
    const copies = judged(marked, copy);
    const isWrong =
      damaged || copies.some(({ state }) => state === 'differs' || state === 'unjudged');
    const isWhole = copy !== undefined && copies.every(({ state }) => state === 'equal');
    const verdict = isWrong ? 'differs' : isWhole ? 'equal' : 'partial';
    const rebuilt = { ...copy, ...(why !== undefined && { why }) };
    return { group, verdict, slot, copies, rebuilt, archive: findings };
  }

  async #ask<T>(link: NodeLink, op: ScrubAsk, timeoutMs = askMs): Promise<T | undefined> {
    this.#o.signal.throwIfAborted();
    const answer = await link.ask({ group: this.#o.group, key: '', op }, timeoutMs);
    this.#o.signal.throwIfAborted();
    if (typeof answer === 'string' || answer.status !== 'ok') return undefined;
    return JSON.parse(answer.value ?? 'null') as T;
  }

  #pause(): Promise<void> {
    return new Promise((done) => this.#o.clock.after(pauseMs, done));
  }

  /** Who leads the newest epoch and serves, and where its storage members are. */
  async #leader(): Promise<Leader | undefined> {
    const all = await Promise.all(
      this.#o.links.map(async (link) => ({ link, where: await this.#where(link) })),
    );
    const [first] = all
      .filter(({ where }) => where?.serving)
      .sort((a, b) => b.where!.epoch - a.where!.epoch);
    if (first?.where === undefined) return undefined;
    const { link, where } = first;
    const copies = where.storage.map((replica) => {
      return [replica, all.find((each) => each.where?.replica === replica)?.link] as const;
    });
    return { link, where, copies: new Map(copies) };
  }

  #where(link: NodeLink): Promise<Where | undefined> {
    return this.#ask<Where>(link, { kind: 'where' });
  }

  /**
   * The copies at one position that no replica had passed: the leader's commit, and a margin beyond
   * it as large as what is written until all have been asked.
   */
  async #marked(): Promise<Marked | undefined> {
    let [margin, silent] = [0, 0];
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const leader = await this.#leader();
      const commit = leader && ((await this.#where(leader.link))?.commit ?? leader.where.commit);
      if (leader === undefined || commit === undefined) {
        await this.#pause();
        continue;
      }
      const slot = commit + margin;
      try {
        const readings = await this.#readings(leader, slot);
        const all = [...readings.values()];
        const isMissing = all.includes(undefined);
        silent += isMissing ? 1 : 0;
        const isLate = all.some((reading) => reading?.kind === 'dropped');
        if (!isLate && (!isMissing || silent >= silentMax)) return { slot, leader, readings };
        margin = isLate ? Math.floor(margin / 4) : margin;
        if (isMissing) await this.#pause();
      } catch (error) {
        if (!(error instanceof Passed)) throw error;
        margin = 2 * Math.max(margin, error.applied - slot) + 1;
      }
    }
    return undefined;
  }

  async #readings(
    { copies }: Leader,
    slot: number,
  ): Promise<ReadonlyMap<string, Reading | undefined>> {
    const asked = [...copies].map(async ([replica, link]) => {
      const ask = { kind: 'checksum', slot, waitMs } as const;
      const reading = link && (await this.#ask<Reading>(link, ask, checksumMs));
      // The others need not be waited for.
      if (reading?.kind === 'passed') throw new Passed(reading.applied);
      return [replica, reading] as const;
    });
    return new Map(await Promise.all(asked));
  }

  async #rebuilt(slot: number, leader: Leader): Promise<Rebuilt> {
    const { archive, group, rebuiltAt, signal } = this.#o;
    const none = { damaged: false, findings: [] };
    if (archive === undefined) return { ...none, why: 'the region has no archive' };
    let findings: readonly Finding[] = [];
    try {
      const through = await this.#archived(slot, leader.link);
      findings = await archive.verify(group);
      const damaged = findings.length > 0;
      if (through < slot) return { damaged, findings, why: `it ends at slot ${through}` };
      return { copy: await rebuiltAt(group, slot), damaged, findings };
    } catch (error) {
      signal.throwIfAborted();
      const damaged = findings.length > 0 || error instanceof ArchiveDamaged;
      return { why: (error as Error).message, damaged, findings };
    }
  }

  /** Has the leader archive up to the slot; who leads may change meanwhile. */
  async #archived(slot: number, link: NodeLink): Promise<number> {
    let through = 0;
    let leader: NodeLink | undefined = link;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const answer: Archived | undefined =
        leader && (await this.#ask(leader, { kind: 'archive' }, checksumMs));
      through = Math.max(through, answer?.through ?? 0);
      if (through >= slot) break;
      await this.#pause();
      leader = (await this.#leader())?.link;
    }
    return through;
  }
}

interface Rebuilt {
  readonly copy?: ItemChecksum;
  /** Why there is none. */
  readonly why?: string;
  /** The archive does not hold what it lists. */
  readonly damaged: boolean;
  readonly findings: readonly Finding[];
}

function taken(step: Step<Scrubber> | undefined): Scrubber {
  if (step === undefined) throw new Error('scrub: a step that must be possible is not');
  return step.state;
}

const copyOf = (reading: Reading): string =>
  reading.kind === 'read' ? reading.sum : `no copy: ${reading.kind}`;

/** What each copy is, measured by the rebuilt one. */
function judged(
  { slot, leader, readings }: Marked,
  rebuilt: ItemChecksum | undefined,
): CopyResult[] {
  const seen = [...readings].flatMap(([replica, reading]) => (reading ? [replica] : []));
  const wrong = rebuilt && accused(slot, rebuilt, readings, seen);
  const isOne = new Set(seen.map((replica) => copyOf(readings.get(replica)!))).size === 1;
  return [...readings].map(([replica, reading]): CopyResult => {
    const of = { node: leader.copies.get(replica)?.id ?? '', replica };
    if (reading === undefined) return { ...of, state: 'unread', why: 'its node does not answer' };
    if (reading.kind === 'damaged') return { ...of, state: 'differs', why: reading.why };
    if (reading.kind !== 'read') return { ...of, state: 'unread', why: reading.kind };
    const { sum, items, bytes } = reading;
    const read = { ...of, sum, items, bytes };
    if (wrong === undefined) return { ...read, state: isOne ? 'alike' : 'unjudged' };
    return { ...read, state: wrong.includes(replica) ? 'differs' : 'equal' };
  });
}

/** The replicas in alarm, as the protocol has it. */
function accused(
  slot: number,
  { sum }: ItemChecksum,
  readings: ReadonlyMap<string, Reading | undefined>,
  replicas: readonly string[],
): readonly string[] {
  const marked = taken(mark(init('scrubber'), { length: slot }));
  const reports = replicas.map((replica): [string, CopyReport] => {
    const reading = readings.get(replica)!;
    const at = reading.kind === 'read' ? reading.slot : slot;
    return [replica, { at, copy: copyOf(reading) }];
  });
  const heard = { ...marked, reports: Object.fromEntries(reports) };
  const measured = taken(rebuild(heard, { archived: slot, copy: sum }));
  return taken(compare(measured, { replicas })).alarm;
}
