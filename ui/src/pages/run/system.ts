/** Metrics of the machine and the process have a namespace of their own, in Aim 3 too. */
export const isSystem = (name: string): boolean => /^(__system__|system)[./_]/.test(name);
