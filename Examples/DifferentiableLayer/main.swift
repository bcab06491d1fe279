// A convex problem as the last layer of a small model, trained by gradient descent.
//
//   s = W f                                                      scores from features
//   x(s) = argmin ½ ‖x − s‖²  subject to  Σ x = 1, 0 ≤ x ≤ 0.6   shares, none above 60 %
//   loss = ½ mean ‖x − target‖²
//
// The derivative is that of the optimality conditions at the solution; no iteration is unrolled.

import ConvexKit
import Foundation

let s = Parameter(4, name: "s")
let x = Variable(4, .nonnegative, name: "x")
let problem = try Problem(
  minimize: 0.5 * sumSquares(x - s), subjectTo: [sum(x) == 1, x <= 0.6])
let layer = try ConvexLayer(problem, parameters: [s], variables: [x])

// Twelve samples of three features, and the shares that a hidden W makes of them.
var random = SeededGenerator(seed: 2)
let features = (0..<12).map { _ in Vector((0..<3).map { _ in random.normal() }) }
let hidden = Matrix<Double>(rows: 4, columns: 3) { _, _ in 0.3 * random.normal() }

func forward(_ W: Matrix<Double>) -> ConvexLayerBatch {
  layer.solve(features.map { [(W * $0).matrix] })
}
let targets = forward(hidden).samples.map { $0.values[0].vector }

func loss(_ batch: ConvexLayerBatch) -> Double {
  zip(batch.samples, targets).reduce(0) { sum, pair in
    let error = pair.0.values[0].vector - pair.1
    return sum + 0.5 * error.dot(error) / Double(targets.count)
  }
}

/// dW = Σ ds fᵀ, where ds is what the layer makes of dx = (x − target) / n.
func gradient(_ batch: ConvexLayerBatch) throws -> Matrix<Double> {
  let cotangents = zip(batch.samples, targets).map { sample, target in
    [(1 / Double(targets.count) * (sample.values[0].vector - target)).matrix]
  }
  let scores = try batch.pullBack(cotangents).map { try $0.get().parameters[0].vector }
  return Matrix(rows: 4, columns: 3) { i, j in
    zip(scores, features).reduce(0) { $0 + $1.0[i] * $1.1[j] }
  }
}

var W = Matrix<Double>(rows: 4, columns: 3) { _, _ in 0.1 * random.normal() }

// Central differences first: a gradient that is wrong trains, too, only worse.
let h = 1e-5
let exact = try gradient(forward(W))
var largest = 0.0
for k in W.elements.indices {
  var (up, down) = (W, W)
  up.elements[k] += h
  down.elements[k] -= h
  let difference = (loss(forward(up)) - loss(forward(down))) / (2 * h)
  largest = max(largest, abs(exact.elements[k] - difference))
}
print(String(format: "gradient and central differences differ by %.1e", largest))

for epoch in 0...80 {
  let batch = forward(W)
  let worst = batch.samples.compactMap { $0.residuals?.largest }.max() ?? .nan
  if epoch % 20 == 0 {
    print(String(format: "epoch %3d  loss %.3e  worst residual %.0e", epoch, loss(batch), worst))
  }
  let dW = try gradient(batch)
  for k in W.elements.indices { W.elements[k] -= 2 * dW.elements[k] }
}
