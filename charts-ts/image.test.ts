import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** What is imported for more than its types. */
const IMPORT = /^(?:import|export) (?!type )[^;]*?from '([^']+)'|import\('([^']+)'\)|^import '([^']+)'/gm;

/** Every file that a program loads, and every package. */
function loadedBy(entry: string): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const [files, packages, open] = [new Set<string>(), new Set<string>(), [entry]];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const [, a, b, c] of read(file).matchAll(IMPORT)) {
      const name = a ?? b ?? c ?? '';
      if (name.startsWith('.')) open.push(relative(ROOT, join(ROOT, dirname(file), name)));
      else if (!isBuiltin(name)) packages.add(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
    }
  }
  return { files, packages };
}

for (const entry of ['service/main.ts', 'operator/main.ts']) {
  test(`all that ${entry} loads is in the image`, () => {
    const { files, packages } = loadedBy(entry);
    assert.ok(files.size > 20, `only ${files.size} files were found: does this test still read imports right?`);
    const elsewhere = [...files].filter((file) => !/^(common|service|operator)\//.test(file) || /\/testing\/|\/seed\/|\/seed\.ts$|\.test\.ts$/.test(file));
    assert.deepEqual(elsewhere, []);
    const { dependencies } = JSON.parse(read('package.json')) as { readonly dependencies: Readonly<Record<string, string>> };
    assert.deepEqual([...packages].filter((name) => !Object.hasOwn(dependencies, name)), []);
  });
}

test('the image holds nothing that the Dockerfile does not name, and runs as a user without rights', () => {
  assert.match(read('.dockerignore'), /^\*$/m);
  const [, last = ''] = read('Dockerfile').split(/^FROM (?!.* AS )/m);
  assert.deepEqual([...last.matchAll(/^COPY (?:--from=\S+ )?(\S+)/gm)].map(([, from]) => from), ['/node', '/holdfast/node_modules', 'package.json', 'common', 'service', 'operator']);
  assert.match(last, /^USER 1000$/m);
});
