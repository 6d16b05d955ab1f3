import ts from 'typescript';
import { isAtLoad } from './switches.mjs';

/*
 * Small changes of one source file, each of which a test should notice.
 */

const SWAPS = new Map([
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
  [ts.SyntaxKind.AmpersandAmpersandToken, '||'],
  [ts.SyntaxKind.BarBarToken, '&&'],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
]);

/**
 * All mutants of a source text: `{ line, start, end, before, after, from, to, isName, isAtLoad }`, with `text.slice(start, end) === before`.
 * `from` and `to` bound the expression that holds the change, `isName` says that it is the name of a property, and `isAtLoad` that the module's
 * loading evaluates it.
 *
 * @param {string} name
 * @param {string} text
 */
export function mutantsOf(name, text) {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const mutants = [];
  const add = (node, after, whole = node) => {
    const start = node.getStart(file);
    const before = text.slice(start, node.end);
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    const from = whole.getStart(file);
    const isName = whole.parent.name === whole;
    mutants.push({ line, start, end: node.end, before, after, from, to: whole.end, isName, isAtLoad: isAtLoad(whole) });
  };
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (isCitation(node)) return;
    if (ts.isNumericLiteral(node)) for (const after of otherNumbers(node)) add(node, after);
    else if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false');
    else if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true');
    else if (ts.isBinaryExpression(node) && SWAPS.has(node.operatorToken.kind) && !joinsText(node) && !isBound(node))
      add(node.operatorToken, SWAPS.get(node.operatorToken.kind), node);
    else if (ts.isIfStatement(node) && leaves(node.thenStatement)) add(node.expression, 'false');
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mutants;
}

/** The number itself changes little where it is large, so that it is doubled and halved; a small one goes one up and one down. */
function otherNumbers(node) {
  const { parent } = node;
  const isMinusOne = node.text === '1' && ts.isPrefixUnaryExpression(parent);
  // -1 stands for "none", and any other negative number would do.
  if (isMinusOne) return [];
  const value = Number(node.text);
  const others = value === 0 ? [1] : value === 1 ? [2, 0] : [value * 2, value / 2];
  if (value > 1 && Number.isInteger(value) && value < 1e6) others.push(value + 1, value - 1);
  const members = membersOf(node);
  return [...new Set(others)].filter((other) => members === null || members.has(other)).map(String);
}

/**
 * The numbers of the enumeration (`{ A: 0, B: 1 } as const`) that the number is one of, else null. They only have to differ: a change is one
 * where two become the same.
 */
function membersOf({ parent }) {
  if (!ts.isPropertyAssignment(parent) || !ts.isAsExpression(parent.parent.parent)) return null;
  const values = parent.parent.properties.map(({ initializer }) => initializer);
  if (!values.every((value) => value !== undefined && ts.isNumericLiteral(value))) return null;
  return new Set(values.map(({ text }) => Number(text)));
}

/** `rfc(5961, '5.2')`: words for people. */
function isCitation(node) {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'rfc';
}

/** Does the guarded statement leave its function or loop? */
function leaves(statement) {
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
  return (
    last !== undefined && (ts.isReturnStatement(last) || ts.isContinueStatement(last) || ts.isBreakStatement(last))
  );
}

/** `if (a > b) b = a` and `a > b ? a : b`: for equal numbers both ways are the same. */
function isBound(node) {
  if (!/^[<>]=?$/.test(node.operatorToken.getText())) return false;
  let condition = node;
  while (ts.isBinaryExpression(condition.parent)) condition = condition.parent;
  const { parent } = condition;
  const sides = [node.left.getText(), node.right.getText()].sort().join();
  const areSides = (a, b) => [a.getText(), b.getText()].sort().join() === sides;
  if (ts.isConditionalExpression(parent) && parent.condition === condition)
    return areSides(parent.whenTrue, parent.whenFalse);
  if (!ts.isIfStatement(parent) || parent.expression !== condition || parent.elseStatement !== undefined) return false;
  const statement = parent.thenStatement;
  if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return false;
  const { left, operatorToken, right } = statement.expression;
  return operatorToken.kind === ts.SyntaxKind.EqualsToken && areSides(left, right);
}

function joinsText({ left, right }) {
  const isText = (node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
  return isText(left) || isText(right);
}
