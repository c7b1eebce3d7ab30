/**
 * Who may import whom, as docs and compiler agree: `protocol`, `item` and `world` stand
 * alone, arrows point inwards, the toolkit knows nothing of the database, and no two
 * rooms import each other.
 */
import type { FileSet, Violation } from './fileSet.ts';
import { importsOf, isCode } from './fileSet.ts';

const mayImport: Readonly<Record<string, readonly string[]>> = {
  main: ['services', 'api', 'world'],
  api: ['services', 'item'],
  services: ['protocol', 'item', 'storage', 'world'],
  storage: ['protocol', 'item', 'world'],
  protocol: [],
  item: [],
  world: [],
  conformance: [],
  bench: ['*'],
  test: ['*'],
  root: [],
};

const topLevelNames = ['specs', 'src', 'conformance', 'test', 'bench', 'docs'];

/** The room of a path: a folder of src, or a top-level folder. */
export function roomOf(path: string): string {
  const [top = '', second = '', third] = path.split('/');
  if (top === 'src') return third === undefined ? second.replace(/\.[jt]s$/, '') : second;
  return second === '' || top.startsWith('.') ? 'root' : top;
}

/** Sub-rooms of the toolkit count as rooms for two-way pairs; its entries stand for themselves. */
function pairRoomOf(path: string): string {
  const room = roomOf(path);
  if (room !== 'conformance') return room;
  return path.split('/').slice(0, 2).join('/');
}

/** Top-level folders are fixed. */
export function onlyKnownTopLevelFolders(files: FileSet): Violation[] {
  const violations: Violation[] = [];
  for (const path of files.keys()) {
    const [top = '', rest] = path.split('/');
    if (rest === undefined || top.startsWith('.') || topLevelNames.includes(top)) continue;
    violations.push({ path, message: `the top-level folder ${top}/ is not in the architecture` });
  }
  return violations;
}

/** Arrows between rooms are those of the architecture, and nothing imports test. */
export function importsFollowTheArchitecture(files: FileSet): Violation[] {
  const violations: Violation[] = [];
  for (const [path, text] of files) {
    if (!isCode(path)) continue;
    const room = roomOf(path);
    const allowed = mayImport[room];
    if (!allowed) {
      violations.push({ path, message: `the room ${room} is not in the architecture` });
      continue;
    }
    for (const { target, relative } of importsOf(path, text)) {
      if (!relative) continue;
      const other = roomOf(target);
      if (other === room || allowed.includes('*') === true) {
        if (other !== 'test' || room === 'test') continue;
      } else if (allowed.includes(other)) continue;
      if (room === 'root' && target.startsWith('conformance/')) continue;
      violations.push({ path, message: `${room} may not import ${other} (${target})` });
    }
  }
  return violations;
}

/** Relative imports name a file that exists, with its extension. */
export function relativeImportsExist(files: FileSet): Violation[] {
  const violations: Violation[] = [];
  for (const [path, text] of files) {
    if (!isCode(path)) continue;
    for (const { target, relative } of importsOf(path, text)) {
      if (!relative || files.has(target) || target.startsWith('dist/')) continue;
      violations.push({ path, message: `imports ${target}, which does not exist` });
    }
  }
  return violations;
}

/** The toolkit and the database import packages that are declared, the pure rooms none. */
export function packagesAreDeclared(files: FileSet): Violation[] {
  const manifest = JSON.parse(files.get('package.json') ?? '{}') as {
    dependencies?: Record<string, string>;
    peerDependencies?: Record<string, string>;
  };
  const { dependencies, peerDependencies } = manifest;
  const declared = Object.keys({ ...dependencies, ...peerDependencies });
  const violations: Violation[] = [];
  for (const [path, text] of files) {
    const room = roomOf(path);
    if (!isCode(path) || ['test', 'bench', 'root'].includes(room)) continue;
    const pure = room === 'protocol' || room === 'item';
    for (const { target, relative } of importsOf(path, text)) {
      if (relative) continue;
      if (pure) violations.push({ path, message: `a pure room imports nothing (${target})` });
      else if (!isDeclared(target, declared, room)) {
        violations.push({ path, message: `${target} is neither node: nor a declared dependency` });
      }
    }
  }
  return violations;
}

function isDeclared(target: string, declared: readonly string[], room: string): boolean {
  if (target.startsWith('node:')) return true;
  if (room === 'main' && target === 'bisim/recorder') return true;
  return declared.some((name) => target === name || target.startsWith(`${name}/`));
}

/** No two rooms import each other, the toolkit's own rooms included. */
export function noTwoWayPair(files: FileSet): Violation[] {
  const arrows = new Map<string, string>();
  for (const [path, text] of files) {
    if (!isCode(path)) continue;
    for (const { target, relative } of importsOf(path, text)) {
      if (!relative) continue;
      const [from, to] = [pairRoomOf(path), pairRoomOf(target)];
      if (from !== to) arrows.set(`${from} -> ${to}`, path);
    }
  }
  const violations: Violation[] = [];
  for (const [arrow, path] of arrows) {
    const [from = '', to = ''] = arrow.split(' -> ');
    const back = arrows.get(`${to} -> ${from}`);
    if (back === undefined || from > to) continue;
    violations.push({ path, message: `${from} and ${to} import each other (${back})` });
  }
  return violations;
}
