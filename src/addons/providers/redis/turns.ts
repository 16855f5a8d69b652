/** Lets one task of a name run at a time, in the order they came. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  take<T>(name: string, task: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(name) ?? Promise.resolve()).then(task)
    const over = turn.then(
      () => {},
      () => {},
    )
    this.#last.set(name, over)
    void over.then(() => {
      if (this.#last.get(name) === over) this.#last.delete(name)
    })
    return turn
  }
}
