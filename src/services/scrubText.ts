/** The result of a scrub as it is shown to a person. */
import type { Finding } from '../storage/archive.ts';
import type { ScrubReport } from './scrub.ts';
import type { CopyResult, GroupScrub } from './scrubGroup.ts';

const shownMax = 20;
const width = 10;
const row = (cells: readonly string[]): string =>
  `  ${cells.map((cell, i) => (i < cells.length - 1 ? cell.padEnd(width) : cell)).join('')}`.trimEnd();

const kinds: Readonly<Record<Finding['kind'], string>> = {
  hole: 'does not list',
  missing: 'has lost the segment of',
  damaged: 'has a damaged segment of',
  manifest: 'has a lost or wrong manifest of',
};

const findingText = ({ kind, first, last }: Finding): string =>
  `the archive ${kinds[kind]} slots ${first} to ${last}`;

const words: Readonly<Record<CopyResult['state'], string>> = {
  equal: 'equal',
  differs: 'DIFFERS',
  alike: 'equal to the other live copies',
  unjudged: 'unlike another live copy',
  unread: 'not read',
};

function lines({ group, verdict, slot, copies, rebuilt, archive }: GroupScrub): string[] {
  const { items, why } = rebuilt;
  const size = items === undefined ? 'not rebuilt' : `${items} items`;
  const head = row([String(group), slot === undefined ? '-' : String(slot), verdict, size]);
  if (verdict === 'equal') return [head];
  const told = copies.map(({ node, replica, state, why: reason }) => {
    return `${node || 'no node'} ${replica}: ${words[state]}${reason === undefined ? '' : ` (${reason})`}`;
  });
  const read = copies.filter(({ state }) => state !== 'unread');
  const isCommon = read.length > 1 && read.every(({ state }) => state === 'differs');
  if (isCommon) told.push('all live copies differ from the rebuilt one: a bug they have in common');
  if (why !== undefined) told.push(`rebuilt from the archive: ${why}`);
  told.push(...archive.map(findingText));
  return [head, ...told.map((line) => `    ${line}`)];
}

export function scrubText({ region, groups }: ScrubReport): string {
  const count = (verdict: GroupScrub['verdict']): number =>
    groups.filter((each) => each.verdict === verdict).length;
  const shown = [row(['group', 'slot', 'verdict', 'rebuilt'])];
  const order = [...groups].sort(
    (a, b) => Number(a.verdict === 'equal') - Number(b.verdict === 'equal'),
  );
  for (const group of order.slice(0, shownMax)) shown.push(...lines(group));
  if (order.length > shownMax) shown.push(`  … and ${order.length - shownMax} groups more`);
  const sums = `${count('equal')} groups equal, ${count('differs')} differ, ${count('partial')} not wholly compared`;
  return [`region ${region}`, '', ...shown, '', sums, ''].join('\n');
}

/** 0: all is equal; 1: something differs; 3: not all could be compared. */
export function scrubExitCode({ groups }: ScrubReport): number {
  if (groups.some(({ verdict }) => verdict === 'differs')) return 1;
  return groups.every(({ verdict }) => verdict === 'equal') ? 0 : 3;
}
