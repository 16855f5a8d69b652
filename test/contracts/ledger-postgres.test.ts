import { after } from 'node:test'
import { Postgres, withClient } from '../support/postgres.ts'
import { ledgerContract } from './ledger.ts'

const postgres = await Postgres.start()
after(() => postgres.close())

/** Every row of every table as text, with what is bytes as hex. */
async function everything(place: string): Promise<Buffer> {
  return withClient(place, async client => {
    const { rows } = await client.query<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
    )
    const texts: string[] = []
    for (const { name } of rows) {
      const table = await client.query<{ text: string }>(`select t::text as text from ${name} t`)
      texts.push(...table.rows.map(row => row.text))
    }
    return Buffer.from(texts.join('\n'))
  })
}

ledgerContract({ name: 'PostgreSQL', newPlace: () => postgres.database(), everything })
