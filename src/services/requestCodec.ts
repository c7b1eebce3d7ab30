/**
 * Requests of clients and their answers as bytes. What must hold: each is read back as it was
 * written, or `Malformed` is thrown; no key and no value is larger than a record of the log can hold.
 */
import { Malformed } from '../world/bytes.ts';
import type { ByteReader, ByteWriter } from '../world/bytes.ts';

/** What the control plane alone asks for: see hosting.ts. */
export type Change =
  | { readonly kind: 'build'; readonly source: string }
  | {
      readonly kind: 'reconfigure';
      readonly epoch: number;
      readonly members: readonly string[];
      readonly storage: readonly string[];
    }
  | { readonly kind: 'retire'; readonly replica: string; readonly epoch: number };

/** What `triad scrub` asks for: see scrubAnswers.ts. */
export type ScrubAsk =
  | { readonly kind: 'where' | 'archive' }
  /** Of the copy with exactly the slots up to this one; asked no longer than `waitMs`. */
  | { readonly kind: 'checksum'; readonly slot: number; readonly waitMs: number };

export interface Request {
  /** The client's own number for it, on this link. */
  readonly id: number;
  readonly group: number;
  readonly op:
    | { readonly kind: 'put'; readonly token: string; readonly value: string | null }
    | {
        readonly kind: 'cas';
        readonly token: string;
        readonly value: string | null;
        readonly expected: string | null;
      }
    | { readonly kind: 'get' | 'eventualGet' }
    | Change
    | ScrubAsk;
  readonly key: string;
}

/** In UTF-8. */
export const keyBytesMax = 2 << 10;
export const valueBytesMax = 1 << 20;
/** One frame carries several requests, or answers; with so much in it, it leaves. */
export const frameBytesEnough = 1 << 20;

function isLonger(text: string | null, bytesMax: number): boolean {
  // No character takes more than three bytes of a string's length.
  return text !== null && 3 * text.length > bytesMax && Buffer.byteLength(text) > bytesMax;
}

/** What of a request is too large, or undefined. */
export function tooLarge({ key, op }: Pick<Request, 'key' | 'op'>): string | undefined {
  if (isLonger(key, keyBytesMax)) return `a key of more than ${keyBytesMax} bytes`;
  const values = [
    ...(op.kind === 'put' || op.kind === 'cas' ? [op.value] : []),
    ...(op.kind === 'cas' ? [op.expected] : []),
  ];
  const is = values.some((value) => isLonger(value, valueBytesMax));
  return is ? `a value of more than ${valueBytesMax} bytes` : undefined;
}

/** A status's number on the wire is its place here: only ever add at the end. */
export const statuses = [
  'ok',
  'failed',
  'unknown',
  'notLeader',
  'noGroup',
  'busy',
  'refused',
] as const;
/** No request has this number: an answer of it is to the greeting of the link. */
export const greetingId = 0;

export interface Response {
  readonly id: number;
  /**
   * `failed`: the condition; `unknown`: it may have happened, or may still happen; `refused`: the
   * link is not taken, and the value is the node's region.
   */
  readonly status: (typeof statuses)[number];
  readonly value: string | null;
  /** The node that leads the group, as the answering one knows, or ''. */
  readonly leader: string;
}

/** A kind's number on the wire is its place here: only ever add at the end. */
const kinds = [
  'put',
  'cas',
  'get',
  'eventualGet',
  'build',
  'reconfigure',
  'retire',
  'where',
  'archive',
  'checksum',
] as const;

export function writeRequest(to: ByteWriter, { id, group, key, op }: Request): void {
  to.count(id).count(group).byte(kinds.indexOf(op.kind)).text(key);
  if (op.kind === 'put') to.text(op.token).optional(op.value);
  else if (op.kind === 'cas') to.text(op.token).optional(op.value).optional(op.expected);
  else if (op.kind === 'build') to.text(op.source);
  else if (op.kind === 'retire') to.text(op.replica).count(op.epoch);
  else if (op.kind === 'checksum') to.count(op.slot).count(op.waitMs);
  else if (op.kind === 'reconfigure') {
    to.count(op.epoch);
    for (const names of [op.members, op.storage]) to.list(names, (each, name) => each.text(name));
  }
}

export function readRequest(from: ByteReader): Request {
  const request = anyRequest(from);
  const what = tooLarge(request);
  if (what !== undefined) throw new Malformed(what);
  return request;
}

function anyRequest(from: ByteReader): Request {
  const id = from.count();
  const group = from.count();
  const kind = kinds[from.byte()];
  const key = from.text();
  switch (kind) {
    case 'put':
      return { id, group, key, op: { kind, token: from.text(), value: from.optional() } };
    case 'cas': {
      const token = from.text();
      const value = from.optional();
      return { id, group, key, op: { kind, token, value, expected: from.optional() } };
    }
    case 'get':
    case 'eventualGet':
      return { id, group, key, op: { kind } };
    case 'where':
    case 'archive':
      return { id, group, key, op: { kind } };
    case 'checksum':
      return { id, group, key, op: { kind, slot: from.count(), waitMs: from.count() } };
    case 'build':
      return { id, group, key, op: { kind, source: from.text() } };
    case 'retire':
      return { id, group, key, op: { kind, replica: from.text(), epoch: from.count() } };
    case 'reconfigure': {
      const epoch = from.count();
      const names = (): string[] => from.list((each) => each.text());
      return { id, group, key, op: { kind, epoch, members: names(), storage: names() } };
    }
    default:
      throw new Malformed('no request');
  }
}

export function writeResponse(to: ByteWriter, { id, status, value, leader }: Response): void {
  to.count(id).byte(statuses.indexOf(status)).optional(value).text(leader);
}

export function readResponse(from: ByteReader): Response {
  const id = from.count();
  const status = statuses[from.byte()];
  if (status === undefined) throw new Malformed('no response');
  return { id, status, value: from.optional(), leader: from.text() };
}
