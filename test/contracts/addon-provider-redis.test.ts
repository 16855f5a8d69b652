import { describe } from 'node:test'
import { withoutRedis } from '../support/redis.ts'
import { describeProvider } from './addon-provider.ts'
import { redisWorld, sharedWorld } from './addon-provider-redis.ts'

describe('Redis', { skip: withoutRedis }, () => {
  describeProvider('Redis, a server for each', t => redisWorld(t))
  describeProvider('Redis, a database for each', t => sharedWorld(t))
})
