/**
 * The field names of records. A record is walked name by name through a trie, in whatever order its
 * fields come; each end of a walk knows the one shape (sorted names) all orders of it share.
 */
import { ValueError } from './valueError.ts';

export interface Shape {
  readonly id: number;
  /** Sorted, without repeats. */
  readonly names: readonly string[];
  /** Where each sorted name stood in the walk; undefined where the walk was sorted already. */
  readonly order: readonly number[] | undefined;
}

export class ShapeNode {
  shape: Shape | undefined;
  readonly name: string;
  readonly parent: ShapeNode | undefined;
  /** The last step taken: records of one kind come in one order nearly always. */
  private lastName: string | undefined;
  private last: ShapeNode | undefined;
  private readonly steps = new Map<string, ShapeNode>();

  constructor(name: string, parent: ShapeNode | undefined) {
    this.name = name;
    this.parent = parent;
  }

  step(name: string): ShapeNode {
    if (name === this.lastName) return this.last!;
    let next = this.steps.get(name);
    if (next === undefined) {
      next = new ShapeNode(name, this);
      this.steps.set(name, next);
    }
    this.lastName = name;
    this.last = next;
    return next;
  }
}

export class ShapeTrie {
  readonly root = new ShapeNode('', undefined);
  /** By shape id; each in sorted order. */
  readonly shapes: Shape[] = [];
  private readonly byNames = new Map<string, Shape>();

  /** The shape of the walk that ended at `node`. Names must not repeat: the caller has seen to it. */
  shapeOf(node: ShapeNode): Shape {
    if (node.shape !== undefined) return node.shape;
    const walked: string[] = [];
    for (let at = node; at.parent !== undefined; at = at.parent) walked.push(at.name);
    walked.reverse();
    walked.forEach(assertWellFormed);
    const names = [...walked].sort();
    const key = JSON.stringify(names);
    let sorted = this.byNames.get(key);
    if (sorted === undefined) {
      sorted = { id: this.shapes.length, names, order: undefined };
      this.byNames.set(key, sorted);
      this.shapes.push(sorted);
    }
    const order = names.map((name) => walked.indexOf(name));
    const inOrder = order.every((position, i) => position === i);
    node.shape = inOrder ? sorted : { id: sorted.id, names: sorted.names, order };
    return node.shape;
  }

  /** True if a name stands twice on the walk to `node`. */
  static repeats(node: ShapeNode): boolean {
    const seen = new Set<string>();
    for (let at = node; at.parent !== undefined; at = at.parent) {
      if (seen.has(at.name)) return true;
      seen.add(at.name);
    }
    return false;
  }
}

/** TLA+ strings hold whole characters, so that text read back is the text written. */
export function assertWellFormed(text: string): void {
  if (!/\p{Surrogate}/u.test(text)) return;
  throw new ValueError(
    'not-a-value',
    `the string ${JSON.stringify(text)} is not well-formed Unicode`,
    'remove the lone surrogate',
  );
}
