/**
 * The network as the services see it: links that carry frames, in order, until they close; what is
 * lost with a link is lost. Implementations: `realWire`, and simulated ones in tests. What must
 * hold: a link that brings anything but frames closes, and nothing else happens; what a slow peer
 * does not take is bounded, and one that stops in the middle of a frame is dropped.
 */
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { Malformed } from './bytes.ts';
import { frame, FrameReader } from './frames.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface LinkEvents {
  readonly frame: (content: Buffer, link: Link) => void;
  /** Once, however it ended; `reason` where this side closed it for cause. */
  readonly closed: (link: Link, reason?: string) => void;
}

export interface Link {
  /** False where the peer has not taken enough of what was sent: this frame is not sent. */
  send(content: Uint8Array): boolean;
  /** With a reason at once; else what was sent leaves first. */
  close(reason?: string): void;
  readonly remote: string;
}

export interface Listener {
  readonly address: Address;
  close(): Promise<void>;
}

export interface Wire {
  listen(address: Address, events: LinkEvents): Promise<Listener>;
  connect(address: Address, events: LinkEvents): Promise<Link>;
}

/** What may wait to be taken by one peer. */
export const unsentBytesMax = 64 << 20;

/** A link, and whether its peer owes the rest of a frame, or the first one, since the last look. */
interface Watched {
  readonly link: Link;
  stalled(): boolean;
}

function watched(socket: Socket, events: LinkEvents): Watched {
  const reader = new FrameReader();
  let frames = 0;
  let [owed, seen] = [false, 0];
  let reason: string | undefined;
  let corked = false;
  const self: Link = {
    remote: `${socket.remoteAddress}:${socket.remotePort}`,
    send(content) {
      if (socket.destroyed || socket.writableLength > unsentBytesMax) return false;
      if (!corked) {
        corked = true;
        socket.cork();
        // What is sent in one turn leaves in one write.
        process.nextTick(() => {
          corked = false;
          socket.uncork();
        });
      }
      socket.write(frame(content));
      return true;
    },
    close(why) {
      reason ??= why;
      if (why === undefined) socket.destroySoon();
      else socket.destroy();
    },
  };
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    try {
      for (const content of reader.read(chunk)) {
        if (socket.destroyed) return;
        frames += 1;
        events.frame(content, self);
      }
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      self.close(error.message);
    }
  });
  socket.on('error', (error) => self.close(error.message));
  socket.on('close', () => events.closed(self, reason));
  const stalled = (): boolean => {
    const was = owed && seen === frames;
    owed = frames === 0 || reader.isPartial;
    seen = frames;
    return was && owed;
  };
  return { link: self, stalled };
}

const link = (socket: Socket, events: LinkEvents): Link => watched(socket, events).link;

/** Links that come in; more are refused. */
const linksMax = 8_192;
/** What was sent has so long to leave when a listener closes. */
const lastMs = 1_000;

/** Whoever does not take a link within this time is as good as away. */
const connectMs = 5_000;

export interface WireOptions {
  /** A peer that begins a frame, or a link, and does not go on is dropped within twice this time. */
  readonly stalledMs: number;
}

export const makeWire = ({ stalledMs }: WireOptions): Wire => ({
  listen: ({ host, port }, events) =>
    new Promise((done, failed) => {
      const open = new Map<Socket, Watched>();
      const server = createServer((socket) => {
        open.set(socket, watched(socket, events));
        socket.on('close', () => open.delete(socket));
      });
      server.maxConnections = linksMax;
      const looks = setInterval(() => {
        for (const each of open.values()) if (each.stalled()) each.link.close('it has stalled');
      }, stalledMs);
      server.once('close', () => clearInterval(looks));
      server.once('error', failed);
      server.listen(port, host, () => {
        server.off('error', failed);
        const bound = server.address();
        const address = { host, port: typeof bound === 'object' ? (bound?.port ?? port) : port };
        const close = (): Promise<void> =>
          new Promise((closed) => {
            const late = setTimeout(() => {
              for (const socket of open.keys()) socket.destroy();
            }, lastMs);
            server.close(() => {
              clearTimeout(late);
              closed();
            });
            for (const each of open.values()) each.link.close();
          });
        done({ address, close });
      });
    }),
  connect: ({ host, port }, events) =>
    new Promise((done, failed) => {
      const socket = connect({ host, port });
      socket.once('error', failed);
      const none = new Error(`no connection to ${host}:${port} in ${connectMs} ms`);
      socket.setTimeout(connectMs, () => socket.destroy(none));
      socket.once('connect', () => {
        socket.setTimeout(0);
        socket.off('error', failed);
        done(link(socket, events));
      });
    }),
});

export const realWire = makeWire({ stalledMs: 10_000 });
