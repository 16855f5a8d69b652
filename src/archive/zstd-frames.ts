import { Transform, type TransformCallback } from 'node:stream'
import { createZstdDecompress, type ZstdDecompress } from 'node:zlib'

/**
 * Unpacks Zstandard of any number of frames. Node's own stream is over with the first frame that ends within a chunk,
 * and drops the rest without a word; so each such rest gets a stream of its own.
 */
export class ZstdFrames extends Transform {
  #frames = this.#begin()

  override _transform(chunk: Buffer, encoding: BufferEncoding, done: TransformCallback): void {
    const frames = this.#frames
    const before = frames.bytesWritten
    frames.write(chunk, error => {
      // An error is told by the event, and once is enough.
      if (error) return
      const taken = frames.bytesWritten - before
      if (taken === chunk.length) return done()
      const goOn = () => {
        this.#frames = this.#begin()
        this._transform(chunk.subarray(taken), encoding, done)
      }
      if (frames.readableEnded) goOn()
      else frames.once('end', goOn)
    })
  }

  override _flush(done: TransformCallback): void {
    this.#frames.once('end', () => done()).end()
  }

  override _read(size: number): void {
    this.#frames.resume()
    super._read(size)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#frames.destroy()
    done(error)
  }

  #begin(): ZstdDecompress {
    const frames = createZstdDecompress()
    frames.on('data', chunk => {
      if (!this.push(chunk)) frames.pause()
    })
    return frames.on('error', error => this.destroy(error))
  }
}
