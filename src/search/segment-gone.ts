/** What a search was reading is no longer there: a merge has taken its place meanwhile. */
export class SegmentGone extends Error {
  override readonly name = 'SegmentGone';
}
