/**
 * The network as the services see it: links that carry frames, in order, until they close; what is
 * lost with a link is lost. Implementations: `realWire`, and simulated ones in tests. What must
 * hold: a link that brings anything but frames closes, and nothing else happens; what a slow peer
 * does not take is bounded.
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

function link(socket: Socket, events: LinkEvents): Link {
  const reader = new FrameReader();
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
        events.frame(content, self);
      }
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      self.close(error.message);
    }
  });
  socket.on('error', (error) => self.close(error.message));
  socket.on('close', () => events.closed(self, reason));
  return self;
}

export const realWire: Wire = {
  listen: ({ host, port }, events) =>
    new Promise((done, failed) => {
      const open = new Set<Socket>();
      const server = createServer((socket) => {
        open.add(socket);
        socket.on('close', () => open.delete(socket));
        link(socket, events);
      });
      server.once('error', failed);
      server.listen(port, host, () => {
        server.off('error', failed);
        const bound = server.address();
        const address = { host, port: typeof bound === 'object' ? (bound?.port ?? port) : port };
        const close = (): Promise<void> =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of open) socket.destroy();
          });
        done({ address, close });
      });
    }),
  connect: ({ host, port }, events) =>
    new Promise((done, failed) => {
      const socket = connect({ host, port });
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.off('error', failed);
        done(link(socket, events));
      });
    }),
};
