import { test } from 'node:test'
import { killAnywhere } from '../support/chaos/kill-anywhere.ts'
import { Seeded } from '../support/chaos/seeded.ts'

test('a server killed anywhere breaks no promise', () => killAnywhere({ kills: 5, random: new Seeded() }))
