/** Decision trees as media/libml/libml_tree.h has them, and the reference of what they say. */
import { Failure } from '../base/errors.js';
import type { DeployableModel, DeployableTree } from '../learning/migrations/deployableModel.js';
import { isWithin, longAt, requireSound, setLong } from './libmlWords.js';
import { LONG_MAX, LONG_MIN, type Answers, type WholeRows } from './wholeRows.js';

const MAGIC = 0x31544d4c;
const VERSION = 1;
const [COUNT, NODES, INPUTS, DEPTH, FIRST_NODE] = [2, 3, 4, 5, 6];
const NODE_WORDS = 4;
const LEAF = 0xfffe;
const TREE_BOUNDS = { words: 960, inputs: 32, depth: 16 } as const;

/** Of the log-odds of a leaf; what is more becomes that. */
export const TREE_LOGIT_SCALE = 1 / 65536;
const MOST_LOGIT = 2 ** 15;

/**
 * The words of a tree. Its decisions are those of the model for all whole numbers. Failures: `too-large` when it has more nodes or
 * questions than LibML takes; `bad-input` when the model is no tree, or no sound one.
 */
export function packTree({ features, body, threshold }: DeployableModel): Uint32Array {
  requireSound(body.kind === 'tree', `it is of kind ${body.kind} and not a tree`);
  const { nodes } = body as DeployableTree;
  requireSound(
    isWithin(features.length, 1, TREE_BOUNDS.inputs),
    `a tree takes 1 to ${TREE_BOUNDS.inputs} inputs`,
  );
  const levels = levelsOf(nodes);
  const count = FIRST_NODE + NODE_WORDS * nodes.length;
  const depth = Math.max(...levels);
  if (count > TREE_BOUNDS.words || depth > TREE_BOUNDS.depth) {
    throw new Failure(
      'too-large',
      `This tree has ${nodes.length} nodes and asks up to ${depth} questions; LibML takes ${Math.floor((TREE_BOUNDS.words - FIRST_NODE) / NODE_WORDS)} and ${TREE_BOUNDS.depth}.`,
    );
  }
  const words = new Uint32Array(count);
  words.set([MAGIC, VERSION, count, nodes.length, features.length, depth]);
  for (const [node, each] of nodes.entries()) {
    const at = FIRST_NODE + NODE_WORDS * node;
    const level = levels[node]! << 16;
    if ('logit' in each) {
      const logit = Math.min(MOST_LOGIT, Math.max(-MOST_LOGIT, each.logit));
      requireSound(!Number.isNaN(logit), `the log-odds of node ${node} are no number`);
      words[at] = level | LEAF | Number(each.logit > threshold);
      setLong(words, at + 2, BigInt(Math.round(logit / TREE_LOGIT_SCALE)));
    } else {
      requireSound(
        isWithin(each.feature, 0, features.length - 1),
        `node ${node} asks for an input that there is not`,
      );
      words.set([level | each.feature, each.low | (each.high << 16)], at);
      setLong(words, at + 2, wholeCut(each.cut, node));
    }
  }
  return words;
}

/** What a tree says of rows: logits in units of TREE_LOGIT_SCALE. Failure `bad-input` when the words are none. */
export function treeAnswers(words: Uint32Array, { rows, values }: WholeRows): Answers {
  const inputs = requireTree(words);
  const cuts = Array.from({ length: words[NODES]! }, (_, node) =>
    longAt(words, FIRST_NODE + NODE_WORDS * node + 2),
  );
  const [logits, decisions] = [new Float64Array(rows), new Uint8Array(rows)];
  for (let row = 0; row < rows; row += 1) {
    let node = 0;
    for (;;) {
      const [asked, ways] = [
        words[FIRST_NODE + NODE_WORDS * node]! & 0xffff,
        words[FIRST_NODE + NODE_WORDS * node + 1]!,
      ];
      if (asked >= LEAF) {
        logits[row] = Number(cuts[node]);
        decisions[row] = asked & 1;
        break;
      }
      node = values[row * inputs + asked]! <= cuts[node]! ? ways & 0xffff : ways >>> 16;
    }
  }
  return { logits, decisions };
}

/** As libml_tree_check(). @returns its inputs */
function requireTree(words: Uint32Array): number {
  requireSound(
    words.length >= FIRST_NODE && words[0] === MAGIC && words[1] === VERSION,
    'it is no tree of this version',
  );
  const [nodes, inputs, depth] = [words[NODES]!, words[INPUTS]!, words[DEPTH]!];
  requireSound(
    words.length <= TREE_BOUNDS.words &&
      words[COUNT] === words.length &&
      FIRST_NODE + NODE_WORDS * nodes === words.length &&
      nodes >= 1 &&
      isWithin(inputs, 1, TREE_BOUNDS.inputs) &&
      depth <= TREE_BOUNDS.depth,
    'its sizes do not fit the words that there are',
  );
  const levelOf = (node: number) => words[FIRST_NODE + NODE_WORDS * node]! >>> 16;
  const isSound = Array.from({ length: nodes }, (_, node) => {
    const at = FIRST_NODE + NODE_WORDS * node;
    const [asked, ways] = [words[at]! & 0xffff, words[at + 1]!];
    const isChild = (child: number) => child > node && child < nodes && levelOf(child) === levelOf(node) + 1;
    if (levelOf(node) > depth) return false;
    if (asked >= LEAF) return ways === 0;
    return asked < inputs && isChild(ways & 0xffff) && isChild(ways >>> 16);
  });
  requireSound(levelOf(0) === 0 && isSound.every(Boolean), 'a node of the tree is out of place');
  return inputs;
}

/** By node, how many questions come before it. Failure `bad-input` unless each but the first has one parent, before it. */
function levelsOf(nodes: DeployableTree['nodes']): number[] {
  requireSound(nodes.length >= 1, 'the tree has no node');
  const levels: (number | undefined)[] = [0];
  for (const [node, each] of nodes.entries()) {
    const level = levels[node];
    requireSound(level !== undefined, `node ${node} of the tree is not reached from one before it`);
    if ('logit' in each) continue;
    for (const child of [each.low, each.high]) {
      requireSound(
        isWithin(child, node + 1, nodes.length - 1) && levels[child] === undefined,
        `node ${child} of the tree does not stand behind its only parent`,
      );
      levels[child] = level! + 1;
    }
  }
  return levels as number[];
}

/** For whole numbers `value ≤ cut` and `value ≤ ⌊cut⌋` are the same. */
function wholeCut(cut: number, node: number): bigint {
  requireSound(cut >= Number(LONG_MIN), `the cut of node ${node} is no number of 64 bits`);
  return cut >= Number(LONG_MAX) ? LONG_MAX : BigInt(Math.floor(cut));
}
