import { Option, SegmentView } from '../../src/model/segment.ts';

/** A segment of which only `fields` are told. */
export function view(fields: Partial<SegmentView>): SegmentView {
  return Object.assign(new SegmentView(), fields);
}

/** One with timestamps. */
export function stamped(tsVal: number, fields: Partial<SegmentView> = {}): SegmentView {
  return view({ options: Option.TIMESTAMPS, tsVal, ...fields });
}
