/**
 * Whether all is well with a node, and if not why, in an operator's words. What must hold: a node
 * that serves is alive, whatever is said here: who starts it anew for a full disk mends nothing.
 */
import type { LogMode } from '../storage/log.ts';

/** What of a node is looked at. */
export interface Looked {
  readonly mode: LogMode;
  /** Its disk keeps others waiting. */
  readonly slow: boolean;
  readonly damagedGroups: readonly number[];
  readonly connectedPeers: readonly string[];
  readonly archiver:
    { readonly failing: Error | undefined; readonly sinceWorkedMs: number } | undefined;
}

export interface NodeHealth {
  /** It does all it is there for: the next node may be stopped. */
  readonly ready: boolean;
  /** What is not well, ready or not; none: it is healthy. */
  readonly reasons: readonly string[];
}

/** Of so many groups the numbers are told. */
const namedMax = 8;

function numbersOf(groups: readonly number[]): string {
  const named = groups.slice(0, namedMax).join(', ');
  const more = groups.length > namedMax ? ` and ${groups.length - namedMax} more` : '';
  return `${groups.length === 1 ? 'group' : 'groups'} ${named}${more}`;
}

/** `others`: how many other nodes the region has. */
export function nodeHealth(node: Looked, others: number): NodeHealth {
  const unready: string[] = [];
  const { mode, slow, damagedGroups, connectedPeers, archiver } = node;
  if (mode === 'readOnly') {
    unready.push('its disk is full: it takes no writes; make room, and start it again');
  }
  if (mode === 'down') unready.push('its log has stopped: it is about to end');
  if (damagedGroups.length > 0) {
    unready.push(`what it kept of ${numbersOf(damagedGroups)} is damaged, and not built anew yet`);
  }
  if (others > 0 && connectedPeers.length === 0) unready.push('it has no link to any other node');
  const reasons = [...unready];
  if (slow) reasons.push('its disk is slow: its groups are led elsewhere');
  if (archiver?.failing !== undefined) {
    const seconds = Math.round(archiver.sinceWorkedMs / 1_000);
    const why = archiver.failing.message;
    reasons.push(`the archive has taken nothing for ${seconds} s, and logs grow: ${why}`);
  }
  return { ready: unready.length === 0, reasons };
}
