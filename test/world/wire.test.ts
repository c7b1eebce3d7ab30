/** Links over sockets: what a peer does to one of them, the others and the listener do not feel. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { frame, frameBytesMax } from '../../src/world/frames.ts';
import { makeWire, realWire } from '../../src/world/wire.ts';
import type { Link, Listener } from '../../src/world/wire.ts';

const address = { host: '127.0.0.1', port: 0 };
const stalledMs = 40;

/** What a listener, and whoever speaks to it, was told. */
class Seen {
  readonly got: string[] = [];
  readonly reasons: (string | undefined)[] = [];
  readonly events = {
    frame: (content: Buffer, link: Link) => {
      this.got.push(content.toString());
      link.send(content);
      this.#told();
    },
    closed: (_: Link, reason?: string) => {
      this.reasons.push(reason);
      this.#told();
    },
  };
  #waiting: (() => void)[] = [];

  #told(): void {
    for (const done of this.#waiting.splice(0)) done();
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await new Promise<void>((done) => this.#waiting.push(done));
  }
}

let seen: Seen;
let listener: Listener;
beforeEach(async () => {
  seen = new Seen();
  listener = await makeWire({ stalledMs }).listen(address, seen.events);
});
afterEach(() => listener.close());

const dial = async (): Promise<Socket> => {
  const socket = connect(listener.address).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};

describe('a listener', () => {
  it.each([
    ['says nothing', Buffer.alloc(0)],
    ['sends a part of a head', frame(Buffer.from('abc')).subarray(0, 5)],
    ['sends a part of a frame', frame(Buffer.from('abc')).subarray(0, 10)],
  ])('drops a peer that %s, and keeps one that waits between frames', async (_, bytes) => {
    const patient = await dial();
    patient.write(frame(Buffer.from('whole')));
    await seen.until(() => seen.got.length > 0);
    const stalled = await dial();
    stalled.write(bytes);
    await once(stalled, 'close');
    await seen.until(() => seen.reasons.length > 0);
    expect(seen.reasons).toEqual(['it has stalled']);
    patient.write(frame(Buffer.from('again')));
    await seen.until(() => seen.got.length > 1);
    expect([seen.got, patient.destroyed]).toEqual([['whole', 'again'], false]);
    patient.destroy();
  });

  it.each([
    ['a length beyond what is held', Buffer.from([0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0])],
    ['a frame that is one byte too large', lengthOf(frameBytesMax + 1)],
    ['noise', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('closes a link that brings %s', async (_, bytes) => {
    const socket = await dial();
    socket.write(bytes);
    await once(socket, 'close');
    await seen.until(() => seen.reasons.length > 0);
    expect([seen.got, seen.reasons[0]]).toEqual([[], expect.stringMatching(/frame/)]);
  });

  it('lets what was sent leave when it closes', async () => {
    const client = new Seen();
    const link = await realWire.connect(listener.address, client.events);
    link.send(Buffer.from('asked'));
    await seen.until(() => seen.got.length > 0);
    await listener.close();
    await client.until(() => client.reasons.length > 0);
    expect(client.got).toEqual(['asked']);
  });
});

function lengthOf(size: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(size);
  return head;
}
