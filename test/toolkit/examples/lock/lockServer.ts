/**
 * A lock over TCP: the server keeps the line of those who want it; a connection that ends leaves it.
 * The words are `acquire`, `release`, `ping`, the answers `waiting`, `holding`, `released`, `pong`.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

interface Member {
  readonly name: string;
  readonly socket: Socket;
}

export class LockServer {
  private readonly server = createServer((socket) => this.serve(socket));
  private members: readonly Member[] = [];

  static async listen(): Promise<LockServer> {
    const made = new LockServer();
    await new Promise<void>((resolve) => made.server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Who holds the lock, then who waits for it. */
  get line(): readonly string[] {
    return this.members.map(({ name }) => name);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private serve(socket: Socket): void {
    const lines = createInterface({ input: socket });
    lines.on('line', (text) => {
      const [word = '', name = ''] = text.split(' ');
      if (word === 'acquire') this.join({ name, socket });
      else if (word === 'release') this.leave(socket, 'released');
      else socket.write('pong\n');
    });
    socket.on('error', () => socket.destroy());
    socket.on('end', () => {
      this.leave(socket);
      socket.end();
    });
  }

  private join(member: Member): void {
    this.members = [...this.members, member];
    member.socket.write(this.members[0] === member ? 'holding\n' : 'waiting\n');
  }

  private leave(socket: Socket, answer?: string): void {
    const [holder] = this.members;
    this.members = this.members.filter((member) => member.socket !== socket);
    if (answer !== undefined) socket.write(`${answer}\n`);
    const [next] = this.members;
    if (next !== undefined && next !== holder) next.socket.write('holding\n');
  }
}
