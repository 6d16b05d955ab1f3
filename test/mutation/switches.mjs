import ts from 'typescript';

/*
 * A source with all its mutants in it, each behind a switch, so that one loading of the program serves them all.
 */

const LOOPS = new Set([ts.SyntaxKind.WhileStatement, ts.SyntaxKind.DoStatement, ts.SyntaxKind.ForStatement]);

/**
 * The text with every mutant as `(mutation.is(id) ? changed : as it was)`; loops ask `mutation.goesOn()`, and constants of the module are made anew
 * when `mutation` says so.
 *
 * @param {string} name
 * @param {string} text
 * @param {{ id: number, from: number, to: number, start: number, end: number, after: string, isName: boolean }[]} mutants those of this file
 */
export function switched(name, text, mutants) {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const edits = [];
  const expressions = new Map(mutants.map((mutant) => [`${mutant.from} ${mutant.to}`, mutant]));
  for (const { from, to, isName } of expressions.values()) {
    const same = mutants.filter((mutant) => mutant.from === from && mutant.to === to);
    const changed = ({ id, start, end, after }) =>
      `globalThis.mutation.is(${id}) ? ${text.slice(from, start)}${after}${text.slice(end, to)} : `;
    const before = `(${same.map(changed).join('')}`;
    edits.push({ from, to, wrap: (inner) => (isName ? `[${before}${inner})]` : `${before}${inner})`) });
  }
  const visit = (node) => {
    if (LOOPS.has(node.kind)) {
      const condition = ts.isForStatement(node) ? node.condition : node.expression;
      if (condition !== undefined) {
        const from = condition.getStart(file);
        edits.push({
          from,
          to: condition.end,
          wrap: (inner) => `globalThis.mutation.goesOn() && (${inner})`,
          isOuter: true,
        });
      } else {
        const from = text.indexOf(';', node.initializer?.end ?? node.getStart(file)) + 1;
        edits.push({ from, to: from, wrap: () => 'globalThis.mutation.goesOn()' });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  for (const statement of file.statements) {
    const constant = constantOf(statement, mutants);
    if (constant === null) continue;
    const { list, declaration } = constant;
    const keyword = list.getStart(file);
    edits.push({ from: keyword, to: keyword + 'const'.length, wrap: () => 'let' });
    const { initializer } = declaration;
    edits.push({
      from: declaration.getStart(file),
      to: statement.end,
      isOuter: true,
      wrap: (inner) => {
        const value = print(initializer.getStart(file), initializer.end);
        return `${inner} globalThis.mutation.constants.push(() => { ${declaration.name.text} = ${value}; });`;
      },
    });
  }
  // The outer ones first.
  edits.sort((a, b) => a.from - b.from || b.to - a.to || Number(b.isOuter ?? false) - Number(a.isOuter ?? false));

  function print(from, to, isWithin = () => true) {
    let out = '';
    let at = from;
    for (let i = 0; i < edits.length; i++) {
      const edit = edits[i];
      if (edit.from < at || edit.to > to || !isWithin(i)) continue;
      out += text.slice(at, edit.from) + edit.wrap(print(edit.from, edit.to, (j) => j > i && isWithin(j)));
      at = edit.to;
    }
    return out + text.slice(at, to);
  }
  return print(0, text.length);
}

/** A constant of the module that can be made anew: a number by arithmetic, or what has a mutant in it. */
function constantOf(statement, mutants) {
  if (!ts.isVariableStatement(statement)) return null;
  const list = statement.declarationList;
  if (!(list.flags & ts.NodeFlags.Const) || list.declarations.length !== 1) return null;
  const [declaration] = list.declarations;
  const { name, initializer } = declaration;
  if (!ts.isIdentifier(name) || initializer === undefined) return null;
  const hasMutant = mutants.some(({ from, to }) => from >= initializer.pos && to <= initializer.end);
  return isPlain(initializer, hasMutant) ? { list, declaration } : null;
}

function isPlain(node, isTable) {
  const isSo = (child) => isPlain(child, isTable);
  if (ts.isNumericLiteral(node) || ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) return true;
  if (ts.isBinaryExpression(node)) return isSo(node.left) && isSo(node.right);
  if (ts.isPrefixUnaryExpression(node)) return isSo(node.operand);
  if (ts.isParenthesizedExpression(node)) return isSo(node.expression);
  if (!isTable) return false;
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return isSo(node.expression);
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isSo);
  if (ts.isObjectLiteralExpression(node)) return true;
  if (ts.isNewExpression(node)) return /^(Map|Set)$/.test(node.expression.getText());
  if (ts.isCallExpression(node)) return /^(Math\.\w+|Object\.freeze|BigInt)$/.test(node.expression.getText());
  return (
    ts.isStringLiteralLike(node) ||
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword ||
    node.kind === ts.SyntaxKind.NullKeyword
  );
}

/** Is the node evaluated when its module is loaded? */
export function isAtLoad(node) {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (ts.isFunctionLike(at)) return false;
    if (ts.isPropertyDeclaration(at))
      return at.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;
  }
  return true;
}
