/** Writes large values to a few keys of a region, and knows what each must hold. */
import { expect } from 'vitest';
import type { Client } from '../../src/services/client.ts';

export const valueBytes = 64 << 10;
const lanes = 8;
const keys = Array.from({ length: 5 * lanes }, (_, i) => `fill-${i}`);

export class Filling {
  readonly #client: Client;
  readonly #last = new Map<string, string>();
  #count = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  async write(bytes: number): Promise<void> {
    const left = { puts: Math.ceil(bytes / valueBytes) };
    await Promise.all(Array.from({ length: lanes }, (_, lane) => this.#lane(lane, left)));
  }

  /** Each lane has keys of its own: what was acknowledged last is what is there. */
  async #lane(lane: number, left: { puts: number }): Promise<void> {
    const own = keys.filter((_, index) => index % lanes === lane);
    while (left.puts > 0) {
      left.puts -= 1;
      const key = own[left.puts % own.length]!;
      const value = `${(this.#count += 1)} `.padEnd(valueBytes, 'x');
      await this.#client.put(key, value);
      this.#last.set(key, value);
    }
  }

  /** All that was acknowledged is there. */
  async check(): Promise<void> {
    for (const [key, value] of this.#last) expect(await this.#client.get(key)).toBe(value);
  }
}
