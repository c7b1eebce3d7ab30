/**
 * A client's link to one node: requests of one turn leave in one frame, answers come in any order.
 * What must hold: every question gets one answer, or none when the link is lost or time is over.
 */
import { ByteReader, ByteWriter } from '../world/bytes.ts';
import type { Clock } from '../world/clock.ts';
import type { Address, Link, Wire } from '../world/wire.ts';
import { writeHello } from './hello.ts';
import { frameBytesEnough, greetingId, readResponse, writeRequest } from './requestCodec.ts';
import type { Request, Response } from './requestCodec.ts';

export interface NodeLinkOptions {
  readonly id: string;
  readonly address: Address;
  readonly region: string;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly role?: 'client' | 'control';
}

/**
 * `unsent`: it never left; `unanswered`: the node may have taken it all the same; `refused`: the node
 * is of another region, and took nothing.
 */
export type Answer = Response | 'unsent' | 'unanswered' | 'refused';

type Answered = (answer: Answer) => void;

const sweepMs = 50;

export class NodeLink {
  readonly #o: NodeLinkOptions;
  readonly #asked = new Map<number, { readonly answered: Answered; readonly untilMs: number }>();
  readonly #pending = new ByteWriter();
  #link: Promise<Link | undefined> | undefined;
  #open: Link | undefined;
  #region: string | undefined;
  #trouble = 'nothing was sent to it';
  #next = greetingId + 1;
  #sweeping = false;

  constructor(o: NodeLinkOptions) {
    this.#o = o;
  }

  get id(): string {
    return this.#o.id;
  }

  get address(): Address {
    return this.#o.address;
  }

  /** Of which region the node said to be, where that is another one. */
  get otherRegion(): string | undefined {
    return this.#region;
  }

  /** Why a question was not answered last. */
  get trouble(): string {
    return this.#trouble;
  }

  #dial(): Promise<Link | undefined> {
    const { wire, address, region, role = 'client' } = this.#o;
    this.#region = undefined;
    const lost = (why: string): undefined => {
      this.#link = undefined;
      this.#open = undefined;
      this.#trouble = why;
      this.#answerAll(this.#region === undefined ? 'unanswered' : 'refused');
      return undefined;
    };
    const events = {
      frame: (content: Buffer) => this.#answers(content),
      closed: (_: Link, why?: string) => lost(why === undefined ? 'it hung up' : `hung up: ${why}`),
    };
    return wire.connect(address, events).then(
      (link) => {
        link.send(writeHello({ role, region, from: role }));
        this.#open = link;
        return link;
      },
      ({ message }: Error) => lost(message),
    );
  }

  #answerAll(answer: 'unanswered' | 'refused'): void {
    for (const { answered } of this.#asked.values()) answered(answer);
    this.#asked.clear();
  }

  #answers(content: Buffer): void {
    const from = new ByteReader(content);
    while (from.left > 0) {
      const response = readResponse(from);
      if (response.id === greetingId && response.status === 'refused') {
        this.#region = response.value ?? '';
        this.#answerAll('refused');
      }
      const asked = this.#asked.get(response.id);
      this.#asked.delete(response.id);
      asked?.answered(response);
    }
  }

  async ask(question: Omit<Request, 'id'>, timeoutMs: number): Promise<Answer> {
    if (this.#open === undefined) {
      this.#link ??= this.#dial();
      if (!(await this.#isOpen(this.#link, timeoutMs))) return 'unsent';
    }
    const id = this.#next;
    this.#next += 1;
    if (this.#pending.length === 0) queueMicrotask(() => this.#flush());
    writeRequest(this.#pending, { ...question, id });
    if (this.#pending.length > frameBytesEnough) this.#flush();
    const untilMs = this.#o.clock.nowMs() + timeoutMs;
    this.#sweep();
    return new Promise((answered) => this.#asked.set(id, { answered, untilMs }));
  }

  /** Whoever asks has his own time: a dial may take longer. */
  #isOpen(dialled: Promise<Link | undefined>, timeoutMs: number): Promise<boolean> {
    return new Promise((done) => {
      const late = this.#o.clock.after(timeoutMs, () => {
        this.#trouble = `no connection in ${timeoutMs} ms`;
        done(false);
      });
      void dialled.then((link) => {
        late.cancel();
        done(link !== undefined);
      });
    });
  }

  #flush(): void {
    if (this.#pending.length > 0) this.#open?.send(this.#pending.take());
  }

  /** One timer for all questions. */
  #sweep(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    this.#o.clock.after(sweepMs, () => {
      this.#sweeping = false;
      const nowMs = this.#o.clock.nowMs();
      for (const [id, { answered, untilMs }] of this.#asked) {
        if (untilMs > nowMs) continue;
        this.#asked.delete(id);
        this.#trouble = 'no answer in time';
        answered('unanswered');
      }
      if (this.#asked.size > 0) this.#sweep();
    });
  }

  close(): void {
    void this.#link?.then((link) => link?.close());
  }
}
