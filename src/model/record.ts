/** Sets a key of a record whose keys come from files, where one may be called `__proto__`. */
export function setKey<Value>(record: Record<string, Value>, key: string, value: Value): void {
  if (key !== '__proto__') record[key] = value;
  else Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}
