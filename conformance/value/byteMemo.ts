/**
 * A map from byte strings to numbers that never makes a JavaScript string.
 * Keys are copied into one arena and compared byte by byte, so a hash collision cannot lie.
 * When the arena is full the map forgets everything: it is a memory of work done, not a store.
 */
export class ByteMemo {
  private arena: Uint8Array = new Uint8Array(4096);
  private arenaTop = 0;
  private slots: Int32Array = new Int32Array(256);
  private hashes: Int32Array = new Int32Array(128);
  private starts: Int32Array = new Int32Array(128);
  private lengths: Int32Array = new Int32Array(128);
  private values: Int32Array = new Int32Array(128);
  private count = 0;
  private readonly arenaBytesMax: number;

  constructor(arenaBytesMax: number) {
    this.arenaBytesMax = arenaBytesMax;
  }

  /** The number kept for bytes [start, end), or -1. `hash` must be `hashBytes` of the same bytes. */
  get(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.slots.length - 1;
    const length = end - start;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.slots[slot]! - 1;
      if (entry < 0) return -1;
      if (this.hashes[entry] !== hash || this.lengths[entry] !== length) continue;
      const arena = this.arena;
      let at = this.starts[entry]!;
      let i = start;
      while (i < end && arena[at] === bytes[i]) {
        i++;
        at++;
      }
      if (i === end) return this.values[entry]!;
    }
  }

  /** Keeps `value` (>= 0) for bytes that `get` has just said it does not know. */
  set(bytes: Uint8Array, start: number, end: number, hash: number, value: number): void {
    const length = end - start;
    if (this.arenaTop + length > this.arenaBytesMax) this.forget();
    if (length > this.arenaBytesMax) return;
    this.reserve(length);
    this.arena.set(bytes.subarray(start, end), this.arenaTop);
    const entry = this.count++;
    this.hashes[entry] = hash;
    this.starts[entry] = this.arenaTop;
    this.lengths[entry] = length;
    this.values[entry] = value;
    this.arenaTop += length;
    this.place(entry);
  }

  private place(entry: number): void {
    const mask = this.slots.length - 1;
    let slot = this.hashes[entry]! & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = entry + 1;
  }

  private forget(): void {
    this.slots.fill(0);
    this.count = 0;
    this.arenaTop = 0;
  }

  private reserve(length: number): void {
    if (this.arenaTop + length > this.arena.length) {
      const grown = new Uint8Array(
        Math.min(this.arenaBytesMax, Math.max(this.arena.length * 2, this.arenaTop + length)),
      );
      grown.set(this.arena.subarray(0, this.arenaTop));
      this.arena = grown;
    }
    if (this.count < this.hashes.length) return;
    this.hashes = doubled(this.hashes);
    this.starts = doubled(this.starts);
    this.lengths = doubled(this.lengths);
    this.values = doubled(this.values);
    this.slots = new Int32Array(this.slots.length * 2);
    for (let entry = 0; entry < this.count; entry++) this.place(entry);
  }
}

function doubled(from: Int32Array): Int32Array {
  const grown = new Int32Array(from.length * 2);
  grown.set(from);
  return grown;
}

export const hashSeed = 0x811c9dc5 | 0;

/** The hash that ByteMemo's callers pass; scanners that see every byte anyway inline this step. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = hashSeed;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return finishHash(hash);
}

export function finishHash(hash: number): number {
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
