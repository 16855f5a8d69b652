import { describe } from 'node:test'
import { withoutRedis } from '../support/redis.ts'
import { replayAddons } from './addons.ts'

if (withoutRedis === false) await replayAddons(['addons'])
else describe('the official CLI works unmodified with add-ons', { skip: withoutRedis })
