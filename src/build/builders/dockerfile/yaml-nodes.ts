import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml'

/** What is wrong at a place of a YAML document. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly offset: number | undefined

  constructor(at: Node | number | null | undefined, reason: string) {
    super(reason)
    this.offset = typeof at === 'number' ? at : at?.range?.[0]
  }
}

/** `name: value` of a mapping. */
export interface Entry {
  name: string
  key: Node
  value: unknown
}

/** With more of them a small file could stand for one that fills the memory, or for one without an end. */
const MAX_ALIASES = 100

/** Reads the nodes of a YAML document, aliases (`*name`) as what they stand for. Throws a {@link Fault} for what is not as expected. */
export class YamlNodes {
  readonly #document: Document
  #aliases = 0

  constructor(document: Document) {
    this.#document = document
  }

  /** The entries of a mapping, those that it merges (`<<`) included; none when there is nothing. */
  entries(given: unknown, where: string, at?: Node): Entry[] {
    const value = this.#resolved(given)
    if (value === null || value === undefined || (isScalar(value) && value.value === null)) return []
    if (!isMap(value))
      throw new Fault((value as Node) ?? at, `${where} is not a mapping (\`name: value\` lines)`)
    const pairs = (value as YAMLMap).items
    const own = pairs.filter(pair => !isMerge(pair)).map(pair => this.#entry(pair, where))
    const merged = pairs.filter(isMerge).flatMap(pair => this.#merged(pair.value, where))
    // Of several of a name the first counts, and the mapping's own before all.
    const entries = new Map([...own, ...merged].reverse().map(entry => [entry.name, entry]))
    return [...entries.values()].reverse()
  }

  /** The items of a list; undefined when it is none. */
  items(given: unknown): readonly unknown[] | undefined {
    const value = this.#resolved(given)
    return isSeq(value) ? value.items.map(item => this.#resolved(item)) : undefined
  }

  #entry(pair: Pair, where: string): Entry {
    const key = pair.key as Node
    if (!isScalar(key)) throw new Fault(key, `${where} has a key that is no plain text`)
    return { name: String(key.value), key, value: this.#resolved(pair.value) }
  }

  #merged(given: unknown, where: string): Entry[] {
    const value = this.#resolved(given)
    return (this.items(value) ?? [value]).flatMap(source => this.entries(source, `what ${where} merges`))
  }

  #resolved(node: unknown): unknown {
    if (!isAlias(node)) return node
    if (++this.#aliases > MAX_ALIASES)
      throw new Fault(
        node,
        `there are more than ${MAX_ALIASES} aliases (*name). Write out what they stand for`,
      )
    const anchored = node.resolve(this.#document)
    if (!anchored)
      throw new Fault(node, `*${node.source} stands for nothing: no &${node.source} comes before it`)
    return anchored
  }
}

/** A text, without what is around it unless it `isVerbatim`: then it may also be empty. */
export function textOf(value: unknown, where: string, at: Node, { isVerbatim = false } = {}): string {
  if (!isScalar(value)) throw new Fault((value as Node | null) ?? at, `${where} is not a text`)
  const given = typeof value.value === 'string' ? value.value : (value.source ?? '')
  const text = value.value === null ? '' : isVerbatim ? given : given.trim()
  if (text === '' && !isVerbatim) throw new Fault(at, `${where} is empty`)
  if (text.includes('\0')) throw new Fault(value, `${where} contains a NUL character`)
  return text
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN'
}
