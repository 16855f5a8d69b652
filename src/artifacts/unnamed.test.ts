import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StoredImage } from './store.ts'
import { UnnamedImages } from './unnamed.ts'

/** A store of digests, a ledger of them, and builds: what removing an image has to be safe with. */
class World {
  readonly stored = new Set<string>()
  readonly named = new Set<string>()
  readonly running = new Set<string>()
  readonly unnamed = new UnnamedImages(async () => [...this.running])

  /** A build stores an image, whose put and whose naming take as long as `pause` says. */
  async build(id: string, digest: string, pause: () => Promise<void>): Promise<void> {
    this.running.add(id)
    const put = async (): Promise<StoredImage> => {
      await pause()
      this.stored.add(digest)
      return { digest, size: 1, layers: [] }
    }
    await this.unnamed.store(put, async () => this.stored.has(digest))
    await pause()
    this.named.add(digest)
    this.running.delete(id)
    assert.ok(this.stored.has(digest), 'a live release without its image')
  }

  /** The same for what comes in from outside. */
  async receive(digest: string, pause: () => Promise<void>): Promise<void> {
    let isSent = false
    const put = async (): Promise<StoredImage> => {
      await pause()
      // It comes once.
      if (!isSent) this.stored.add(digest)
      isSent = true
      return { digest, size: 1, layers: [] }
    }
    await this.unnamed.receiving(async store => {
      await store(put, async () => this.stored.has(digest))
      await pause()
      this.named.add(digest)
    })
    assert.ok(this.stored.has(digest), 'an artifact without its image')
  }

  async remove(digests: readonly string[], pause: () => Promise<void>): Promise<readonly string[]> {
    return this.unnamed.without(digests, async free => {
      await pause()
      const doomed = free.filter(digest => !this.named.has(digest))
      await pause()
      for (const digest of doomed) this.stored.delete(digest)
      await pause()
      return doomed
    })
  }
}

const turns = (count: number) => async () => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

describe('an image that the ledger does not name yet', () => {
  it('stays while the build that stored it runs, and goes once that has ended without naming it', async () => {
    const world = new World()
    world.running.add('b1')
    const image = { digest: 'd', size: 1, layers: [] }
    world.stored.add('d')
    await world.unnamed.store(
      async () => image,
      async () => true,
    )
    assert.deepEqual(await world.remove(['d', 'e'], turns(0)), ['e'])
    world.running.delete('b1')
    assert.deepEqual(await world.remove(['d'], turns(0)), ['d'])
  })

  it('is stored again when it was being removed', async () => {
    const world = new World()
    let puts = 0
    world.running.add('b1')
    const removing = world.unnamed.without(['d'], async ([digest = '']) => {
      await turns(3)()
      world.stored.delete(digest)
    })
    await turns(1)()
    await world.unnamed.store(
      async () => {
        puts++
        world.stored.add('d')
        return { digest: 'd', size: 1, layers: [] }
      },
      async digest => world.stored.has(digest),
    )
    await removing
    assert.equal(puts, 2)
    assert.ok(world.stored.has('d'))
  })

  it('is refused when it was removed and cannot be stored again', async () => {
    const { unnamed } = new World()
    const gone = unnamed.store(
      async () => ({ digest: 'd', size: 1, layers: [] }),
      async () => false,
    )
    await assert.rejects(gone, { id: 'conflict', message: /Send it again\.$/ })
  })

  it('is there when the build has named it, whenever the removal comes', async () => {
    for (let build = 0; build < 6; build++) {
      for (let removal = 0; removal < 6; removal++) {
        for (let delay = 0; delay < 12; delay++) {
          const world = new World()
          world.stored.add('d')
          const building = world.build('b1', 'd', turns(build))
          await turns(delay)()
          await Promise.all([building, world.remove(['d'], turns(removal))])
          assert.ok(world.stored.has('d'), `${build} ${removal} ${delay}`)
        }
      }
    }
  })

  it('is there when what came in was named, or that is refused, whenever the removal comes', async () => {
    for (let receipt = 0; receipt < 6; receipt++) {
      for (let removal = 0; removal < 6; removal++) {
        for (let delay = 0; delay < 12; delay++) {
          const world = new World()
          world.stored.add('d')
          const receiving = world
            .receive('d', turns(receipt))
            .catch(error => assert.equal(error.id, 'conflict'))
          await turns(delay)()
          await Promise.all([receiving, world.remove(['d'], turns(removal))])
          assert.equal(world.stored.has('d'), world.named.has('d'), `${receipt} ${removal} ${delay}`)
        }
      }
    }
  })

  it('waits for nothing but what stored it: something else that comes in without end keeps no image', async () => {
    const world = new World()
    const end = Promise.withResolvers<void>()
    const endless = world.unnamed.receiving(() => end.promise)
    await world.build('b1', 'built', turns(1))
    await world.receive('received', turns(1))
    world.named.clear()
    assert.deepEqual(await world.remove(['built', 'received'], turns(1)), ['built', 'received'])
    end.resolve()
    await endless
  })
})
