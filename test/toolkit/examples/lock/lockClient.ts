/** One client of the lock: what it knows of itself is what the server has told it. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { LockServer } from './lockServer.ts';

export type Phase = 'away' | 'waiting' | 'holding';

export class LockClient {
  readonly name: string;
  phase: Phase = 'away';
  private readonly port: number;
  private socket: Socket | undefined;
  private answered: (() => void)[] = [];

  constructor(name: string, port: number) {
    this.name = name;
    this.port = port;
  }

  /** Asks for the lock: whether it is held now, or waited for. `false`: it was asked for already. */
  async acquire(): Promise<Phase | false> {
    if (this.phase !== 'away') return false;
    await this.ask(`acquire ${this.name}`);
    return this.phase;
  }

  /** Gives the lock back. `false`: it is not held. */
  async release(): Promise<boolean> {
    if (this.phase !== 'holding') return false;
    await this.ask('release');
    return true;
  }

  /** Breaks off, as a client that crashes does, and waits until the server knows. */
  async leave(): Promise<boolean> {
    if (this.phase === 'away') return false;
    await this.close();
    return true;
  }

  async close(): Promise<void> {
    const { socket } = this;
    this.socket = undefined;
    this.phase = 'away';
    if (socket === undefined) return;
    socket.end();
    await once(socket, 'close');
  }

  /** When it returns, everything that the server said before has been heard. */
  async settle(): Promise<void> {
    if (this.socket !== undefined) await this.ask('ping');
  }

  private async ask(text: string): Promise<void> {
    const socket = this.socket ?? (await this.connected());
    socket.write(`${text}\n`);
    await new Promise<void>((resolve) => this.answered.push(resolve));
  }

  private async connected(): Promise<Socket> {
    const socket = connect(this.port, '127.0.0.1');
    this.socket = socket;
    createInterface({ input: socket }).on('line', (text) => this.hear(text));
    await once(socket, 'connect');
    return socket;
  }

  private hear(text: string): void {
    const promoted = text === 'holding' && this.phase === 'waiting';
    if (text === 'holding' || text === 'waiting') this.phase = text;
    if (text === 'released') this.phase = 'away';
    if (!promoted) this.answered.shift()?.();
  }
}

export interface Locks {
  readonly server: LockServer;
  readonly clients: ReadonlyMap<string, LockClient>;
}

export async function startLocks(names: Iterable<string>): Promise<Locks> {
  const server = await LockServer.listen();
  const client = (name: string): LockClient => new LockClient(name, server.port);
  return { server, clients: new Map([...names].map((name) => [name, client(name)])) };
}
