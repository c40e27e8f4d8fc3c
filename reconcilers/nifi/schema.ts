import { z } from 'zod'

export const flowSchema = z.strictObject({})
export const contextSchema = z.strictObject({})
export const flowName = z.string()
export const contextName = z.string()
export type WrittenFlow = z.output<typeof flowSchema>
export type WrittenContext = z.output<typeof contextSchema>
