/** System metrics have their own namespace, as in Aim 3. */
export const isSystem = (name: string): boolean => /^(__system__|system)[./_]/.test(name);
