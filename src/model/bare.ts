/** The record without what all objects inherit: nobody who looks a name up is to find `constructor`. */
export function bare<Value>(record: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.assign(Object.create(null), record);
}
