/**
 * A disk in memory that knows what is durable: every write not yet synced may, at a crash, be there
 * whole, in part (any of its sectors) or not at all, in any order; names made since the folder was
 * synced may be gone. What must hold: what was synced is never lost, and nothing appears that was
 * never written.
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
  /** Its name is in the durable folder. */
  named: boolean;
}

/** Called before every operation that a crash may come before; it may throw. */
export type Hook = (operation: string) => void;

export class SimulatedDisk implements Disk {
  readonly files = new Map<string, Content>();
  hook: Hook = () => undefined;

  async open(name: string, mode: 'create' | 'existing'): Promise<DiskFile> {
    this.hook(`open ${name}`);
    const found = this.files.get(name);
    if (mode === 'existing' && found === undefined) throw new Error(`ENOENT ${name}`);
    if (mode === 'create' && found !== undefined) throw new Error(`EEXIST ${name}`);
    const empty = Buffer.alloc(0);
    const content = found ?? { cached: empty, durable: empty, pending: [], named: false };
    this.files.set(name, content);
    return this.fileOf(name, content);
  }

  async list(): Promise<string[]> {
    return [...this.files.keys()].sort();
  }

  async rename(from: string, to: string): Promise<void> {
    this.hook(`rename ${from}`);
    const content = this.files.get(from);
    if (content === undefined) throw new Error(`ENOENT ${from}`);
    this.files.delete(from);
    this.files.set(to, content);
  }

  async remove(name: string): Promise<void> {
    this.hook(`remove ${name}`);
    this.files.delete(name);
  }

  async syncFolder(): Promise<void> {
    this.hook('syncFolder');
    for (const content of this.files.values()) content.named = true;
  }

  private fileOf(name: string, content: Content): DiskFile {
    const { hook } = this;
    const operation = (what: string): void => (this.hook ?? hook)(`${what} ${name}`);
    return {
      async write(bytes, position) {
        operation('write');
        content.cached = placed(content.cached, { position, bytes });
        content.pending.push(...sectors({ position, bytes: Uint8Array.from(bytes) }));
        return bytes.length;
      },
      async read(position, length) {
        return content.cached.subarray(position, position + length);
      },
      async size() {
        return content.cached.length;
      },
      async truncate(length) {
        operation('truncate');
        content.cached = Buffer.from(content.cached.subarray(0, length));
      },
      async sync() {
        operation('sync');
        content.durable = Buffer.from(content.cached);
        content.pending = [];
      },
      async close() {},
    };
  }

  /** The disk after a crash: `survives` decides for each name and each sector not synced. */
  crashed(survives: (what: 'name' | 'sector') => boolean): SimulatedDisk {
    const after = new SimulatedDisk();
    for (const [name, { durable, pending, named }] of this.files) {
      if (!named && !survives('name')) continue;
      let left: Buffer = Buffer.from(durable);
      for (const sector of pending) if (survives('sector')) left = placed(left, sector);
      after.files.set(name, { cached: left, durable: Buffer.from(left), pending: [], named: true });
    }
    return after;
  }

  /** How many choices a crash now has: names and sectors that are not durable. */
  get uncertain(): number {
    let count = 0;
    for (const { named, pending } of this.files.values()) count += pending.length + (named ? 0 : 1);
    return count;
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
