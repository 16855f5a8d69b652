import { type Output, printable } from './output.ts'

export interface Column {
  title: string
  /** The least width, in characters. */
  width: number
  /** How many dashes stand under the title. */
  rule: number
}

export interface Row {
  cells: readonly string[]
  /** Stands below, from the second column on. */
  note?: string
  style?: 'dim' | 'red' | 'yellow' | 'bold'
}

const GAP = '  '

/** Lines of a table: titles, rules, rows. A column is as wide as its widest cell; the last one is not padded. */
export function table(columns: readonly Column[], rows: readonly Row[], output: Output): string[] {
  const cells = rows.map(row => row.cells.map(printable))
  const widths = columns.map((column, index) =>
    Math.max(column.width, ...cells.map(row => row[index]?.length ?? 0)),
  )
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => (index < widths.length - 1 ? text.padEnd(widths[index] ?? 0) : text))
      .join(GAP)
      .trimEnd()
  return [
    output.style('bold', line(columns.map(column => column.title))),
    line(columns.map(column => '-'.repeat(column.rule))),
    ...cells.flatMap((texts, index) => {
      const { style, note } = rows[index] ?? {}
      const indent = ' '.repeat((widths[0] ?? 0) + GAP.length)
      const lines = [line(texts), ...(note === undefined ? [] : [`${indent}${printable(note)}`])]
      return lines.map(text => (style ? output.style(style, text) : text))
    }),
  ]
}

/** A table whose columns are as wide as what is in them, with a rule as long as each title. */
export function plainTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  output: Output,
): string[] {
  const columns = titles.map(title => ({ title, width: title.length, rule: title.length }))
  return table(
    columns,
    rows.map(cells => ({ cells })),
    output,
  )
}

/** `Label:   value` lines, the values aligned. Several values of one label stand below each other. */
export function labelled(
  rows: readonly (readonly [label: string, ...values: string[]])[],
  width = 0,
): string[] {
  const column = Math.max(width, ...rows.map(([label]) => label.length + ': '.length))
  return rows.flatMap(([label, ...values]) =>
    values.map((value, index) =>
      `${(index === 0 ? `${label}:` : '').padEnd(column)}${printable(value)}`.trimEnd(),
    ),
  )
}
