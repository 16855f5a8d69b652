import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type ControlPlane, type Machine, PlanInterpreter, RestartedReconciler } from './control-plane.ts'
import { everything, type Happening, releasesOnly } from './history.ts'
import { Simulation } from './simulation.ts'

/** Set to look for longer, or to repeat a failure: `SIMULATION_RUNS=5000`, `SIMULATION_SEED=42`. */
const { SIMULATION_RUNS, SIMULATION_SEED } = process.env
const options = {
  numRuns: Number(SIMULATION_RUNS ?? 20),
  ...(SIMULATION_SEED !== undefined && { seed: Number(SIMULATION_SEED) }),
}

for (const [name, control] of [
  ['the plan by itself', (machine: Machine) => new PlanInterpreter(machine)],
  ['the reconciler', (machine: Machine) => new RestartedReconciler(machine)],
] as const) {
  describe(`a simulated platform under ${name}`, () => {
    it('keeps its promises whatever is released, dies and is killed, and never takes down what serves', async () => {
      await fc.assert(
        fc.asyncProperty(releasesOnly, history => simulate(control, history, true)),
        options,
      )
    })

    it('keeps its promises while people scale, restart and stop dynos', async () => {
      await fc.assert(
        fc.asyncProperty(everything, history => simulate(control, history, false)),
        options,
      )
    })
  })
}

async function simulate(
  control: (machine: Machine) => ControlPlane,
  history: readonly Happening[],
  guardsServing: boolean,
): Promise<void> {
  await using simulation = await Simulation.open(control)
  if (guardsServing) simulation.guardServing()
  await simulation.play(history)
}
