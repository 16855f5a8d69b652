import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEFAULT_SETTINGS } from './app.ts'
import type { Desired, Process, Slot, Target, WantedDyno } from './desired.ts'
import { releaseDyno } from './release-command.ts'
import { plan } from './rollout.ts'
import type { SeenDyno } from './seen-dyno.ts'
import type { Step } from './step.ts'
import { minutes, seconds } from './time.ts'

const START = 1_000_000

function target(
  version: number,
  types: Record<string, number>,
  releaseCommand: string | null = null,
): Target {
  const processes = Object.entries(types).map(
    ([type, quantity]): Process => ({ type, quantity, command: `run ${type}`, size: 'Basic', epoch: 0 }),
  )
  return { releaseId: `r${version}`, version, processes, releaseCommand }
}

function desired(changes: Partial<Desired>): Desired {
  return {
    serving: null,
    rolling: null,
    isCommandStopAsked: false,
    standby: null,
    slots: new Map(),
    oneOffs: [],
    settings: DEFAULT_SETTINGS,
    ...changes,
  }
}

function slot(changes: Partial<Slot>): ReadonlyMap<string, Slot> {
  const whole = {
    name: 'web.1',
    epoch: 0,
    isStopped: false,
    releaseId: 'r1',
    crashes: 0,
    crashedAt: null,
    ...changes,
  }
  return new Map([[whole.name, whole]])
}

function seen(dyno: WantedDyno, changes: Partial<SeenDyno> = {}): SeenDyno {
  const { id, releaseId, kind, name, type } = dyno
  const state = { state: 'running', isListening: type === 'web', startedAt: START } as const
  return {
    id,
    releaseId,
    kind,
    name,
    type,
    ...state,
    exitedAt: null,
    exitStatus: null,
    fault: null,
    hasDrifted: false,
    ...changes,
  }
}

const exited = (exitStatus: number) =>
  ({ state: 'exited', isListening: false, exitedAt: START + 5, exitStatus }) as const

function steps<K extends Step['do']>(all: readonly Step[], kind: K): Extract<Step, { do: K }>[] {
  return all.filter((step): step is Extract<Step, { do: K }> => step.do === kind)
}

/** The dynos that a target wants, had it been served from the beginning. */
function wanted(of: Target, slots: ReadonlyMap<string, Slot> = new Map()): WantedDyno[] {
  return steps(plan(desired({ serving: of, slots }), [], START), 'start').map(step => step.dyno)
}

function one(dynos: readonly WantedDyno[], name = 'web.1'): WantedDyno {
  const dyno = dynos.find(candidate => candidate.name === name)
  assert.ok(dyno, name)
  return dyno
}

const v1 = target(1, { web: 1 })
const v2 = target(2, { web: 1, worker: 1 })
const old = one(wanted(v1))
const web = one(wanted(v2))
const worker = one(wanted(v2), 'worker.1')

describe('an app that serves', () => {
  it('starts what is missing, and routes to nothing meanwhile', () => {
    const all = plan(desired({ serving: v1 }), [], START)
    assert.deepEqual(
      steps(all, 'start').map(step => step.dyno.name),
      ['web.1'],
    )
    assert.deepEqual(steps(all, 'route'), [{ do: 'route', dynoIds: [], answering: 'booting' }])
  })

  it('has nothing to do but to route once all is as it should be', () => {
    const all = plan(desired({ serving: v1 }), [seen(old)], START)
    assert.deepEqual(all, [{ do: 'route', dynoIds: [old.id], answering: 'serving' }])
  })

  it('stops a web dyno that does not listen in time', () => {
    const mute = seen(old, { isListening: false })
    const early = plan(desired({ serving: v1 }), [mute], START + 1)
    assert.deepEqual(steps(early, 'wait'), [{ do: 'wait', until: START + minutes(1) }])
    const late = plan(desired({ serving: v1 }), [mute], START + minutes(1))
    assert.deepEqual(
      steps(late, 'stop').map(step => step.why),
      ['boot-timeout'],
    )
  })

  it('counts a crash, waits longer after each, and starts another dyno then', () => {
    const [crash] = steps(plan(desired({ serving: v1 }), [seen(old, exited(1))], START + 9), 'crashed')
    assert.ok(crash)
    assert.deepEqual([crash.slot.crashes, crash.slot.crashedAt, crash.slot.releaseId], [1, START + 5, 'r1'])
    const again = wanted(v1, slot({ crashes: 1, crashedAt: START - 9 }))
    assert.notEqual(one(again).id, old.id)

    const slots = slot({ crashes: 3, crashedAt: START })
    const paused = plan(desired({ serving: v1, slots }), [], START + 1)
    assert.deepEqual(paused, [
      { do: 'route', dynoIds: [], answering: 'crashed' },
      { do: 'wait', until: START + seconds(4) },
    ])
    assert.equal(steps(plan(desired({ serving: v1, slots }), [], START + seconds(4)), 'start').length, 1)
  })

  it('forgets earlier crashes of a dyno that ran for long', () => {
    const slots = slot({ crashes: 5, crashedAt: START - minutes(10) })
    const dyno = one(wanted(v1, slots))
    const exit = { ...exited(1), exitedAt: START + minutes(10) }
    const [crash] = steps(plan(desired({ serving: v1, slots }), [seen(dyno, exit)], exit.exitedAt), 'crashed')
    assert.equal(crash?.slot.crashes, 1)
  })

  it('keeps the old dyno of a restart answering until the new one listens', () => {
    const slots = slot({ epoch: 1, releaseId: null })
    const fresh = one(wanted(v1, slots))
    const during = plan(
      desired({ serving: v1, slots }),
      [seen(old), seen(fresh, { isListening: false })],
      START,
    )
    assert.deepEqual(steps(during, 'route')[0]?.dynoIds, [old.id])
    assert.deepEqual(steps(during, 'retire'), [])
    const after = plan(desired({ serving: v1, slots }), [seen(old), seen(fresh)], START)
    assert.deepEqual(steps(after, 'route')[0]?.dynoIds, [fresh.id])
    assert.deepEqual(steps(after, 'retire'), [{ do: 'retire', dynoId: old.id }])
  })

  it('replaces a dyno that runs something else than its release, which answers until then', () => {
    const drifted = seen(old, { hasDrifted: true })
    assert.deepEqual(plan(desired({ serving: v1 }), [drifted], START), [
      { do: 'route', dynoIds: [old.id], answering: 'serving' },
      { do: 'replace', name: 'web.1', epoch: 0 },
    ])
    const slots = slot({ epoch: 1 })
    const during = plan(desired({ serving: v1, slots }), [drifted], START)
    assert.deepEqual(steps(during, 'route')[0]?.dynoIds, [old.id])
    assert.deepEqual(
      steps(during, 'start').map(step => step.dyno.name),
      ['web.1'],
    )
  })

  it('takes a dyno that a person stopped off the route before it stops it, and leaves it down', () => {
    const slots = slot({ isStopped: true })
    const all = plan(desired({ serving: v1, slots }), [seen(old)], START)
    assert.deepEqual(all, [
      { do: 'route', dynoIds: [], answering: 'scaled-down' },
      { do: 'stop', dynoId: old.id, grace: seconds(30), why: 'asked' },
    ])
    const down = plan(desired({ serving: v1, slots }), [seen(old, exited(143))], START)
    assert.deepEqual(steps(down, 'forget'), [{ do: 'forget', dynoIds: [old.id] }])
    assert.deepEqual(steps(down, 'start'), [])
  })

  it('retires what is scaled away, and forgets it when it is gone', () => {
    const two = target(1, { web: 2 })
    const second = one(wanted(two), 'web.2')
    const all = plan(desired({ serving: v1 }), [seen(old), seen(second)], START)
    assert.deepEqual(steps(all, 'route')[0]?.dynoIds, [old.id])
    assert.deepEqual(steps(all, 'retire'), [{ do: 'retire', dynoId: second.id }])
    const gone = plan(desired({ serving: v1 }), [seen(old), seen(second, exited(0))], START)
    assert.deepEqual(steps(gone, 'forget'), [{ do: 'forget', dynoIds: [second.id] }])
  })

  for (const [answering, changes] of [
    ['blank', {}],
    ['scaled-down', { serving: target(1, { web: 0 }) }],
    ['scaled-down', { serving: target(1, { worker: 1 }) }],
    ['booting', { serving: v1 }],
    ['booting', { rolling: v1 }],
    ['crashed', { serving: v1, slots: slot({ crashes: 2, crashedAt: START }) }],
  ] as const) {
    it(`says ${answering} when that is why nobody answers`, () => {
      assert.equal(steps(plan(desired(changes), [], START), 'route')[0]?.answering, answering)
    })
  }
})

describe('a release that rolls out', () => {
  const both = desired({ serving: v1, rolling: v2 })
  const at = (observed: readonly SeenDyno[], now = START) => plan(both, [seen(old), ...observed], now)

  it('boots its web dynos first, while the release before it goes on serving', () => {
    const all = at([])
    assert.deepEqual(
      steps(all, 'start').map(step => step.dyno.id),
      [web.id],
    )
    assert.deepEqual(steps(all, 'route')[0]?.dynoIds, [old.id])
    assert.deepEqual(steps(all, 'retire'), [])
  })

  it('takes the traffic in one step once they listen, and starts the other types after that', () => {
    const all = at([seen(web)])
    assert.deepEqual(all, [
      { do: 'route', dynoIds: [web.id], answering: 'serving' },
      { do: 'start', dyno: worker },
    ])
  })

  it('succeeds once the others have stayed up for the start grace, after its traffic has moved', () => {
    const early = at([seen(web), seen(worker)], START + 1)
    assert.deepEqual(steps(early, 'wait'), [{ do: 'wait', until: START + seconds(2) }])
    const late = at([seen(web), seen(worker)], START + seconds(2))
    assert.deepEqual(late, [
      { do: 'route', dynoIds: [web.id], answering: 'serving' },
      { do: 'succeed', releaseId: 'r2' },
    ])
  })

  it('does not take a dyno that is still being prepared for one that runs', () => {
    const slow = seen(worker, { state: 'starting' })
    const waiting = at([seen(web), slow], START + seconds(2))
    assert.deepEqual(steps(waiting, 'succeed'), [])
    assert.deepEqual(steps(waiting, 'wait'), [{ do: 'wait', until: START + minutes(1) }])
    const [failure] = steps(at([seen(web), slow], START + minutes(1)), 'fail')
    assert.equal(failure?.reason, 'worker.1 did not start within 60 s; v1 is still serving')
  })

  it('retires the old dynos only after it succeeded', () => {
    const all = plan(desired({ serving: v2 }), [seen(old), seen(web), seen(worker)], START)
    assert.deepEqual(all, [
      { do: 'route', dynoIds: [web.id], answering: 'serving' },
      { do: 'retire', dynoId: old.id },
    ])
  })

  for (const [title, dyno, reason] of [
    ['its web dyno exits', seen(web, exited(1)), 'web.1 exited with status 1 before it listened on $PORT'],
    [
      'its web dyno does not listen',
      seen(web, { isListening: false, startedAt: START - minutes(1) }),
      'web.1 did not listen on $PORT within 60 s (R10)',
    ],
    [
      'its web dyno cannot be started',
      seen(web, { ...exited(1), fault: 'no disk space is left.' }),
      'web.1 could not be started: no disk space is left',
    ],
    ['a worker exits', seen(worker, exited(0)), 'worker.1 exited with status 0'],
  ] as const) {
    it(`fails when ${title}, and leaves what serves alone`, () => {
      const others = dyno.type === 'web' ? [] : [seen(web)]
      const all = at([...others, dyno])
      assert.deepEqual(steps(all, 'fail'), [
        { do: 'fail', releaseId: 'r2', phase: 'dynos', reason: `${reason}; v1 is still serving` },
      ])
      assert.deepEqual(steps(all, 'route')[0]?.dynoIds, [old.id])
      assert.deepEqual(steps(all, 'retire'), [])
      const late = reason.includes('R10') ? [dyno.id] : []
      assert.deepEqual(
        steps(all, 'stop').map(({ dynoId, grace, why }) => [dynoId, grace, why]),
        late.map(id => [id, 0, 'boot-timeout']),
      )
    })
  }

  it('has what it started retired after it failed', () => {
    const all = plan(desired({ serving: v1 }), [seen(old), seen(web), seen(worker)], START)
    assert.deepEqual(
      steps(all, 'retire').map(step => step.dynoId),
      [web.id, worker.id],
    )
  })
})

describe('a release on standby', () => {
  const until = START + minutes(1)
  const stands = { releaseId: 'r1', until, answers: false }
  const v3 = target(3, { web: 1 })
  const copy = one(wanted(v3))
  const oldWorker = { ...old, id: 'old-worker', type: 'worker', name: 'worker.1' }
  const at = (changes: Partial<Desired>, observed: readonly SeenDyno[] = [], now = START) =>
    plan(desired({ serving: v2, standby: stands, ...changes }), [seen(web), seen(worker), ...observed], now)

  it('keeps its web dynos, unrouted, and no others', () => {
    assert.deepEqual(at({}, [seen(old), seen(oldWorker)]), [
      { do: 'route', dynoIds: [web.id], answering: 'serving' },
      { do: 'retire', dynoId: oldWorker.id },
      { do: 'wait', until },
    ])
  })

  it('retires them when their time is over, or the app wants no web dynos any more', () => {
    const over = [{ do: 'retire', dynoId: old.id }]
    assert.deepEqual(steps(at({}, [seen(old)], until), 'retire'), over)
    const down = target(2, { web: 0, worker: 1 })
    assert.deepEqual(steps(at({ serving: down }, [seen(old)]), 'retire').at(-1), over[0])
  })

  it('does not start again what dies on standby', () => {
    const all = at({}, [seen(old, exited(1))])
    assert.deepEqual(steps(all, 'start'), [])
    assert.deepEqual(steps(all, 'forget'), [{ do: 'forget', dynoIds: [old.id] }])
  })

  it('answers at once for its copy, also after its time, while the dynos of the copy boot', () => {
    const all = at({ rolling: v3, standby: { ...stands, answers: true } }, [seen(old)], until)
    assert.deepEqual(all, [
      { do: 'route', dynoIds: [old.id], answering: 'serving' },
      { do: 'start', dyno: copy },
    ])
  })

  it('answers while the release command of its copy runs', () => {
    const rolling = { ...v3, releaseCommand: 'migrate' }
    const all = at({ rolling, standby: { ...stands, answers: true } }, [seen(old)])
    assert.deepEqual(steps(all, 'route')[0]?.dynoIds, [old.id])
  })

  it('leaves the traffic to the dynos of the copy once they are ready', () => {
    const all = at({ rolling: v3, standby: { ...stands, answers: true } }, [seen(old), seen(copy)])
    assert.deepEqual(steps(all, 'route')[0]?.dynoIds, [copy.id])
    assert.equal(steps(all, 'succeed').length, 1)
    const after = plan(
      desired({ serving: v3, standby: { ...stands, releaseId: 'r2' } }),
      [seen(old), seen(copy), seen(web)],
      START,
    )
    assert.deepEqual(steps(after, 'retire'), [{ do: 'retire', dynoId: old.id }])
  })

  it('gives the traffic back to what serves when its copy fails, or none of its dynos is left', () => {
    assert.deepEqual(steps(at({}, [seen(old)]), 'route')[0]?.dynoIds, [web.id])
    const none = at({ rolling: v3, standby: { ...stands, answers: true } }, [seen(old, exited(1))])
    assert.deepEqual(steps(none, 'route')[0]?.dynoIds, [web.id])
  })
})

describe('a release command', () => {
  const v3 = target(3, { web: 1 }, 'migrate')
  const command = releaseDyno(v3)
  const at = (observed: readonly SeenDyno[], now = START) => plan(desired({ rolling: v3 }), observed, now)

  it('runs alone, before anything else of its release', () => {
    assert.deepEqual(steps(at([]), 'start'), [{ do: 'start', dyno: command }])
    const running = at([seen(command)])
    assert.deepEqual(steps(running, 'start'), [])
    assert.deepEqual(steps(running, 'wait'), [{ do: 'wait', until: START + minutes(60) }])
  })

  it('lets the release go on when it ends well, and is remembered until the release has ended', () => {
    const all = at([seen(command, exited(0))])
    assert.deepEqual(
      steps(all, 'start').map(step => step.dyno.name),
      ['web.1'],
    )
    assert.deepEqual(steps(all, 'forget'), [])
  })

  for (const [title, dyno, now, reason] of [
    ['fails', seen(command, exited(3)), START, 'the release command exited with status 3'],
    [
      'is stopped',
      seen(command, { ...exited(0), exitStatus: null }),
      START,
      'the release command was stopped',
    ],
    ['takes too long', seen(command), START + minutes(60), 'the release command did not end within 60 min'],
  ] as const) {
    it(`fails the release when it ${title}`, () => {
      assert.deepEqual(steps(at([dyno], now), 'fail'), [
        { do: 'fail', releaseId: 'r3', phase: 'command', reason },
      ])
    })
  }

  it('is ended when somebody asks for that, and has failed then, whatever its status', () => {
    const asked = (dyno: SeenDyno) =>
      plan(desired({ rolling: v3, isCommandStopAsked: true }), [dyno], START + minutes(1))
    assert.deepEqual(steps(asked(seen(command)), 'stop'), [
      { do: 'stop', dynoId: command.id, grace: seconds(30), why: 'asked' },
    ])
    assert.deepEqual(steps(asked(seen(command, { state: 'stopping' })), 'stop'), [])
    assert.deepEqual(steps(asked(seen(command, exited(0))), 'fail'), [
      { do: 'fail', releaseId: 'r3', phase: 'command', reason: 'the release command was stopped' },
    ])
  })

  it('waits until that of another release is gone', () => {
    const other = releaseDyno(target(2, { web: 1 }, 'migrate'))
    const all = at([seen(other, { state: 'stopping' })])
    assert.deepEqual(steps(all, 'start'), [])
    assert.deepEqual(steps(at([seen(other, exited(143))]), 'start'), [{ do: 'start', dyno: command }])
  })

  it('is stopped when its release has failed meanwhile', () => {
    const all = plan(desired({ serving: v1 }), [seen(old), seen(command)], START)
    assert.deepEqual(steps(all, 'retire'), [{ do: 'retire', dynoId: command.id }])
  })
})

describe('a one-off dyno', () => {
  const dyno: WantedDyno = {
    ...old,
    id: 'run',
    kind: 'run',
    type: 'run',
    number: 1234,
    name: 'run.1234',
    command: 'bash',
  }
  const at = (observed: readonly SeenDyno[], changes = {}) =>
    plan(
      desired({ oneOffs: [{ ...dyno, isStopAsked: false, hasEnded: false, ...changes }] }),
      observed,
      START,
    ).filter(step => step.do !== 'route')

  for (const [title, observed, changes, expected] of [
    ['is started', [], {}, [{ do: 'start', dyno }]],
    ['is left alone while it runs', [seen(dyno)], {}, []],
    [
      'is reported when it ended',
      [seen(dyno, exited(7))],
      {},
      [{ do: 'ended', dynoId: 'run', exitStatus: 7 }],
    ],
    [
      'is forgotten after that',
      [seen(dyno, exited(7))],
      { hasEnded: true },
      [{ do: 'forget', dynoIds: ['run'] }],
    ],
    [
      'is stopped when asked',
      [seen(dyno)],
      { isStopAsked: true },
      [{ do: 'stop', dynoId: 'run', grace: seconds(30), why: 'asked' }],
    ],
    [
      'never starts when it was stopped before',
      [],
      { isStopAsked: true },
      [{ do: 'ended', dynoId: 'run', exitStatus: 143 }],
    ],
    ['never starts again', [], { hasEnded: true }, []],
  ] as const) {
    it(title, () => assert.deepEqual(at(observed, changes), expected))
  }
})
