/**
 * What a node hears while its disk cannot take everything. What must hold: a message that is not
 * heard may be lost like any other, so who sent it sends it again, and nothing that was promised is
 * taken back.
 */
import type { GroupMessage } from './messageCodec.ts';
import type { Replica } from './replica.ts';

/** With so many appends waiting the log is near what it takes, and a node would end. */
export const waitingMax = 32_768;

/** What a node whose disk is full still hears: it tells what it has, and may learn that it is out. */
export function needsNoDisk(message: GroupMessage, { state }: Replica): boolean {
  const { type } = message;
  if (type === 'epoch') return !message.members.includes(state.group.id);
  return type === 'question' || type === 'copyAsk' || type === 'renew';
}

const appending: readonly string[] = ['prepare', 'join', 'accept', 'epoch', 'copy', 'takeUp'];

/** Whether taking it appends to the log: one that is behind with its fsyncs leaves that for later. */
export function appends({ type }: GroupMessage): boolean {
  return appending.includes(type);
}
