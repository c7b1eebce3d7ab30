/**
 * Archives what the groups of a node have chosen: the replica that leads a group adds what the
 * archive does not list yet, in segments, cut by size or age. What must hold: only what is chosen is
 * archived, in order; a store that fails delays it and nothing else. Two replicas that both believe
 * to lead do no harm: both archive the same entries (see storage/archive.ts).
 */
import type { Command, CommandLog } from '../protocol/replication/commandLog.ts';
import type { Archive } from '../storage/archive.ts';
import type { ArchivedEntry } from '../storage/archiveSegment.ts';
import { checksum } from '../storage/record.ts';
import { pieceBytes } from '../storage/inPieces.ts';
import { ByteWriter } from '../world/bytes.ts';
import type { Clock, Timer } from '../world/clock.ts';
import { ArchivePace } from './archivePace.ts';
import { writeCommand } from './commandCodec.ts';

/** What the archiver sees of a replica. */
export interface ArchivedReplica {
  readonly serving: boolean;
  readonly state: { readonly phase: string; readonly commit: number; readonly log: CommandLog };
}

export interface ArchiverOptions {
  readonly archive: Archive;
  readonly clock: Clock;
  readonly replicas: ReadonlyMap<number, ArchivedReplica>;
  /** The archive lists more of this group than before, or was asked about it. */
  readonly listed?: (group: number) => void;
  /** The first failure of a store that worked until then, and undefined when it works again. */
  readonly failing: (error: Error | undefined) => void;
}

/** What waits is archived when it is so large, or so old. */
export const segmentBytesEnough = 4 << 20;
export const segmentAgeMs = 5_000;
const segmentBytesMax = 2 * segmentBytesEnough;
const sweepMs = 500;
/** Segments that are written at once: each is held in memory a few times. */
const jobsMax = 4;
/** Of groups whose segments have more together only one is worked on: they wait for the disk anyway. */
const togetherBytesMax = 1 << 20;
const pauseMs = 1_000;
const pauseMsMax = 60_000;
const entryBytes = 32;

/** The kind of an entry whose body is a command of commandCodec.ts; it stands in files. */
export const archivedCommand = 1;

/** What is archived is behind what this replica has dropped of its log. */
export class ArchiveBehind extends Error {
  override readonly name = 'ArchiveBehind';
}

/** Of one group, while this node leads it. */
interface Progress {
  /** The last slot that the archive lists; undefined until it was asked. */
  through: number | undefined;
  /** Chosen slots that were measured, and how large they and what waits before them are. */
  seen: number;
  bytes: number;
  /** Since when something waits to be archived. */
  sinceMs: number;
  pauseMs: number;
  notBeforeMs: number;
  queued: boolean;
  /** Why it came to nothing last. */
  failed: Error | undefined;
  waiters: ((through: number) => void)[];
}

/** A leader's barrier counts nothing: a group that only elects has nothing to archive. */
function sizeOf(command: Command): number {
  if (command.kind === 'noop') return 0;
  if (command.kind !== 'write') return entryBytes;
  return entryBytes + command.call.length + command.key.length + (command.value?.length ?? 0);
}

/** Whether nothing but barriers stands in the slots after one. */
function isEmpty(log: CommandLog | undefined, after: number, upTo: number): boolean {
  if (log === undefined || after < log.base) return false;
  for (let slot = after + 1; slot <= upTo; slot += 1) if (sizeOf(log.at(slot)) > 0) return false;
  return true;
}

/** What waits of a group, about: what is not measured yet counts as what is. */
function waitingBytes({ through, seen, bytes }: Progress, { state }: ArchivedReplica): number {
  const after = Math.max(through ?? 0, state.log.base);
  return seen > after ? (bytes * (state.commit - after)) / (seen - after) : bytes;
}

const writer = new ByteWriter();

function entryOf(slot: number, command: Command): ArchivedEntry {
  writeCommand(writer, command);
  const body = writer.take();
  return { slot, kind: archivedCommand, body, sum: checksum(body) };
}

export class Archiver {
  readonly #o: ArchiverOptions;
  readonly #groups = new Map<number, Progress>();
  /** Groups that may have something to archive; of the others all that is chosen is listed. */
  readonly #open = new Set<number>();
  readonly #queue: number[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #timer: Timer;
  readonly #pace: ArchivePace;
  #waitingBytes = 0;
  #runningBytes = 0;
  #waiters = 0;
  #failing = false;
  #failures = 0;
  #workedMs: number;
  #slots = 0;
  #ended = false;

  constructor(o: ArchiverOptions) {
    this.#o = o;
    this.#workedMs = o.clock.nowMs();
    this.#timer = o.clock.every(sweepMs, () => this.#sweep());
    this.#pace = new ArchivePace({
      clock: o.clock,
      waitingBytes: () => this.#waitingBytes,
      isUrgent: () => this.#ended || this.#waiters > 0,
    });
  }

  /** The last slot of a group that the archive lists and this node, leading, knows of; else 0. */
  archivedOf(group: number): number {
    return this.#groups.get(group)?.through ?? 0;
  }

  /** Slots that this node has archived since it began. */
  get slots(): number {
    return this.#slots;
  }

  /** Why the store takes nothing of a group that is led here; undefined: it works, as far as is known. */
  get failing(): Error | undefined {
    for (const { failed } of this.#groups.values()) if (failed !== undefined) return failed;
    return undefined;
  }

  /** Attempts that failed since the start, each to be made again. */
  get failures(): number {
    return this.#failures;
  }

  /** How long ago the store did what it was asked to, or the node began. */
  get sinceWorkedMs(): number {
    return this.#o.clock.nowMs() - this.#workedMs;
  }

  /** Chosen slots of groups that this node leads and that have something to archive. */
  get lag(): number {
    let lag = 0;
    for (const [group, { through, bytes }] of this.#groups) {
      if (bytes === 0) continue;
      const { commit = 0 } = this.#o.replicas.get(group)?.state ?? {};
      lag += Math.max(0, commit - (through ?? 0));
    }
    return lag;
  }

  /** A replica has come to lead, or leads no more, or knows more of its log to be chosen. */
  changed(group: number): void {
    this.#open.add(group);
  }

  /** Archives what is chosen of a group now; gives how far the archive lists it then. */
  request(group: number): Promise<number> {
    return new Promise((done) => {
      this.#open.add(group);
      const progress = this.#progressOf(group);
      progress.waiters.push(done);
      this.#waiters += 1;
      progress.notBeforeMs = 0;
      this.#enqueue(group, progress);
      this.#next();
    });
  }

  #progressOf(group: number): Progress {
    let progress = this.#groups.get(group);
    if (progress === undefined) {
      progress = {
        through: undefined,
        seen: 0,
        bytes: 0,
        sinceMs: this.#o.clock.nowMs(),
        pauseMs: 0,
        notBeforeMs: 0,
        queued: false,
        failed: undefined,
        waiters: [],
      };
      this.#groups.set(group, progress);
      // One that waited for its turn may be led here no more: the next sweep sees to that.
      this.#open.add(group);
    }
    return progress;
  }

  #sweep(): void {
    const nowMs = this.#o.clock.nowMs();
    this.#waitingBytes = 0;
    for (const group of this.#open) {
      const replica = this.#o.replicas.get(group);
      if (replica?.state.phase === 'leader') this.#look(group, replica, nowMs);
      else if ((this.#groups.get(group)?.waiters.length ?? 0) === 0) {
        this.#groups.delete(group);
        this.#open.delete(group);
      }
    }
    this.#next();
  }

  #look(group: number, replica: ArchivedReplica, nowMs: number): void {
    const { commit } = replica.state;
    const progress = this.#progressOf(group);
    this.#measureOn(progress, replica);
    this.#waitingBytes += waitingBytes(progress, replica);
    if (progress.queued) return;
    if (commit === 0 || commit === progress.through) this.#open.delete(group);
    else if (nowMs < progress.notBeforeMs || !replica.serving) return;
    else if (this.#isDue(progress, replica, nowMs)) this.#enqueue(group, progress);
    else if (progress.bytes === 0 && progress.through !== undefined) {
      // What is chosen since are barriers alone: they go with the next write.
      this.#open.delete(group);
    }
  }

  #isDue(progress: Progress, { state }: ArchivedReplica, nowMs: number): boolean {
    if (progress.bytes === 0 && progress.through !== undefined) progress.sinceMs = nowMs;
    this.#measure(progress, state);
    return progress.bytes >= segmentBytesEnough || nowMs - progress.sinceMs >= segmentAgeMs;
  }

  /** What was measured is listed, and more waits: the pace is to know how much. */
  #measureOn(progress: Progress, { state }: ArchivedReplica): void {
    const { queued, through, seen } = progress;
    if (!queued || through === undefined || seen > through || state.commit <= through) return;
    progress.seen = through;
    progress.bytes = 0;
    this.#measure(progress, state);
  }

  #measure(progress: Progress, { commit, log }: ArchivedReplica['state']): void {
    for (let slot = Math.max(progress.seen, log.base) + 1; slot <= commit; slot += 1) {
      // What is old enough or large enough already needs no further measuring.
      if (progress.bytes >= segmentBytesEnough) break;
      progress.bytes += sizeOf(log.at(slot));
      progress.seen = slot;
    }
  }

  #enqueue(group: number, progress: Progress): void {
    if (progress.queued) return;
    progress.queued = true;
    this.#queue.push(group);
  }

  #next(): void {
    while (!this.#ended && this.#running.size < jobsMax) {
      const [group] = this.#queue;
      if (group === undefined) return;
      const { bytes } = this.#progressOf(group);
      if (this.#running.size > 0 && this.#runningBytes + bytes > togetherBytesMax) return;
      this.#queue.shift();
      this.#runningBytes += bytes;
      const job = this.#work(group).finally(() => {
        this.#running.delete(job);
        this.#runningBytes -= bytes;
        this.#next();
      });
      this.#running.add(job);
    }
  }

  async #work(group: number): Promise<void> {
    const progress = this.#progressOf(group);
    try {
      await this.#archive(group, progress);
      progress.pauseMs = 0;
      this.#workedMs = this.#o.clock.nowMs();
      progress.failed = undefined;
      if (this.#failing) this.#o.failing(undefined);
      this.#failing = false;
    } catch (error) {
      progress.pauseMs = Math.min(pauseMsMax, Math.max(pauseMs, 2 * progress.pauseMs));
      progress.notBeforeMs = this.#o.clock.nowMs() + progress.pauseMs;
      // It may have been listed all the same.
      progress.through = undefined;
      this.#failures += 1;
      progress.failed = error as Error;
      if (!this.#failing && !this.#ended) this.#o.failing(error as Error);
      this.#failing = true;
    }
    progress.queued = false;
    this.#settle(progress);
    this.#o.listed?.(group);
  }

  /** Whoever asked is told how far it has come, also where it failed. */
  #settle(progress: Progress): void {
    const { waiters, through = 0 } = progress;
    progress.waiters = [];
    this.#waiters -= waiters.length;
    for (const done of waiters) done(through);
  }

  async #archive(group: number, progress: Progress): Promise<void> {
    const { archive, replicas } = this.#o;
    progress.through ??= await archive.through(group);
    const { commit: upTo = 0, log: now } = replicas.get(group)?.state ?? {};
    if (progress.waiters.length === 0 && isEmpty(now, progress.through, upTo)) return;
    while (!this.#ended && progress.through < upTo) {
      const log = replicas.get(group)?.state.log;
      if (log === undefined) return;
      // Another leader may have archived since, and dropped what it archived.
      if (progress.through < log.base) progress.through = await archive.through(group);
      const after: number = progress.through;
      const entries = await this.#segment(group, log, { after, upTo });
      progress.through = await archive.add(group, entries, (bytes) => this.#pace.turn(bytes));
      // Another one that archives the group may have listed less; what is there counts.
      if (progress.through <= after) progress.through = await archive.through(group);
      if (progress.through <= after) throw new Error(`group ${group}: the archive takes nothing`);
      this.#slots += progress.through - after;
    }
    progress.seen = progress.through;
    progress.bytes = 0;
    progress.sinceMs = this.#o.clock.nowMs();
  }

  async #segment(
    group: number,
    log: CommandLog,
    { after, upTo }: { readonly after: number; readonly upTo: number },
  ): Promise<ArchivedEntry[]> {
    if (after < log.base) {
      throw new ArchiveBehind(
        `the archive of group ${group} ends at slot ${after}, and the group's logs begin after ` +
          `slot ${log.base}: it has lost slots. Bring back the archive's objects; until then ` +
          'nothing of the group is archived.',
      );
    }
    const entries: ArchivedEntry[] = [];
    let [bytes, rested] = [0, 0];
    for (let slot = after + 1; slot <= upTo && bytes < segmentBytesMax; slot += 1) {
      const entry = entryOf(slot, log.at(slot));
      entries.push(entry);
      bytes += entryBytes + entry.body.length;
      if (bytes - rested < pieceBytes) continue;
      await this.#pace.turn(bytes - rested);
      rested = bytes;
    }
    await this.#pace.turn(bytes - rested);
    return entries;
  }

  /** Resolves when nothing waits to be archived any more of what was due. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** What is under way ends, done or not; nothing is begun any more. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#timer.cancel();
    this.#o.archive.close();
    await this.idle();
    for (const progress of this.#groups.values()) this.#settle(progress);
  }
}
