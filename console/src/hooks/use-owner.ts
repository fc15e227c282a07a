import { useEffect, useState } from 'preact/hooks';
import type { CallOwner } from '../../../src/runtime/calls.ts';
import { callNow } from '../api.ts';

/** Who runs a call; asked anew when its log tells of another owner than was `known` at first. */
export function useOwner(callKey: string, epoch: number, known: CallOwner | undefined): CallOwner | undefined {
  const [later, setLater] = useState<CallOwner>();
  const isNews = known !== undefined && epoch > known.epoch;
  useEffect(() => {
    if (!isNews) return undefined;
    let isOver = false;
    const ask = async () => {
      const { call } = await callNow(callKey);
      if (!isOver) setLater(call.owner);
    };
    void ask().catch(() => undefined);
    return () => {
      isOver = true;
    };
  }, [callKey, epoch, isNews]);
  return isNews ? later : known;
}
