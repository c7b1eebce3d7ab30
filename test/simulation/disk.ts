/**
 * A disk in memory that knows what is durable: every write not yet synced may, at a crash, be there
 * whole, in part (any of its sectors) or not at all, in any order; so may every name made, renamed
 * or removed since the folder was synced. What must hold: what was synced is never lost, and nothing
 * appears that was never written.
 */
import type { Disk, DiskFile } from '../../src/world/disk.ts';

export const sectorBytes = 512;

interface Written {
  readonly position: number;
  readonly bytes: Uint8Array;
}

interface Content {
  /** What the page cache shows. */
  cached: Buffer;
  /** What is on the platter. */
  durable: Buffer;
  /** Since the last sync, cut at sectors. */
  pending: Written[];
}

/** Names that change together: what each means afterwards; undefined: nothing. */
type NameChange = ReadonlyMap<string, Content | undefined>;

/** Called before every operation that a crash may come before; it may throw. */
export type Hook = (operation: string) => void;

const failure = (code: string, name: string): Error =>
  Object.assign(new Error(`${code}: ${name}`), { code });

export class SimulatedDisk implements Disk {
  /** As the page cache shows the folder. */
  readonly files = new Map<string, Content>();
  hook: Hook = () => undefined;
  /** How many bytes a write takes of those it is given. */
  taken: (length: number) => number = (length) => length;
  /** An fsync fails, and leaves what it did not write in the page cache, as if it had. */
  lies = false;
  #durableNames = new Map<string, Content>();
  #namesPending: NameChange[] = [];
  readonly #locks = new Set<string>();

  async open(name: string, mode: 'create' | 'existing'): Promise<DiskFile> {
    this.hook(`open ${name}`);
    const found = this.files.get(name);
    if (mode === 'existing') {
      if (found === undefined) throw failure('ENOENT', name);
      return this.#fileOf(name, found);
    }
    if (found !== undefined) throw failure('EEXIST', name);
    const empty = Buffer.alloc(0);
    const content = { cached: empty, durable: empty, pending: [] };
    this.#change(new Map([[name, content]]));
    return this.#fileOf(name, content);
  }

  async list(): Promise<string[]> {
    return [...this.files.keys()].sort();
  }

  async rename(from: string, to: string): Promise<void> {
    this.hook(`rename ${from}`);
    const content = this.files.get(from);
    if (content === undefined) throw failure('ENOENT', from);
    const change = new Map<string, Content | undefined>();
    this.#change(change.set(from, undefined).set(to, content));
  }

  async remove(name: string): Promise<void> {
    this.hook(`remove ${name}`);
    if (!this.files.has(name)) throw failure('ENOENT', name);
    this.#change(new Map([[name, undefined]]));
  }

  async syncFolder(): Promise<void> {
    this.hook('syncFolder');
    this.#durableNames = new Map(this.files);
    this.#namesPending = [];
  }

  async lock(name: string): Promise<(() => Promise<void>) | undefined> {
    if (this.#locks.has(name)) return undefined;
    this.#locks.add(name);
    return async () => {
      this.#locks.delete(name);
    };
  }

  /** The process is gone: the page cache stays, its locks do not. */
  killed(): this {
    this.#locks.clear();
    this.hook = () => undefined;
    return this;
  }

  #change(change: NameChange): void {
    this.#namesPending.push(change);
    rename(this.files, change);
  }

  #fileOf(name: string, content: Content): DiskFile {
    const operation = (what: string): void => this.hook(`${what} ${name}`);
    return {
      write: async (bytes, position) => {
        operation('write');
        const part = Uint8Array.from(bytes.subarray(0, this.taken(bytes.length)));
        content.cached = placed(content.cached, { position, bytes: part });
        content.pending.push(...sectors({ position, bytes: part }));
        return part.length;
      },
      read: async (position, length) => content.cached.subarray(position, position + length),
      size: async () => content.cached.length,
      truncate: async (length) => {
        operation('truncate');
        content.cached = Buffer.from(content.cached.subarray(0, length));
      },
      sync: async () => {
        operation('sync');
        if (this.lies) {
          content.pending = [];
          throw failure('EIO', name);
        }
        let durable: Buffer = Buffer.from(content.durable);
        for (const sector of content.pending) durable = placed(durable, sector);
        content.durable = Buffer.alloc(content.cached.length);
        durable.copy(content.durable);
        content.pending = [];
      },
      close: async () => undefined,
    };
  }

  /** The disk after a crash: `survives` decides for each change of names and each sector. */
  crashed(survives: (what: 'name' | 'sector') => boolean): SimulatedDisk {
    const after = new SimulatedDisk();
    const names = new Map(this.#durableNames);
    for (const change of this.#namesPending) if (survives('name')) rename(names, change);
    for (const content of this.#uncertainContents()) {
      let left: Buffer = Buffer.from(content.durable);
      for (const sector of content.pending) if (survives('sector')) left = placed(left, sector);
      for (const [name, at] of names) if (at === content) after.#keep(name, left);
    }
    for (const [name, { durable, pending }] of names) {
      if (pending.length === 0) after.#keep(name, Buffer.from(durable));
    }
    return after;
  }

  #keep(name: string, bytes: Buffer): void {
    const content = { cached: bytes, durable: Buffer.from(bytes), pending: [] };
    this.files.set(name, content);
    this.#durableNames.set(name, content);
  }

  /** In an order that is the same each time. */
  #uncertainContents(): Content[] {
    const contents = new Set<Content>();
    for (const content of this.#durableNames.values()) contents.add(content);
    for (const change of this.#namesPending) {
      for (const content of change.values()) if (content !== undefined) contents.add(content);
    }
    return [...contents].filter(({ pending }) => pending.length > 0);
  }

  /** How many choices a crash now has. */
  get uncertain(): number {
    const unsynced = this.#uncertainContents();
    return unsynced.reduce((sum, { pending }) => sum + pending.length, this.#namesPending.length);
  }
}

function rename(names: Map<string, Content>, change: NameChange): void {
  for (const [name, content] of change) {
    if (content === undefined) names.delete(name);
    else names.set(name, content);
  }
}

function placed(content: Buffer, { position, bytes }: Written): Buffer {
  const grown = Buffer.alloc(Math.max(content.length, position + bytes.length));
  content.copy(grown);
  grown.set(bytes, position);
  return grown;
}

function sectors({ position, bytes }: Written): Written[] {
  const cut: Written[] = [];
  for (let at = 0; at < bytes.length;) {
    const next = Math.min(bytes.length, at + sectorBytes - ((position + at) % sectorBytes));
    cut.push({ position: position + at, bytes: bytes.subarray(at, next) });
    at = next;
  }
  return cut;
}
