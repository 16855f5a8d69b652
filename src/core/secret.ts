/** A value that must not be seen: it prints as `[sealed]` wherever it is shown, logged or serialised. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself. Each call is a place to justify. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[sealed]'
  }

  toJSON(): string {
    return '[sealed]'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[sealed]'
  }
}
