import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { needsRollout, targetOf } from './target.ts'

const release = { id: 'r', version: 7, kind: 'deploy' } as const
const web2 = { type: 'web', quantity: 2, size: 'Basic', epoch: 1 }

describe('target', () => {
  it('joins the commands of the code with the formation of now', () => {
    const target = targetOf(release, { web: 'run web', worker: 'run worker' }, [web2])
    assert.deepEqual(target, {
      releaseId: 'r',
      version: 7,
      releaseCommand: null,
      processes: [
        { ...web2, command: 'run web' },
        { type: 'worker', quantity: 0, size: 'Basic', epoch: 0, command: 'run worker' },
      ],
    })
  })

  it('has the release command apart', () => {
    const target = targetOf(release, { release: 'migrate', web: 'x' }, [web2])
    assert.equal(target.releaseCommand, 'migrate')
    assert.deepEqual(
      target.processes.map(process => process.type),
      ['web'],
    )
  })

  it('has no release command where a provider changed its config vars', () => {
    const target = targetOf({ ...release, kind: 'addon-update' }, { release: 'migrate', web: 'x' }, [web2])
    assert.equal(target.releaseCommand, null)
  })

  for (const [title, types, quantity, expected] of [
    ['a web dyno', { web: 'x' }, 1, true],
    ['nothing but a release command', { release: 'x' }, 0, true],
    ['only types scaled to none', { web: 'x' }, 0, false],
    ['no process types', {}, 0, false],
  ] as const) {
    it(`${expected ? 'has' : 'has not'} to be waited for with ${title}`, () => {
      const formation = [{ ...web2, quantity }]
      assert.equal(needsRollout(targetOf(release, types, formation)), expected)
    })
  }
})
