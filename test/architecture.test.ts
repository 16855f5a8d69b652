import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  breaches,
  cycles,
  emptyNames,
  importsOf,
  type SourceFile,
  type Wall,
} from './support/architecture.ts'

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url))

/** Who may know whom. Ports keep the parts apart; only the server names concrete drivers. */
const WALLS: readonly Wall[] = [
  { files: /^core\//, may: /^core\//, packages: /^node:crypto$/ },
  { files: /^ledger\//, may: /^(ledger|core)\//, packages: /^(kysely|pg|node:(sqlite|crypto|fs|events))$/ },
  { files: /^actions\//, may: /^(actions|ledger|core)\//, packages: /^node:(crypto|util)$/ },
  { files: /^logs\//, may: /^(logs|core)\//, packages: /^node:/ },
  { files: /^sandbox\//, may: /^sandbox\//, packages: /^node:/ },
  { files: /^files\//, may: /^files\//, packages: /^node:/ },
  { files: /^archive\//, may: /^archive\//, packages: /^(node:|tar-stream$)/ },
  { files: /^router\//, may: /^(router|core|logs)\//, packages: /^(node:|undici(\/|$))/ },
  { files: /^docker\//, may: /^(docker|core)\// },
  {
    files: /^runtime\/drivers\//,
    may: /^(runtime\/driver\.ts|runtime\/drivers\/|archive\/|core\/|docker\/|logs\/line\.ts|sandbox\/)/,
  },
  { files: /^artifacts\/stores\//, may: /^(artifacts|archive|core|files)\/|^logs\/line\.ts/ },
  {
    files: /^build\/builders\//,
    may: /^(build\/(builder\.ts|builders\/|[a-z-]+\.ts)|artifacts\/store\.ts|archive\/|core\/|docker\/|logs\/line\.ts|sandbox\/)/,
  },
  {
    files: /^addons\/providers\//,
    may: /^(addons\/provider\.ts|addons\/providers\/|core\/|files\/|logs\/line\.ts|sandbox\/)/,
  },
  { files: /^artifacts\//, may: /^(artifacts|archive|core|files|logs|actions)\//, typesOnly: /^ledger\// },
  {
    files: /^build\//,
    may: /^(build|archive|core|files|logs|actions|sandbox)\/|^artifacts\/store\.ts/,
    typesOnly: /^ledger\//,
  },
  { files: /^runtime\//, may: /^(runtime|core|logs|actions|sandbox)\//, typesOnly: /^ledger\// },
  { files: /^addons\//, may: /^(addons|core|logs|actions|sandbox)\//, typesOnly: /^ledger\// },
  { files: /^(api|git)\//, may: /^(api|git|core|files|actions|ledger|logs)\// },
  { files: /^client\//, may: /^(client|core)\//, typesOnly: /^api\// },
  { files: /^cli\/commands\/server\.ts$/, may: /^(cli|client|core|server)\// },
  { files: /^cli\/commands\/images\//, may: /^(cli|client|core|archive)\// },
  { files: /^(cli|dashboard)\//, may: /^(cli|dashboard|client|core)\// },
  { files: /^server\//, may: /./ },
]

const sources = await readSources()

describe('the source', () => {
  it('keeps its walls', () => assert.deepEqual(breaches(sources, WALLS), []))
  it('has no circle of imports', () => assert.deepEqual(cycles(sources), []))
  it('has no folder or file whose name says nothing', () => {
    assert.deepEqual(emptyNames(sources.map(file => file.path)), [])
  })
  it('was read', () => {
    assert.ok(sources.length > 100)
    const imports = importsOf(sources.find(file => file.path === 'core/release.ts') ?? { path: '', text: '' })
    assert.ok(imports.some(found => found.to === 'core/config-vars.ts'))
  })
})

describe('the checker', () => {
  for (const [text, sentence] of [
    [`import { x } from '../ledger/ledger.ts'`, 'core/a.ts must not import ledger/ledger.ts.'],
    [`import type { X } from '../ledger/ledger.ts'`, 'core/a.ts must not import ledger/ledger.ts.'],
    [
      `import {\n  x,\n  type Y,\n} from "../ledger/ledger.ts"`,
      'core/a.ts must not import ledger/ledger.ts.',
    ],
    [`import x, * as y from '../ledger/ledger.ts'`, 'core/a.ts must not import ledger/ledger.ts.'],
    [`export * from '../ledger/ledger.ts'`, 'core/a.ts must not import ledger/ledger.ts.'],
    [`export type { X } from '../ledger/ledger.ts'`, 'core/a.ts must not import ledger/ledger.ts.'],
    [`import '../ledger/ledger.ts'`, 'core/a.ts must not import ledger/ledger.ts.'],
    [`const x = await import('../ledger/ledger.ts')`, 'core/a.ts must not import ledger/ledger.ts.'],
    [`type X = import('../ledger/ledger.ts').X`, 'core/a.ts must not import ledger/ledger.ts.'],
    [`const x = 1; import { y } from '../ledger/ledger.ts'`, 'core/a.ts must not import ledger/ledger.ts.'],
    [
      `import { readFile } from 'node:fs/promises'`,
      'core/a.ts must not import the package node:fs/promises.',
    ],
    ['await import(file)', 'core/a.ts imports what only running it can tell (computed: file).'],
  ] as const) {
    it(`refuses ${JSON.stringify(text)} in the core`, () => {
      assert.deepEqual(breaches([{ path: 'core/a.ts', text }], WALLS), [sentence])
    })
  }

  for (const text of [
    `import { createHash } from 'node:crypto'\nimport { b } from './b.ts'`,
    `// import { x } from '../ledger/ledger.ts'`,
    `/** See import('../ledger/ledger.ts'). */`,
    `const says = "export { x } from here"`,
  ]) {
    it(`lets ${JSON.stringify(text)} be in the core`, () => {
      assert.deepEqual(breaches([{ path: 'core/a.ts', text }], WALLS), [])
    })
  }

  it('tells types from values', () => {
    const check = (text: string) => breaches([{ path: 'runtime/a.ts', text }], WALLS)
    assert.deepEqual(check(`import type { Ledger } from '../ledger/ledger.ts'`), [])
    assert.deepEqual(check(`import { Ledger } from '../ledger/ledger.ts'`), [
      'runtime/a.ts may import only types from ledger/ledger.ts.',
    ])
  })

  it('refuses a driver that knows more than its port', () => {
    const text = `import { Reconciler } from '../../reconciler.ts'`
    const refusal = ['runtime/drivers/process/a.ts must not import runtime/reconciler.ts.']
    assert.deepEqual(breaches([{ path: 'runtime/drivers/process/a.ts', text }], WALLS), refusal)
  })

  it('refuses a folder it was not told of', () => {
    assert.match(
      breaches([{ path: 'misc/a.ts', text: '' }], WALLS)[0] ?? '',
      /^misc\/a\.ts is behind no wall/,
    )
  })

  it('sees a circle, however long, and of types alone', () => {
    const files = [
      { path: 'core/a.ts', text: `import { b } from './b.ts'` },
      { path: 'core/b.ts', text: `import type { C } from './c.ts'` },
      { path: 'core/c.ts', text: `export * from './a.ts'` },
      { path: 'core/d.ts', text: `import { a } from './a.ts'` },
    ]
    assert.deepEqual(cycles(files), [['core/a.ts', 'core/b.ts', 'core/c.ts', 'core/a.ts']])
    assert.deepEqual(cycles(files.filter(file => file.path !== 'core/c.ts')), [])
  })

  it('sees names that say nothing', () => {
    const empty = [
      'core/utils.ts',
      'common/a.ts',
      'api/helpers/a.ts',
      'core/app-manager.ts',
      'api/release.service.ts',
      'cli/service.ts',
    ]
    assert.deepEqual(emptyNames([...empty, 'core/release.ts', 'api/uncommon.ts', 'core/manage.ts']), empty)
  })
})

async function readSources(): Promise<SourceFile[]> {
  const names = await readdir(SOURCE, { recursive: true })
  const paths = names.filter(name => name.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(name)).toSorted()
  return Promise.all(paths.map(async path => ({ path, text: await readFile(SOURCE + path, 'utf8') })))
}
