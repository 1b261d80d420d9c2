/**
 * An esbuild plugin that counts, in the sources it is told to, how often each branch runs: in
 * `globalThis.__coverage`, one byte a branch. It shows the fuzzer which inputs reach new code.
 *
 * With counters at the beginning of functions, branches, loops and case clauses, at both results of `?:` and at the
 * right side of `&&`, `||` and `??`.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

/** More branches than the sources have. */
export const COUNTERS = 65_536;

/**
 * @param {RegExp} counted paths of the sources whose branches are counted
 * @returns {import('esbuild').Plugin}
 */
export function coverageCounters(counted) {
  let next = 0;
  return {
    name: 'coverage-counters',
    setup(build) {
      build.onLoad({ filter: /\/(?:src|test)\/.*\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        if (!counted.test(path)) return { contents: withOwnUrl(text, path), loader: 'ts' };
        const counter = () => next++ % COUNTERS;
        return { contents: instrumented(text, path, counter), loader: 'js' };
      });
    },
  };
}

/**
 * A bundle lies elsewhere than its sources, which look for files beside themselves.
 * @param {string} text @param {string} path
 */
function withOwnUrl(text, path) {
  return text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
}

/** @param {string} text @param {string} path @param {() => number} counter */
function instrumented(text, path, counter) {
  const { outputText } = ts.transpileModule(text, {
    fileName: path,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
      inlineSources: true,
    },
    transformers: { before: [withCounters(counter)] },
  });
  return outputText.replace(
    /^/,
    `const __counters = (globalThis.__coverage ??= new Uint8Array(${COUNTERS})); `,
  );
}

/** @param {() => number} counter @returns {ts.TransformerFactory<ts.SourceFile>} */
function withCounters(counter) {
  return (context) => {
    const { factory } = context;
    const count = () =>
      factory.createPostfixIncrement(
        factory.createElementAccessExpression(factory.createIdentifier('__counters'), counter()),
      );
    /** @param {ts.Statement} statement */
    const counted = (statement) =>
      ts.isBlock(statement)
        ? factory.updateBlock(statement, [
            factory.createExpressionStatement(count()),
            ...statement.statements,
          ])
        : factory.createBlock([factory.createExpressionStatement(count()), statement]);
    /** @param {ts.Expression} expression */
    const countedExpression = (expression) =>
      factory.createParenthesizedExpression(factory.createComma(count(), expression));
    /** @param {ts.Node} node @returns {ts.Node} */
    const visit = (node) => changed(ts.visitEachChild(node, visit, context));

    /** @param {ts.Node} node @returns {ts.Node} */
    const changed = (node) => {
      if (ts.isIfStatement(node)) {
        const otherwise = node.elseStatement ?? factory.createBlock([]);
        return factory.updateIfStatement(
          node,
          node.expression,
          counted(node.thenStatement),
          ts.isIfStatement(otherwise) ? otherwise : counted(otherwise),
        );
      }
      if (ts.isConditionalExpression(node)) {
        return factory.updateConditionalExpression(
          node,
          node.condition,
          node.questionToken,
          countedExpression(node.whenTrue),
          node.colonToken,
          countedExpression(node.whenFalse),
        );
      }
      if (ts.isBinaryExpression(node) && isShortcut(node.operatorToken.kind)) {
        return factory.updateBinaryExpression(
          node,
          node.left,
          node.operatorToken,
          countedExpression(node.right),
        );
      }
      if (ts.isCaseClause(node)) {
        const statements = [factory.createExpressionStatement(count()), ...node.statements];
        return factory.updateCaseClause(node, node.expression, statements);
      }
      if (ts.isBlock(node) && isBody(node.parent)) return counted(node);
      return node;
    };
    return (file) => /** @type {ts.SourceFile} */ (ts.visitNode(file, visit));
  };
}

/** @param {ts.SyntaxKind} kind */
function isShortcut(kind) {
  return (
    kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.QuestionQuestionToken
  );
}

/** Whether a block below this node is the body of a function or a loop. */
/** @param {ts.Node | undefined} node */
function isBody(node) {
  return node !== undefined && (ts.isFunctionLike(node) || ts.isIterationStatement(node, false));
}
