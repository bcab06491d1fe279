/// Average precision of scores against labels:
///
/// ```
/// Σ_n (R_n − R_{n−1}) P_n
/// ```
///
/// over the distinct scores in descending order, R_n and P_n the recall and the precision of all that
/// score at least as much: equal scores count together. Without a positive label it is 0.
///
/// - Parameters:
///   - scores: The scores, in any unit; larger means more likely positive.
///   - labels: Whether each is positive.
/// - Returns: A number in [0, 1].
/// - Complexity: O(n log n)
public func averagePrecision(_ scores: [Float], _ labels: [Bool]) -> Double {
  precondition(
    scores.count == labels.count,
    "averagePrecision: \(scores.count) scores, \(labels.count) labels")
  let positives = labels.count { $0 }
  if positives == 0 { return 0 }
  let order = scores.indices.sorted { scores[$0] > scores[$1] }
  var (found, seen, precisions) = (0, 0, 0.0)
  var start = 0
  while start < order.count {
    var end = start
    var gained = 0
    while end < order.count, scores[order[end]] == scores[order[start]] || end == start {
      if labels[order[end]] { gained += 1 }
      end += 1
    }
    (found, seen) = (found + gained, end)
    precisions += Double(gained) / Double(positives) * Double(found) / Double(seen)
    start = end
  }
  return precisions
}
