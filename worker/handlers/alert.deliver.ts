import { defineHandler, PermanentError } from '@jobyard/handler'
import { parseAllowList } from '@/server/engine/domain/destination'
import { DELIVERY_TYPE, deliveryParameters } from '@/server/engine/domain/alerts/message'
import { targetText } from '@/server/engine/domain/alerts/targets'
import { sendMail } from './alert/mail'
import { callWebhook } from './alert/webhook'

/**
 * Delivers a message about alerts to one target: a webhook or mail (rule 4.52). Only the engine submits these jobs. A
 * webhook is called under the same protections as by `http.request`.
 */
export default defineHandler({
  key: DELIVERY_TYPE,
  // It only waits for the network.
  isolated: false,
  schema: deliveryParameters,
  jobType: {
    displayName: 'Alert message',
    description: 'Delivers a message about alerts to a webhook or by mail. Jobyard itself submits these jobs.',
    title: '{message.title}',
    requiredRole: 'ADMIN',
    timeoutSeconds: 30,
    // 15, 30, 60, 120 and 240 seconds: a target that is away for some minutes gets the message all the same.
    maxRetries: 5,
    backoffBaseSeconds: 15,
    backoffCapSeconds: 300,
    dedupeWindowSeconds: 0,
    // A little longer than the history of deliveries, which takes from these jobs what became of a message.
    retentionDays: 100,
    parameterSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      required: ['target', 'signingSecret', 'message'],
      properties: {
        target: { type: 'object', title: 'Target', 'x-sensitive': true },
        signingSecret: { type: 'string', title: 'Signing secret', 'x-sensitive': true },
        message: { type: 'object', title: 'Message' },
      },
    },
  },
  async run({ target, signingSecret, message }, ctx) {
    if (ctx.job.jobType !== DELIVERY_TYPE)
      throw new PermanentError(`The handler ${DELIVERY_TYPE} works for the job type ${DELIVERY_TYPE} alone.`)
    const { mail, allow, dashboard } = ctx.messages
    if (target.type === 'mail')
      await sendMail(target.to, message, { mail, dashboard, signal: ctx.signal, logFailure: ctx.log.warn })
    else
      await callWebhook(target, message, { signingSecret, allow: parseAllowList(allow), dashboard, signal: ctx.signal })
    ctx.log.info(`Delivered: ${targetText(target)}`)
    return { delivered: true }
  },
})
